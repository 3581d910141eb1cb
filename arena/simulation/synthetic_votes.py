"""A made-up arena: contenders of known strength, visitors of known habits, and their votes.

Pure and vectorised. What is put in is what the ratings should find: for planning, for tests, and
for `arena.simulation.coverage_command`. A vote's log-odds for the left are strength, the visitor's
own taste, the side, the style of the two replies, who wrote them, and for the first contender a
gain with every turn.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.pairing import pair_probabilities
from arena.ranking.style import contrasts
from arena.simulation.contexts.writers import LONGEST, SyntheticContexts, SyntheticWriters
from arena.votes.recompute import EvidenceTable

START = 1_704_067_200.0  # the first instant of made-up votes: 1 January 2024, UTC
LANGUAGES = {"en": 0.6, "de": 0.15, "fr": 0.1, "es": 0.08, "zh": 0.07}
MARKS = np.array([400.0, 0.3, 1.5, 1.0])  # characters, headers, lists and bold of a usual reply
BLOCKS = 50  # how often adaptive pairing looks at the counts while votes are made

HABITS = ("honest", "left", "hasty", "fan")
"""What a visitor does: judges; always votes left; clicks anywhere at once; always votes for the
last contender when it is there, and anything otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticArena:
    """What is true. strengths: (k,) log-odds by names.

    ties: share of ties between equals, up to ½. nu: ν of Davidson's model, by which ties come where
    it is not 0, and strengths are the log-odds of decided votes. both_bad: share of votes. side:
    log-odds of being on the left. style: (4,) log-odds for a contrast of one by
    `arena.ranking.style.MARKS`. wordy: (k,) how many times the usual text each contender writes.
    taste: standard deviation of a visitor's own log-odds for a contender. gain: log-odds of the
    first contender for each turn after the first. bad: share of visitors who are not honest, each
    of `habits` alike. visitors: how many there are. days: over how long they come. writers:
    who writes for its blends.
    """

    names: tuple[str, ...]
    strengths: np.ndarray
    visitors: int
    ties: float = 0.25
    both_bad: float = 0.05
    side: float = 0.0
    style: np.ndarray = field(default_factory=lambda: np.zeros(4))
    wordy: np.ndarray | None = None
    taste: float = 0.0
    gain: float = 0.0
    bad: float = 0.0
    habits: tuple[str, ...] = HABITS[1:]
    nu: float = 0.0
    days: float = 90.0
    pairing: str = "round_robin"
    writers: SyntheticWriters = field(default_factory=SyntheticWriters)


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticVotes:
    """Votes in the order of their time, with all columns; what was noted; and who was who.

    marks: (n, 8) counts by `arena.ranking.style.MARKS`, of the left, then of the right. habit: (v,)
    index of HABITS.
    """

    ballots: Ballots
    record: EvidenceTable
    marks: np.ndarray
    habit: np.ndarray


def draw_votes(world: SyntheticArena, n: int, rng: np.random.Generator) -> SyntheticVotes:
    """n votes of a world. A visitor's share of them is log-normal: few come often."""
    v = world.visitors
    others = np.array([HABITS.index(name) for name in world.habits])
    habit = np.where(rng.random(v) < world.bad, others[rng.integers(0, len(others), v)], 0)
    often = np.cumsum(rng.lognormal(size=v))
    visitor = np.searchsorted(often / often[-1], rng.random(n)).clip(max=v - 1).astype(np.int32)
    turns = rng.geometric(0.45, n).clip(max=LONGEST).astype(np.int32)
    marks = np.empty((n, 8), np.int32)
    taste = rng.normal(size=(v, len(world.names))) * world.taste
    contexts = SyntheticContexts(world.writers, n, v, rng)
    left, right = np.empty(n, np.int32), np.empty(n, np.int32)
    choice, chance = np.empty(n, np.int8), np.empty(n)
    counts = PairCounts.of([], world.names)
    for part in _blocks(world, n):
        left[part], right[part], chance[part] = _pairs(world, counts, part, rng)
        marks[part] = _marks(world, left[part], right[part], turns[part], rng)
        some = Ballots(world.names, left[part], right[part], choice[part], visitor[part])
        columns = {"turns": turns[part], "style": contrasts(marks[part, :4], marks[part, 4:])}
        eta = log_odds(world, some, columns, taste) + contexts.draw(part, some, turns[part], rng)
        choice[part] = _choices(world, some, eta, habit[visitor[part]], rng)
        new = replace(some, choice=choice[part]).counts()
        counts = PairCounts(world.names, counts.table + new.table)
    columns = {
        "turns": turns,
        "chance": chance,
        "created": START + np.sort(rng.random(n)) * world.days * 86_400,
        "length": rng.lognormal(4, 1, n).astype(np.int32) + 1,
        "language": rng.choice(len(LANGUAGES), n, p=list(LANGUAGES.values())),
        "category": np.full(n, -1, np.int32),  # of words, and there are none
        "style": contrasts(marks[:, :4], marks[:, 4:]),
    }
    columns["left_draws"], columns["right_draws"], draws = contexts.columns()
    votes = left, right, choice, visitor
    ballots = Ballots(world.names, *votes, columns, tuple(LANGUAGES), draws=draws)
    return SyntheticVotes(ballots, _record(ballots, marks, habit, rng), marks, habit)


