"""Do the intervals of what sways votes hold the truth, and is nothing found where nothing is."""

from dataclasses import dataclass, replace

import numpy as np

from arena.ranking.context.influences import Influence, influences
from arena.ranking.ratings import SCALE
from arena.simulation.contexts.writers import SyntheticWriters
from arena.simulation.coverage import ALONE, NAMES, VOTES, Progress
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

MEMBERS = NAMES[1:4]
EVEN_DRAWS = dict.fromkeys(MEMBERS, 1 / 3)
UNEVEN_DRAWS = dict(zip(MEMBERS, (0.6, 0.3, 0.1), strict=True))

WRITERS = {name: {name: name} for name in NAMES} | {NAMES[0]: {name: name for name in MEMBERS}}
"""Who writes for each contender: the first is a blend of the next three."""

STRENGTHS = np.array([0.0, 0.4, 0.0, -0.4, 0.3, -0.3])
"""The blend is worth the mean of its members, and of all others."""

HAND_OFF, OWN_SHARE, GAIN, SIDE = 0.3, -0.5, 0.15, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class ContextWorld:
    """A made-up arena, and the truth of those influences that it is tried on, in log-odds."""

    arena: SyntheticArena
    truth: dict[str, float]


def _world(
    truth: dict[str, float], blend: dict[str, float], gain: float = 0.0, **writers: object
) -> ContextWorld:
    arena = replace(
        ALONE,
        strengths=STRENGTHS,
        side=truth["left"],
        gain=gain,
        pairing="focus",
        writers=SyntheticWriters({NAMES[0]: blend}, **writers),
    )
    return ContextWorld(arena, truth)


NOTHING = {"left": SIDE, "hand_offs": 0.0, "own_share": 0.0}

WORLDS = {
    # With even draws two in three turns bring a hand-off: what the blend gains by a turn.
    "gains by hand-offs only": _world(
        NOTHING | {"turns": HAND_OFF * 2 / 3, "hand_offs": HAND_OFF}, EVEN_DRAWS, hand_off=HAND_OFF
    ),
    "gains by what others wrote only": _world(
        NOTHING | {"own_share": OWN_SHARE}, EVEN_DRAWS, own_share=OWN_SHARE
    ),
    "no gain, tastes of their own": _world(NOTHING | {"turns": 0.0}, EVEN_DRAWS, taste=0.6),
    "no gain, the best member is drawn most": _world(
        NOTHING, UNEVEN_DRAWS, worth=dict(zip(MEMBERS, (1.0, -1.0, -3.0), strict=True))
    ),
    "gains by turns only": _world(NOTHING | {"turns": GAIN}, EVEN_DRAWS, GAIN),
}


def context_coverage(
    world: ContextWorld, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, tuple[float, float]]:
    """By influence: how often its 95 % interval holds the truth, and how often it leaves 0 out."""
    hits: dict[str, list[tuple[bool, bool]]] = {name: [] for name in world.truth}
    for _ in each(sets):
        ballots = draw_votes(world.arena, VOTES, rng).ballots
        for found in influences(ballots, WRITERS):
            if found.name in hits:
                hits[found.name].append(_hit(found, SCALE * world.truth[found.name]))
    return {name: tuple(np.mean(each, axis=0).tolist()) for name, each in hits.items()}


def _hit(found: Influence, truth: float) -> tuple[bool, bool]:
    if found.estimate is None:
        return False, False
    low, high = found.estimate.low, found.estimate.high
    return low <= truth <= high, low > 0 or high < 0
