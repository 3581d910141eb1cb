"""What a board depends on, as lines for people and as values for programs."""

from collections.abc import Iterator, Sequence

from arena.plural import two_digits
from arena.ranking.sensitivity.power import PairPower, VotesNeeded


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
            yield f"  {apart}: too early to say"
            continue
        every, sure = two_digits(pair.even.all), two_digits(pair.likely.all)
        between = two_digits(pair.even.between), two_digits(pair.likely.between)
        yield (
            f"  {apart}: about {every:,} more votes ({sure:,}), "
            f"{between[0]:,} ({between[1]:,}) of them between the two"
        )


def _needed(votes: VotesNeeded | None) -> dict[str, int] | None:
    return votes and {"all": votes.all, "between_the_two": votes.between}