def limiting_strengths(world: SyntheticArena) -> np.ndarray:
    """(k,) the log-odds that ever more honest votes on evenly drawn pairs lead to, mean zero.

    With tastes of their own visitors are further apart than their average is: the limit is nearer
    together than `fit_strengths`. Style and turns are not in it.
    """
    k, spread = len(world.names), world.taste * np.sqrt(2)
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    gap = world.strengths[:, None] - world.strengths[None, :]
    both = [gap[..., None] + spread * at + side for side in (world.side, -world.side)]
    points = sum((1 / (1 + np.exp(-one))) @ (weight / weight.sum()) for one in both)
    np.fill_diagonal(points, 0)
    xi = fit_strengths(points[None] * 1e6, None)[0, :k]
    return xi - xi.mean()


def log_odds(world: SyntheticArena, some: Ballots, columns: dict, taste: np.ndarray) -> np.ndarray:
    """(n,) of the left winning, for visitors with this taste (v, k)."""
    xi = world.strengths
    eta = xi[some.left] - xi[some.right] + world.side
    if world.taste:
        eta += taste[some.visitor, some.left] - taste[some.visitor, some.right]
    if world.style.any():
        eta += columns["style"] @ world.style
    if world.gain:
        first = (some.left == 0).astype(float) - (some.right == 0)
        eta += world.gain * (columns["turns"] - 1) * first
    return eta


def _blocks(world: SyntheticArena, n: int) -> list[slice]:
    step = max(1, -(-n // BLOCKS)) if world.pairing == "adaptive" else max(n, 1)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def _pairs(
    world: SyntheticArena, counts: PairCounts, part: slice, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left, right and the chance of the pair, of as many battles as `part` is long."""
    n, index = part.stop - part.start, {name: i for i, name in enumerate(world.names)}
    shares = pair_probabilities(world.pairing, world.names[0], world.names[1:], counts)
    pairs = np.array([(index[a], index[b]) for a, b in shares])
    share = np.array(list(shares.values()))
    drawn = rng.choice(len(pairs), n, p=share / share.sum())
    heads = rng.random(n) < 0.5
    first, second = pairs[drawn].T
    return np.where(heads, first, second), np.where(heads, second, first), share[drawn]


def _marks(
    world: SyntheticArena,
    left: np.ndarray,
    right: np.ndarray,
    turns: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n, 8) counts over all replies of each side; some run longer."""
    wordy = np.ones(len(world.names)) if world.wordy is None else world.wordy
    sides = []
    for side in (left, right):
        much = wordy[side] * turns * rng.gamma(4, 0.25, len(side))
        sides += [rng.poisson(mark * much) for mark in MARKS]
    return np.column_stack(sides)


def _choices(
    world: SyntheticArena,
    some: Ballots,
    eta: np.ndarray,
    habit: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n,) index of CHOICES. Some voters look twice, and call it a tie if the looks disagree.

    So ties are likelier between equals, and the expected score is the chance of a win whatever the
    share of ties: strengths stay what they are when ties count half.
    """
    n, left_wins, tie = len(eta), 0, CHOICES.index("tie")
    p = 1 / (1 + np.exp(-eta))
    first, second = rng.random(n) < p, rng.random(n) < p
    twice = rng.random(n) < 2 * world.ties
    equal = twice & (first != second)
    if world.nu:
        equal = rng.random(n) < world.nu / (2 * np.cosh(eta / 2) + world.nu)
    choice = np.where(equal, tie, np.where(first, 0, 1))
    choice = np.where(rng.random(n) < world.both_bad, CHOICES.index("both_bad"), choice)
    anything = rng.integers(0, 2, n)
    last = len(world.names) - 1
    theirs = np.where(some.left == last, 0, np.where(some.right == last, 1, anything))
    for kind, vote in (("left", left_wins), ("hasty", anything), ("fan", theirs)):
        choice = np.where(habit == HABITS.index(kind), vote, choice)
    return choice


def _record(
    ballots: Ballots, marks: np.ndarray, habit: np.ndarray, rng: np.random.Generator
) -> EvidenceTable:
    """What a site would have noted: the hasty vote within a quarter of a second."""
    n = len(ballots)
    each = np.minimum(marks[:, 0], marks[:, 4]) // ballots.column("turns")
    hasty = habit[ballots.visitor] == HABITS.index("hasty")
    waited = np.where(hasty, 0.05 + 0.2 * rng.random(n), 0.5 + rng.lognormal(1.8, 0.7, n))
    common = rng.random(n) < 0.1
    return EvidenceTable(
        created=ballots.column("created"),
        visitor=ballots.visitor,
        address=np.full(n, -1),
        prompt=np.where(common, rng.integers(0, 8, n), 8 + np.arange(n)),
        waited=waited.round(3),
        watched=(waited + each / 60).round(3),
        shorter=each,
        leaked=np.zeros(n, np.int8),
        barred=np.zeros(n, np.int8),
    )
