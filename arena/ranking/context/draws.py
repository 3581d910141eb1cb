"""Who wrote the replies of one side of a battle, and what of that only the draws decided.

A member is drawn for every reply of a blend, with chances that are known. So a hand-off that came,
less the chance that it would come, is as in an experiment: it goes with nothing that was there
before, neither with the visitor nor with how long they stay.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Writers = Mapping[str, str]
"""The model behind each member of a contender, by the member's name; a copy's is its original."""


@dataclass(frozen=True, slots=True)
class ReplyDraws:
    """The members that wrote a side's replies, in their order, and the chances of each draw."""

    members: tuple[str, ...]
    chances: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True)
class Surprise:
    """What the draws of a side brought beyond what was to be expected of their chances.

    hand_offs: changes of the writing model from one reply to the next. own_share: the share of the
    earlier replies that the last reply's model wrote. wrote: the share of all replies, by model.
    """

    hand_offs: float
    own_share: float
    wrote: Mapping[str, float]


def parse_draws(text: str) -> ReplyDraws | None:
    """Of the JSON [[member, chances as JSON], …]; None where it does not say them all."""
    try:
        rows = [(member, json.loads(chances)) for member, chances in json.loads(text)]
        draws = ReplyDraws(tuple(m for m, _ in rows), tuple(dict(c) for _, c in rows))
        known = all(c[m] > 0 and abs(sum(c.values()) - 1) < 1e-3 for m, c in rows)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return draws if rows and known else None


def writers(config: Mapping) -> dict[str, str]:
    """`Writers` of a contender's config; none where it does not say them."""
    members = config.get("members", ())
    return {m["name"]: m.get("of", m["name"]) for m in members if isinstance(m, Mapping)}


def surprise(draws: ReplyDraws, models: Writers) -> Surprise:
    """See `Surprise`. models: of all members; who is in none is a model of its own.

    With w[t] who wrote reply t of T and p[t] the chances it was drawn by: hand-offs are
    Σ 1[w[t] ≠ w[t-1]] - (1 - p[t](w[t-1])) over t ≥ 2; the own share is s(w[T]) - Σ p[T](m)·s(m)
    with s(m) the share of replies 1 … T-1 by m; and wrote(m) is Σ (1[w[t] = m] - p[t](m)) / T.
    """
    wrote = [models.get(member, member) for member in draws.members]
    chances = [_by_model(each, models) for each in draws.chances]
    hand_offs = sum(
        chances[t].get(wrote[t - 1], 0.0) - (wrote[t] == wrote[t - 1]) for t in range(1, len(wrote))
    )
    own_share = 0.0
    if len(wrote) > 1:
        earlier, of = Counter(wrote[:-1]), len(wrote) - 1
        expected = sum(chance * earlier[model] for model, chance in chances[-1].items())
        own_share = (earlier[wrote[-1]] - expected) / of
    share = Counter(wrote)
    for each in chances:
        share.subtract(each)
    return Surprise(hand_offs, own_share, {m: n / len(wrote) for m, n in share.items()})


def _by_model(chances: Mapping[str, float], models: Writers) -> dict[str, float]:
    total: dict[str, float] = {}
    for member, chance in chances.items():
        model = models.get(member, member)
        total[model] = total.get(model, 0.0) + chance
    return total


def blends(writers: Mapping[str, Writers]) -> Iterable[str]:
    """Names of those for whom more than one model writes."""
    return [name for name, models in writers.items() if len({*models.values()}) > 1]
