"""A standing as lines for people and as values for programs."""

from collections.abc import Iterator

import numpy as np

from arena.models import JUDGED, ExcludedCounts, Source
from arena.plural import many
from arena.ranking.context.influences import Influence, influence_sentences
from arena.ranking.ratings import Rating, Ratings
from arena.ranking.sensitivity.format import power_json, power_text
from arena.ranking.standings import Standings
from arena.texts import ENGLISH

SOURCE_LABELS: dict[Source, str] = {
    "own": "votes of this site's visitors",
    "imported": "votes imported from elsewhere",
    "judged": "MACHINES' votes: models played these battles, and models judged them",
    "simulated": "SIMULATED votes: a program made them up, they say nothing of any model",
}
"""What is said of a source, in the order in which one is taken where none is asked for."""

STYLE_LABELS = {
    "characters": "A reply twice as long",
    "headers": "Twice as many headers",
    "lists": "Twice as many list items",
    "bold": "Twice as much in bold",
}


def as_json(result: Standings, source: Source, counted: int, excluded: ExcludedCounts) -> dict:
    """The standing for programs; numbers that are not known are null."""
    rates, n = result.ratings.counts.win_rates()
    side, upset = result.side, result.upset
    return {
        "source": source,
        "simulated": source == "simulated",
        "sentence": result.sentence(),
        "votes": counted + excluded.dropped,
        "counted": counted,
        "void": excluded.void,
        "visitors": result.visitors,
        "contenders": [*rating_records(result.ratings, result.resampled)],
        "notes": list(result.ratings.notes),
        "win_rates": {
            "names": list(result.ratings.counts.names),
            "share": [
                [None if np.isnan(x) else round(x, 4) for x in row] for row in rates.tolist()
            ],
            "battles": n.astype(int).tolist(),
        },
        "side_bias": {
            "left_wins_between_equals": round(side.share, 4),
            "low": round(side.low, 4),
            "high": round(side.high, 4),
        },
        "upset": upset
        and {"challenger": upset.challenger, "turned_votes": upset.votes, "of": upset.out_of},
        "power": power_json(result.power),
        "style": {
            effect.name: {
                "points_for_twice_as_much": round(effect.points, 1),
                "low": round(effect.low, 1),
                "high": round(effect.high, 1),
            }
            for effect in result.effects
        },
        "influences": {each.name: _influence_record(each) for each in result.influences},
        "slices": {label: [*rating_records(ratings)] for label, ratings in result.parts.items()},
    }


def _influence_record(influence: Influence) -> dict:
    """What one more of it is worth, in points; null where the votes do not tell it, and why."""
    value = influence.estimate
    return {
        "points": value and round(value.value, 1),
        "low": value and round(value.low, 1),
        "high": value and round(value.high, 1),
        "votes": influence.votes,
        "not_told": None if value else "tied" if influence.tied else "few",
    }


def rating_records(ratings: Ratings, resampled: np.ndarray | None = None) -> Iterator[dict]:
    """The table for programs, best first; rates are shares of all the contender's battles."""
    for i, row in enumerate(ratings.rows):
        battles = max(row.battles, 1)
        record = {
            "rank": row.rank,
            "worst_rank": row.worst,
            "contender": row.name,
            "rating": round(row.rating, 1),
            "low": round(row.low, 1),
            "high": round(row.high, 1),
            "battles": row.battles,
            "win_rate": round(row.wins / battles, 4),
            "tie_rate": round(row.ties / battles, 4),
            "both_bad_rate": round(row.both_bad / battles, 4),
            "preliminary": row.preliminary,
            "group": row.group,
        }
        if resampled is not None:
            record["resampled"] = [round(bound, 1) for bound in resampled[i].tolist()]
        yield record


def as_text(
    result: Standings, source: Source, counted: int, excluded: ExcludedCounts
) -> Iterator[str]:
    """The standing for people, line by line."""
    yield f"These are {SOURCE_LABELS[source]}."
    yield result.sentence()
    clusters = many(result.visitors, "opener" if source == JUDGED else "visitor")
    yield (
        f"{counted:,} of {many(counted + excluded.dropped, 'vote')} counted, of {clusters}; "
        f"{many(excluded.void, 'battle')} without a vote."
    )
    yield ""
    if result.ratings.counts.total or not counted:
        yield from table(result.ratings, result.resampled)
        yield from result.ratings.notes
        yield ""
    side, points = result.side, result.side.points
    yield (
        f"Between equals the left side wins {side.share:.1%} ({side.low:.1%} to {side.high:.1%}), "
        f"which is {'' if side.clear else 'no more than chance: '}{points:+.0f} points."
    )
    if result.upset:
        yield result.upset.sentence()
    yield from power_text(result.power)
    for effect in result.effects:
        yield (
            f"{STYLE_LABELS[effect.name]}: {effect.points:+.0f} points "
            f"({effect.low:+.0f} to {effect.high:+.0f})."
        )
    if counted and result.influences:
        yield f"{ENGLISH('board.else')}. {ENGLISH('ranking.influences')}"
        yield from (f"- {sentence}" for sentence in influence_sentences(result.influences))
    for label, ratings in result.parts.items():
        yield f"\n{label}: {many(ratings.counts.total, 'vote')}"
        yield from table(ratings) if ratings.counts.total else ratings.notes


def table(ratings: Ratings, resampled: np.ndarray | None = None) -> Iterator[str]:
    """The rows under their heads, in columns."""
    wide = max([9, *(len(row.name) for row in ratings.rows)])
    extra = f"{'resampled':>14}" if resampled is not None else ""
    yield (
        f"{'rank':>7}  {'contender':{wide}}{'rating':>8}{'95 %':>14}{extra}"
        f"{'battles':>10}{'win':>6}{'tie':>6}{'bad':>6}"
    )
    for i, row in enumerate(ratings.rows):
        again = "" if resampled is None else f"{resampled[i][0]:8.0f}{resampled[i][1]:6.0f}"
        yield _line(row, wide, again)


def _line(row: Rating, wide: int, again: str) -> str:
    rank = f"{row.rank}" if row.rank == row.worst else f"{row.rank} to {row.worst}"
    rates = [n / max(row.battles, 1) for n in (row.wins, row.ties, row.both_bad)]
    return (
        f"{rank:>7}  {row.name:{wide}}{row.rating:8.0f}{row.low:8.0f}{row.high:6.0f}{again}"
        f"{row.battles:10,}{''.join(f'{rate:6.0%}' for rate in rates)}"
        f"{'  preliminary' if row.preliminary else ''}"
    )
