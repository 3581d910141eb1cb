"""The hand-off matrix in words; as in `blend.scaling.verdicts`, a site can say them otherwise."""

from collections.abc import Sequence

from blend.scaling.handoff.report import (
    PEOPLE,
    HandoffEffect,
    HandoffPreferences,
    HandoffReport,
)
from blend.scaling.verdicts import Say

SENTENCES = {
    "costs": "A hand-off from one member to another costs {by:.4f} bits per byte, on average.",
    "gains": "A hand-off from one member to another gains {by:.4f} bits per byte, on average.",
    "untold": "Whether a hand-off from one member to another costs anything cannot be told: "
    "{by:+.4f} bits per byte, on average.",
    "none_found": "Of {pairs} pairs, none differs clearly.",
    "found": "Of {pairs} pairs, it clearly costs in {costs} and gains in {gains}.",
    "most": "It costs most where {later} follows {earlier}.",
    "people_cost": "After people's own replies, members lose more than after those of members.",
    "people_gain": "After people's own replies, members lose less than after those of members.",
    "earlier_most": "It is hardest to go on after replies of {name}, {by:+.4f} bits per byte "
    "beside the mean, and easiest after those of {least}, {under:+.4f}.",
    "earlier_alike": "After whose replies it is hard to go on cannot be told.",
    "later_most": "{name} loses most when it goes on after others, {by:+.4f} beside the mean, and "
    "{least} loses least, {under:+.4f}.",
    "later_alike": "Which member loses most when it goes on after others cannot be told.",
    "explained": "Both effects make up {share:.0%} of the variance between pairs, its noise "
    "included.",
    "prefers_own": "{judge} as the judge prefers what a member says after its own replies in "
    "{share:.1%} of all comparisons, both alike counted half: by this judge a hand-off makes "
    "replies worse.",
    "prefers_other": "{judge} as the judge prefers what a member says after its own replies in "
    "{share:.1%} of all comparisons, both alike counted half: by this judge a hand-off makes "
    "replies better.",
    "prefers_neither": "{judge} as the judge prefers what a member says after its own replies in "
    "{share:.1%} of all comparisons, both alike counted half: by this judge no difference can be "
    "told.",
    "judge_swayed": "The order decided most verdicts of {judge} as the judge, so they say little "
    "of hand-offs.",
    "judge_blind": "{judge} as the judge gave no answer that can be read.",
    "pairs_found": "Of {pairs} pairs, it clearly prefers own replies in {own} and the others in "
    "{other}.",
    "about_judge": "It was asked about {judged} pairs of replies in both orders: {unreadable:.0%} "
    "cannot be read, {torn:.0%} of the rest are decided by the order alone, and it leans to the "
    "first shown by {lean:+.2f}, on a scale from -1 to 1.",
    "same_words": "{alike} more have the same words, and count half.",
}
"""What the verdicts say, by name."""

NOTES = {
    "few": "Only {conversations} conversations: too few to trust the intervals.",
    "two": "With two members, how they differ after people decides what is the earlier one's and "
    "what the later one's, and nothing is left to the pair: take a third to check that.",
}
"""What makes the figures doubtful, by name; a report has them in English."""


def english(name: str, /, **values: object) -> str:
    """The sentence of that name in English."""
    return SENTENCES[name].format(**values)


def matrix(report: HandoffReport, say: Say = english) -> str:
    """What a hand-off costs on average, and which pairs differ."""
    if side := report.mean.side():
        first = say("costs" if side == "above" else "gains", by=abs(report.mean))
    else:
        first = say("untold", by=report.mean)
    drifts = [cell for cell in report.cells if cell.drift and cell.earlier != PEOPLE]
    found = sorted((c for c in drifts if c.found), key=lambda cell: cell.drift.value)
    if not found:
        return f"{first} {say('none_found', pairs=len(drifts))}"
    costs = sum(cell.drift.value > 0 for cell in found)
    counts = say("found", pairs=len(drifts), costs=costs, gains=len(found) - costs)
    most = say("most", later=found[-1].later, earlier=found[-1].earlier) if costs else ""
    return f"{first} {counts} {most}".rstrip()


def effects(report: HandoffReport, say: Say = english) -> str:
    """Whose doing the drifts are: the earlier one's, the later one's, and how much both explain."""
    members = [each for each in report.earlier if each.name != PEOPLE]
    sentences = [_extremes("earlier", members, say), _extremes("later", report.later, say)]
    people = report.earlier[-1]
    if people.found:
        sentences.append(say("people_cost" if people.effect.value > 0 else "people_gain"))
    if report.explained is not None and any(e.found for e in (*members, *report.later)):
        sentences.append(say("explained", share=report.explained))
    return " ".join(sentences)


def judged(found: HandoffPreferences, say: Say = english) -> str:
    """What a judge prefers, and how good a judge it is."""
    sentences = []
    if found.own is None:
        sentences.append(say("judge_blind", judge=found.judge))
    elif found.torn and found.torn.value > 0.5:
        sentences.append(say("judge_swayed", judge=found.judge))
    else:
        side = {"above": "own", "below": "other", "": "neither"}[found.own.side(0.5)]
        sentences.append(say(f"prefers_{side}", judge=found.judge, share=found.own))
        clear = [pair.own.value > 0.5 for pair in found.pairs if pair.found and pair.own]
        counts = {"own": sum(clear), "other": len(clear) - sum(clear)}
        sentences.append(say("pairs_found", pairs=len(found.pairs), **counts))
    if found.torn and found.position_bias:
        shares = {"unreadable": found.unreadable, "torn": found.torn, "lean": found.position_bias}
        sentences.append(say("about_judge", judged=found.judged, **shares))
    if found.alike:
        sentences.append(say("same_words", alike=found.alike))
    return " ".join(sentences)


def _extremes(side: str, effects: Sequence[HandoffEffect], say: Say) -> str:
    """The largest and the least effect, where one of them is found."""
    if not any(each.found for each in effects):
        return say(f"{side}_alike")
    least, *_, most = sorted(effects, key=lambda each: each.effect.value)
    of = {"name": most.name, "by": most.effect, "least": least.name, "under": least.effect}
    return say(f"{side}_most", **of)
