"""A board of made-up votes between the contenders of a roster, for a site that has none yet.

It shows what the board will look like, and what it can tell. Nothing of it is stored.
"""

import numpy as np

from arena.ballot import Ballots
from arena.cast import cast
from arena.rating import SCALE
from arena.records import Contender
from arena.style import TWICE
from arena.world import World, votes
from blend.roster import Roster

VOTES, VISITORS = 2_000, 100
SEED = 1


def demo(roster: Roster) -> tuple[Ballots, list[Contender]]:
    """Votes by contender id, with all columns, and the contenders: the same at every call."""
    rng = np.random.default_rng(SEED)
    made = cast(roster, rng)
    points = np.array([*made.ratings.values()])
    world = World(
        names=tuple(contender.id for contender in made.contenders),
        strengths=(points - points.mean()) / SCALE,
        visitors=VISITORS,
        side=10 / SCALE,
        style=np.array([20 / SCALE / TWICE, 0.0, 0.0, 0.0]),
        taste=60 / SCALE,
        gain=15 / SCALE,
        pairing=roster.settings.pairing if roster.settings.pairing != "adaptive" else "round_robin",
    )
    return votes(world, VOTES, rng).ballots, list(made.contenders)
