"""The report on the law in words: a verdict a claim, and what the pictures do not show.

Each verdict takes a `say`, which makes a sentence of its name and values: here in English, so that
a site can say the same in another language.
"""

import math
from collections.abc import Callable

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


SENTENCES = {
    "untold": "It cannot be told: {reasons}.",
    "no_fit": "of {kind}, {reason}",
    "no_fit_row": "no fit: {reason}",
    "note": "{note}",
    "floors": "Of the fitted floors, {clauses}.",
    "floor_below": "that of {kind} is {by:.3f} bits per byte below that of single models: "
    "{verdict}",
    "floor_above": "that of {kind} is {by:.3f} bits per byte above that of single models: "
    "{verdict}",
    "lower": "it is lower",
    "higher": "it is higher",
    "unclear": "that cannot be told",
    "no_laws": "Without two laws this cannot be told.",
    "exponent": "for {kind} α differs by {by:+.2f} from that of single models: {verdict}",
    "steeper": "steeper",
    "flatter": "flatter",
    "across_below": "The fitted floor of pools across families is {by:.3f} bits per byte below "
    "that of pools of one family: {verdict}.",
    "across_above": "The fitted floor of pools across families is {by:.3f} bits per byte above "
    "that of pools of one family: {verdict}.",
    "no_families": "It takes two of one family and one size, and another family, to tell.",
    "gains": "Two models of one size and two families gain {unlike:.4f} bits per byte over the "
    "better one, two of one size and one family {alike:.4f}: {more}, {verdict}; {share:.0%} of the "
    "gain needs no other family.",
    "more": "{by:.4f} more",
    "less": "{by:.4f} less",
    "helps": "diversity helps",
    "harms": "diversity harms",
    "depends": "It depends on which: {most} gain {more} than one family, {least} {less}.",
    "blended": "{name} needs {blended:.3f} bits per byte: {rest}",
    "blended_pool": "As Blended, a pool of {n} needs, on average, {blended:.3f} bits per byte: "
    "{rest}",
    "blended_rest": "the oracle {oracle:.3f}, the members' mean {mean:.3f}, the best member "
    "{best:.3f}. It lies {share:.0%} of the way from oracle to mean, {gap:.2f} nats a reply above "
    "the oracle, where log {n} = {most:.2f} is the most there can be.",
}
"""What the verdicts say, by name."""

Say = Callable[..., str]
"""Makes a sentence of SENTENCES of its name and its values, of which `kind`, `most` and `least` are
kinds of pools and pairs, `reason` and `note` sentences of `power_law.REASONS`."""


def english(name: str, /, **values: object) -> str:
    """The sentence of that name in English."""
    return SENTENCES[name].format(**values)


def floors(report: ScalingReport, say: Say = english) -> str:
    """Whether pools have a lower floor than single models."""
    differences = [d for d in report.differences if d.first == SINGLE]
    if not differences:
        fits = [fit for fit in report.fits if fit.reason]
        reasons = "; ".join(say("no_fit", kind=fit.kind, reason=fit.reason) for fit in fits)
        return say("untold", reasons=reasons)
    clauses = "; ".join(
        say(
            f"floor_{_side(d.floor)}",
            kind=d.second,
            by=abs(d.floor),
            verdict=say(_verdict(d.floor, "lower", "higher")),
        )
        for d in differences
    )
    return say("floors", clauses=clauses)


def steepness(report: ScalingReport, say: Say = english) -> str:
    """Whether the loss of pools falls more steeply."""
    clauses = "; ".join(
        say(
            "exponent",
            kind=d.second,
            by=d.exponent,
            verdict=say(_verdict(d.exponent, "steeper", "flatter")),
        )
        for d in report.differences
        if d.first == SINGLE
    )
    return f"{clauses[0].upper()}{clauses[1:]}." if clauses else say("no_laws")


def diversity(report: ScalingReport, say: Say = english) -> str:
    """Whether members of different families gain more than members of one."""
    sentences = _by_pairs({kind.name: kind for kind in report.kinds}, say)
    for d in report.differences:
        if (d.first, d.second) == (FAMILY, ACROSS):
            verdict = say(_verdict(d.floor, "lower", "higher"))
            name = f"across_{_side(d.floor)}"
            sentences.append(say(name, by=abs(d.floor), verdict=verdict))
    return " ".join(sentences) or say("no_families")


def blended(report: ScalingReport, say: Say = english) -> str:
    """Where Blended lies, of the last pool in the report: a blend, or the largest."""
    pool = report.between[-1]
    share = (pool.blended - pool.oracle) / max(pool.mean - pool.oracle, 1e-12)
    losses = {"oracle": pool.oracle, "mean": pool.mean, "best": pool.best, "gap": pool.gap}
    most = math.log(pool.members)
    rest = say("blended_rest", **losses, share=share, n=pool.members, most=most)
    if pool.name.startswith("of "):
        return say("blended_pool", n=pool.members, blended=pool.blended, rest=rest)
    return say("blended", name=pool.name, blended=pool.blended, rest=rest)


def _side(lower: Estimate) -> str:
    """Whether something that is lower by so much lies below, or above."""
    return "below" if lower.value >= 0 else "above"


def _verdict(difference: Estimate, yes: str, no: str) -> str:
    """Which of the two the interval of a difference says, or neither."""
    return {"above": yes, "below": no, "": "unclear"}[difference.side()]


def _by_pairs(kinds: dict[str, GainByRelation], say: Say) -> list[str]:
    """What two of one size gain, of one family and of two; empty where one of these is lacking."""
    if SEEDS not in kinds or FAMILIES not in kinds:
        return []
    alike, unlike = kinds[SEEDS], kinds[FAMILIES]
    sentences = [
        say(
            "gains",
            unlike=unlike.gain,
            alike=alike.gain,
            more=_more(unlike, say),
            verdict=say(_verdict(unlike.beyond, "helps", "harms")),
            share=min(1, alike.gain.value / unlike.gain.value),
        )
    ]
    two = [kind for name, kind in kinds.items() if name not in (SEEDS, SIZES, FAMILIES, BOTH)]
    if len({_verdict(kind.beyond, "more", "less") for kind in two}) > 1:
        # The mean over families hides that they differ in what can be said of them.
        least, *_, most = sorted(two, key=lambda kind: kind.beyond.value)
        of = {"most": most.name, "more": _more(most, say), "least": least.name}
        sentences.append(say("depends", **of, less=_more(least, say)))
    return sentences


def _more(kind: GainByRelation, say: Say) -> str:
    return say("more" if kind.beyond.value >= 0 else "less", by=abs(kind.beyond))
