"""A blend taken apart, as lines for people and as values for programs."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from arena.ranking.ablation.affinity import Affinity
from arena.ranking.ablation.analysis import AblationResult
from arena.texts import ENGLISH, Texts
from blend.evaluation.resample import Estimate

NONE = (
    "No blend fought beside parts of it: an [ablation] table in the roster makes them, and its "
    "`pairing` says how they meet."
)


Likenesses = Mapping[tuple[str, str], Affinity]
"""Of the pairs of its members; see arena.ranking.ablation.affinity."""


def as_json(found: AblationResult | None, alike: Likenesses) -> dict | None:
    """The whole of it for programs."""
    if found is None:
        return None
    told = asdict(found) | {"notes": notes(found)}
    del told["early"], told["minimum"]
    for pair in told["pairs"]:
        pair["votes"] = asdict(alike[pair["a"], pair["b"]])
    return told


def notes(found: AblationResult, texts: Texts = ENGLISH) -> list[str]:
    """Sentences on what is missing."""
    said = []
    if found.early:
        early = ", ".join(found.early)
        said.append(texts("ablation.hardly_known", n=found.minimum, names=early))
    if not any(each.shapley for each in found.contributions):
        said.append(texts("ablation.too_few_parts"))
    elif not found.exact:
        said.append(texts("ablation.best_fit"))
    return said


def as_text(found: AblationResult | None, alike: Likenesses) -> Iterator[str]:
    """The whole of it for people, line by line. Points are rating points with 95 % intervals."""
    if found is None:
        yield NONE
        return
    yield f"{found.blend} taken apart"
    yield ""
    yield f"{'members':>9}{'blends':>9}   mean rating"
    for size, (many, points) in found.sizes.items():
        yield f"{size:>9}{many:>9}   {level(points)}"
    yield ""
    wide = max([9, *(len(each.member) for each in found.contributions)])
    yield f"{'member':{wide}}  {'Shapley value':>22}{'lost without it':>22}{'rated alone':>22}"
    for each in found.contributions:
        cells = gain(each.shapley), gain(each.left_out), level(each.alone)
        yield f"{each.member:{wide}}  {''.join(cell.rjust(22) for cell in cells)}"
    yield ""
    if found.best:
        name, points = found.best
        yield f"{found.blend} over the best of its members ({name}): {gain(points)}"
    for name, (over_member, blend_over) in found.copies.items():
        if over_member:
            yield f"{name}, the same model in copies, over its one member: {gain(over_member)}"
        yield f"{found.blend} over {name}: {gain(blend_over)}"
    yield from notes(found)
    yield ""
    names = {pair: f"{pair.a} and {pair.b}" for pair in found.pairs}
    wide = max([9, *map(len, names.values())])
    yield f"{'pair':{wide}}  {'blend over their mean':>22}{'votes go together':>24}{'visitors':>10}"
    for pair, name in names.items():
        votes = alike[pair.a, pair.b]
        yield (f"{name:{wide}}  {gain(pair.gain):>22}{correlation(votes):>24}{votes.visitors:>10,}")


def correlation(votes: Affinity, texts: Texts = ENGLISH) -> str:
    """The correlation of votes with its interval; a dash where it is not known."""
    r = votes.correlation
    if r is None or math.isnan(r.value):
        return "—"
    return texts("numbers.correlation", value=r.value, low=r.low, high=r.high)


def level(points: Estimate | None) -> str:
    """A rating with its interval; a dash where it is not known."""
    return f"{points.value:.0f} [{points.low:.0f}, {points.high:.0f}]" if points else "—"


def gain(points: Estimate | None) -> str:
    """A difference with its interval; a dash where it is not known."""
    if points is None:
        return "—"
    value, low, high = (round(x) for x in (points.value, points.low, points.high))
    return f"{value:+} [{low:+}, {high:+}]"
