"""A fitted policy, or the value of one, for a terminal."""

from collections.abc import Mapping

from blend.evaluation.fit_policy import PolicyFit
from blend.evaluation.off_policy import PolicyValue
from blend.evaluation.resample import Estimate


def fit_report(fitted: PolicyFit) -> str:
    """What was fitted: each member's rate, the calibration, the values, and what to make of it."""
    lines = [
        f"{'member':28}{'turns':>10}{'mean reward':>14}",
        *(f"{m:28}{n:>10,}{mean:>14.3f}" for m, (n, mean) in fitted.rates.items()),
        "",
        "calibration, on conversations that the model had not seen",
        f"{'':28}{'turns':>10}{'expected':>14}{'came':>10}",
        *(f"{'':28}{b.turns:>10,}{b.expected:>14.3f}{b.came:>10.3f}" for b in fitted.calibration),
        "",
        value_table(fitted.values),
        "",
        f"learned above uniform: {signed_interval(fitted.advantage)}",
    ]
    if not fitted.policy.inverse_temperature:
        lines.append("Nothing was found that surely beats uniform draws: the policy is uniform.")
    return "\n".join([*lines, *fitted.values["learned"].warnings])


def value_table(of: Mapping[str, PolicyValue]) -> str:
    """Values of policies as a table: the mean reward of a turn, by three methods."""
    logged = next(iter(of.values())).logged
    lines = [
        f"the mean reward of a turn, with 95 % intervals by conversation; as logged: {logged:.3f}",
        f"{'policy':16}{'IPS':>21}{'SNIPS':>21}{'DR':>21}{'effective turns':>18}",
    ]
    for name, value in of.items():
        cells = [
            f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]"
            for each in (value.ips, value.snips, value.dr)
        ]
        columns = "".join(f"{cell:>21}" for cell in cells)
        lines.append(f"{name:16}{columns}{value.effective:>18,.0f}")
    return "\n".join(lines)


def signed_interval(of: Estimate) -> str:
    """A difference with its interval."""
    return f"{of.value:+.3f} [{of.low:+.3f}, {of.high:+.3f}]"
