"""The report on the law in words: a verdict a claim, and what the pictures do not show."""

import math

from blend.evaluation.resample import Estimate
from blend.scaling.pair_gain import BOTH, FAMILIES, SEEDS, SIZES, GainByRelation
from blend.scaling.report import ACROSS, FAMILY, SINGLE, ScalingReport

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


def floors(report: ScalingReport) -> str:
    """Whether pools have a lower floor than single models."""
    differences = [d for d in report.differences if d.first == SINGLE]
    if not differences:
        reasons = "; ".join(f"of {fit.kind}, {fit.reason}" for fit in report.fits if fit.reason)
        return f"It cannot be told: {reasons}."
    clauses = "; ".join(
        f"that of {d.second} is {below(d.floor)} that of single models: "
        f"{_verdict(d.floor, 'it is lower', 'it is higher')}"
        for d in differences
    )
    return f"Of the fitted floors, {clauses}."


def steepness(report: ScalingReport) -> str:
    """Whether the loss of pools falls more steeply."""
    clauses = "; ".join(
        f"for {d.second} α differs by {d.exponent:+.2f} from that of single models: "
        f"{_verdict(d.exponent, 'steeper', 'flatter')}"
        for d in report.differences
        if d.first == SINGLE
    )
    if not clauses:
        return "Without two laws this cannot be told."
    return f"{clauses[0].upper()}{clauses[1:]}."


def diversity(report: ScalingReport) -> str:
    """Whether members of different families gain more than members of one."""
    sentences = _by_pairs({kind.name: kind for kind in report.kinds})
    for d in report.differences:
        if (d.first, d.second) == (FAMILY, ACROSS):
            verdict = _verdict(d.floor, "it is lower", "it is higher")
            sentences += (
                f" The fitted floor of pools across families is {below(d.floor)} that of "
                f"pools of one family: {verdict}."
            )
    return sentences.strip() or (
        "It takes two of one family and one size, and another family, to tell."
    )


def blended(report: ScalingReport) -> str:
    """Where Blended lies, of the last pool in the report: a blend, or the largest."""
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


def below(lower: Estimate) -> str:
    """By how much something is lower, and as higher where the number is below zero."""
    return _signed(lower, ".3f", "bits per byte below", "bits per byte above")


def _signed(difference: Estimate, form: str, more: str, less: str) -> str:
    if difference.value >= 0:
        return f"{difference:{form}} {more}"
    return f"{Estimate(-difference.value, -difference.high, -difference.low):{form}} {less}"


def _verdict(difference: Estimate, yes: str, no: str) -> str:
    """Which of the two the interval of a difference says, or neither."""
    if difference.low > 0:
        return yes
    return no if difference.high < 0 else "that cannot be told"


def _by_pairs(kinds: dict[str, GainByRelation]) -> str:
    """What two of one size gain, of one family and of two; empty where one of these is lacking."""
    if SEEDS not in kinds or FAMILIES not in kinds:
        return ""
    alike, unlike = kinds[SEEDS], kinds[FAMILIES]
    sentences = (
        f"Two models of one size and two families gain {unlike.gain:.4f} bits per byte "
        f"over the better one, two of one size and one family {alike.gain:.4f}: "
        f"{_more(unlike)}, {_verdict(unlike.beyond, 'diversity helps', 'diversity harms')}; "
        f"{min(1, alike.gain.value / unlike.gain.value):.0%} of the gain needs no other family."
    )
    two = [kind for name, kind in kinds.items() if name not in (SEEDS, SIZES, FAMILIES, BOTH)]
    if len({_verdict(kind.beyond, "more", "less") for kind in two}) > 1:
        # The mean over families hides that they differ in what can be said of them.
        least, *_, most = sorted(two, key=lambda kind: kind.beyond.value)
        sentences += (
            f" It depends on which: {most.name} gain {_more(most)} than one family, "
            f"{least.name} {_more(least)}."
        )
    return sentences


def _more(kind: GainByRelation) -> str:
    return _signed(kind.beyond, ".4f", "more", "less")
