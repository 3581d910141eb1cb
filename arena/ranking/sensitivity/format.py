"""What a board depends on, as lines for people and as values for programs."""

from collections.abc import Collection, Iterator, Sequence

from arena.plural import many, two_digits
from arena.ranking.ratings import Ratings
from arena.ranking.sensitivity.analysis import Sensitivity, moved_places
from arena.ranking.sensitivity.held_out import HeldOutLoss
from arena.ranking.sensitivity.power import PairPower, VotesNeeded
from arena.ranking.sensitivity.voters import VoterFit

BETTER = {
    "davidson": "Davidson's model predicts the votes of others better",
    "half_win": "The half win predicts the votes of others better",
    "": "Neither predicts the votes of others better",
}


def power_json(power: Sequence[PairPower]) -> list[dict]:
    """Each two neighbours for programs; null where nothing can be said."""
    return [
        {
            "ahead": pair.ahead,
            "behind": pair.behind,
            "points": round(pair.difference, 1),
            "standard_error": round(pair.error, 1),
            "told_apart": pair.told_apart,
            "more_votes_for_50_percent": _needed(pair.even),
            "more_votes_for_80_percent": _needed(pair.likely),
        }
        for pair in power
    ]


def power_text(power: Sequence[PairPower]) -> Iterator[str]:
    """Each two neighbours that are not told apart yet, for people; nothing where all are."""
    open_pairs = [pair for pair in power if not pair.told_apart]
    if open_pairs:
        yield "Neighbours that are not told apart yet, with the votes that it takes if differences"
        yield "stay as they are and votes go on as until now, with a chance of 50 % (and of 80 %):"
    for pair in open_pairs:
        apart = f"{pair.ahead} over {pair.behind}, {pair.difference:+.0f} points"
        if pair.even is None or pair.likely is None:
            yield f"  {apart}: cannot be said"
            continue
        every, sure = two_digits(pair.even.all), two_digits(pair.likely.all)
        between = two_digits(pair.even.between), two_digits(pair.likely.between)
        share = f"{between[0]:,} ({between[1]:,}) of them between the two"
        share = share if pair.likely.between else "the two do not meet"
        yield f"  {apart}: about {every:,} more votes ({sure:,}), {share}"


def sensitivity_json(found: Sensitivity, retired: Collection[str]) -> dict:
    """Other models' fits for programs."""
    return {
        "ties": {
            "model": "Davidson 1970",
            "nu": round(found.ties.nu, 4),
            "ties_between_equals": _interval(found.ties.share, found.ties.low, found.ties.high),
            "contenders": _ratings(found.ties.ratings),
            "ties_as_half_wins": _ratings(found.half_win),
            "other_places": [*moved_places(found.half_win, found.ties.ratings, retired)],
        },
        "held_out": found.held_out and _held_out_json(found.held_out),
        "voters": found.voters and _voters_json(found.voters, retired),
    }


def _held_out_json(loss: HeldOutLoss) -> dict:
    return {
        "votes": loss.votes,
        "log_loss_davidson": round(loss.davidson, 5),
        "log_loss_half_win": round(loss.half_win, 5),
        "gain_of_davidson": _interval(loss.gain, loss.low, loss.high, 5),
        "better": loss.better or None,
    }


def _voters_json(voters: VoterFit, retired: Collection[str]) -> dict:
    return {
        "model": "each voter judges or tosses coins (Chen and others 2013)",
        "voters": voters.voters,
        "as_if_tossing_coins": _interval(voters.share, voters.low, voters.high),
        "contenders": _ratings(voters.ratings),
        "all_voters_alike": _ratings(voters.plain),
        "other_places": [*moved_places(voters.plain, voters.ratings, retired)],
    }


def sensitivity_text(found: Sensitivity, retired: Collection[str]) -> Iterator[str]:
    """Other models' fits for people, line by line."""
    ties, voters = found.ties, found.voters
    yield (
        f"Ties as an outcome of their own (Davidson 1970): {ties.share:.1%} between equals "
        f"({ties.low:.1%} to {ties.high:.1%})."
    )
    if found.held_out:
        loss = found.held_out
        yield (
            f"{BETTER[loss.better]}: the half win's log-loss less Davidson's is "
            f"{1000 * loss.gain:+.2f} nats in 1,000 votes "
            f"({1000 * loss.low:+.2f} to {1000 * loss.high:+.2f})."
        )
    if voters:
        yield (
            f"The decided votes follow the common ranking as if {voters.share:.0%} of "
            f"{many(voters.voters, 'voter')} ({voters.low:.0%} to {voters.high:.0%}) tossed coins."
        )
    yield ""
    fits = [found.half_win, ties.ratings, *([voters.plain, voters.ratings] if voters else [])]
    heads = ["ties half", "Davidson", *(["decided", "coins weigh less"] if voters else [])]
    wide = max([9, *(len(row.name) for row in found.half_win.rows)])
    yield f"{'contender':{wide}}" + "".join(f"{head:>20}" for head in heads)
    for row in found.half_win.rows:
        cells = (fit[row.name] for fit in fits)
        line = (f"{one.rating:8.0f}{one.low:7.0f}{one.high:5.0f}" for one in cells)
        yield f"{row.name:{wide}}{''.join(line)}"
    for what, before, after in _compared(found):
        moved = moved_places(before, after, retired)
        yield f"{what}: {', '.join(moved) + ' change places' if moved else 'no place changes'}."


def _compared(found: Sensitivity) -> Iterator[tuple[str, Ratings, Ratings]]:
    yield "Davidson instead of the half win", found.half_win, found.ties.ratings
    if found.voters:
        yield "Coin tossers weigh less", found.voters.plain, found.voters.ratings


def _ratings(ratings: Ratings) -> dict[str, dict[str, float]]:
    return {row.name: _interval(row.rating, row.low, row.high, 1) for row in ratings.rows}


def _interval(value: float, low: float, high: float, digits: int = 4) -> dict[str, float]:
    return {"value": round(value, digits), "low": round(low, digits), "high": round(high, digits)}


def _needed(votes: VotesNeeded | None) -> dict[str, int] | None:
    return votes and {"all": votes.all, "between_the_two": votes.between}
