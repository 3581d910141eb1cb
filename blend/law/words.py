"""The report on the law in words: a verdict a claim, and what the pictures do not show."""

import math
from collections.abc import Iterator, Sequence

from blend.law.gain import BOTH, FAMILIES, SEEDS, SIZES, Kind
from blend.law.report import ACROSS, FAMILY, SINGLE, Report
from blend.resample import Estimate

LIMITS = {
    "frontier": "What this does not show: what a pool says. The oracle looks at the reply before "
    "it picks a member, which nobody can do who has yet to write it; and it falls with every "
    "member, be it the same model with another seed. Intervals are of other conversations, not of "
    "other models of the same sizes.",
    "pairs": "What this does not show: pools of three and more. Part of every gain is luck: two "
    "seeds of one model gain as well.",
    "between": "What this does not show: how good one drawn reply is, for which the members' mean "
    "stands. Blended's loss is that of its chances for words that somebody else wrote, at "
    "temperature 1; served, members are sampled cooler.",
}


def below(lower: Estimate) -> str:
    """By how much something is lower, and as higher where the number is below zero."""
    return _signed(lower, ".3f", "bits per byte below", "bits per byte above")


def _signed(found: Estimate, form: str, more: str, less: str) -> str:
    if found.value >= 0:
        return f"{found:{form}} {more}"
    return f"{Estimate(-found.value, -found.high, -found.low):{form}} {less}"


def told(found: Estimate, yes: str, no: str) -> str:
    """Which of the two the interval of a difference says, or neither."""
    if found.low > 0:
        return yes
    return no if found.high < 0 else "that cannot be told"


def verdicts(report: Report) -> Iterator[str]:
    """One paragraph for each of the law's claims, and where Blended stands."""
    yield f"**A lower floor of pools?** {floors(report)}"
    yield f"**A steeper fall?** {steepness(report)}"
    yield f"**Does diversity help?** {diversity(report)}"
    yield f"**Blended.** {blended(report)}"


def floors(report: Report) -> str:
    """Whether pools have a lower floor than single models."""
    differences = [d for d in report.differences if d.first == SINGLE]
    if not differences:
        said = "; ".join(f"of {fit.kind}, {fit.reason}" for fit in report.fits if fit.reason)
        return f"It cannot be told: {said}."
    said = "; ".join(
        f"that of {d.second} is {below(d.floor)} that of single models: "
        f"{told(d.floor, 'it is lower', 'it is higher')}"
        for d in differences
    )
    return f"Of the fitted floors, {said}."


def steepness(report: Report) -> str:
    """Whether the loss of pools falls more steeply."""
    differences = [d for d in report.differences if d.first == SINGLE]
    if not differences:
        return "Without two laws this cannot be told."
    said = "; ".join(
        f"for {d.second} α differs by {d.exponent:+.2f} from that of single models: "
        f"{told(d.exponent, 'steeper', 'flatter')}"
        for d in differences
    )
    return f"{said[0].upper()}{said[1:]}."


def diversity(report: Report) -> str:
    """Whether members of different families gain more than members of one."""
    said = list(filter(None, (_by_pairs(report), _by_floors(report))))
    return " ".join(said) or "It takes two of one family and one size, and another family, to tell."


def _by_pairs(report: Report) -> str:
    kinds = {kind.name: kind for kind in report.kinds}
    if SEEDS not in kinds or FAMILIES not in kinds:
        return ""
    alike, unlike = kinds[SEEDS], kinds[FAMILIES]
    verdict = told(unlike.beyond, "diversity helps", "diversity harms")
    return (
        f"Two models of one size and two families gain {unlike.gain:.4f} bits per byte "
        f"over the better one, two of one size and one family {alike.gain:.4f}: "
        f"{_more(unlike.beyond)}, {verdict}; "
        f"{min(1, alike.gain.value / unlike.gain.value):.0%} of the gain needs no other family."
        f"{_which(list(kinds.values()))}"
    )


def _more(beyond: Estimate) -> str:
    return _signed(beyond, ".4f", "more", "less")


def _which(kinds: Sequence[Kind]) -> str:
    """The two families that gain most beyond one, and the two that gain least, where they differ
    in what can be said of them: the mean over families hides that."""
    general = {SEEDS, SIZES, FAMILIES, BOTH}
    two = sorted((k for k in kinds if k.name not in general), key=lambda k: -k.beyond.value)
    verdicts = {told(k.beyond, "more", "less") for k in two}
    if len(verdicts) < 2:
        return ""
    most, least = two[0], two[-1]
    return (
        f" It depends on which: {most.name} gain {_more(most.beyond)} than one family, "
        f"{least.name} {_more(least.beyond)}."
    )


def _by_floors(report: Report) -> str:
    for d in report.differences:
        if (d.first, d.second) == (FAMILY, ACROSS):
            verdict = told(d.floor, "it is lower", "it is higher")
            return (
                f"The fitted floor of pools across families is {below(d.floor)} that of "
                f"pools of one family: {verdict}."
            )
    return ""


def blended(report: Report) -> str:
    """Where Blended lies, of the last pool that is told: a blend, or the largest."""
    pool = report.between[-1]
    share = (pool.blended - pool.oracle) / max(pool.mean - pool.oracle, 1e-12)
    of_size = pool.name.startswith("of ")
    name = f"As Blended, a pool {pool.name} needs, on average," if of_size else f"{pool.name} needs"
    return (
        f"{name} {pool.blended:.3f} bits per byte: the oracle {pool.oracle:.3f}, the members' mean "
        f"{pool.mean:.3f}, the best member {pool.best:.3f}. It lies {share:.0%} of the way from "
        f"oracle to mean, {pool.gap:.2f} nats a reply above the oracle, where "
        f"log {pool.members} = {math.log(pool.members):.2f} is the most there can be."
    )
