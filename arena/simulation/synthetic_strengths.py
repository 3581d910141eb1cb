"""Made-up strengths for a roster's contenders, and a board of made-up votes between them.

To plan an ablation, and for a site that has no votes yet: it shows what the board will look like,
and what it can tell.
"""

from collections.abc import Iterable

import numpy as np

from arena.models import Contender
from arena.ranking.ballots import Ballots
from arena.ranking.context.draws import blends, writers
from arena.ranking.ratings import CENTRE, SCALE
from arena.ranking.style import TWICE
from arena.simulation.contexts.writers import SyntheticWriters
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes
from blend.roster import Roster
from blend.roster.contender import config, contender_id

SPREAD = 60.0  # standard deviation of the members' own ratings, in points
VARIETY = 60.0  # points that blending ever more members comes to be worth: half of it for two
HAND_OFF = 30.0  # points that a change of the member is worth to a blend of the demonstration


def draw_strengths(roster: Roster, rng: np.random.Generator) -> tuple[list[Contender], np.ndarray]:
    """The roster's contenders, each of made-up weights, so that none is taken for the real one; and
    (k,) how strong each truly is, in rating points about 1000.

    A blend is worth the mean of its members and VARIETY (1 - 1/N) more; copies of one member are
    worth that member.
    """
    worth = {name: float(rng.normal(0, SPREAD)) for name in roster.singles}
    weights = dict.fromkeys(worth, "made up")
    contenders, points = [], []
    for spec in roster.contenders:
        made = config(spec, roster, weights) | {"name": spec.name, "simulated": True}
        contenders.append(Contender(contender_id(made), spec.name, made))
        mean = sum(worth[name] for name in spec.members) / len(spec.members)
        points.append(CENTRE + mean + VARIETY * (1 - 1 / len(spec.members)))
    return contenders, np.array(points)


def demo_votes(roster: Roster) -> tuple[Ballots, list[Contender]]:
    """2,000 votes by contender id, with all columns, and the contenders: the same at every call."""
    rng = np.random.default_rng(1)
    contenders, points = draw_strengths(roster, rng)
    pairing = roster.settings.pairing
    world = SyntheticArena(
        names=tuple(contender.id for contender in contenders),
        strengths=(points - points.mean()) / SCALE,
        visitors=100,
        side=10 / SCALE,
        style=np.array([20 / SCALE / TWICE, 0.0, 0.0, 0.0]),
        taste=60 / SCALE,
        gain=15 / SCALE,
        pairing="round_robin" if pairing == "adaptive" else pairing,
        writers=SyntheticWriters(_even_draws(contenders), hand_off=HAND_OFF / SCALE),
    )
    return draw_votes(world, 2_000, rng).ballots, contenders


def _even_draws(contenders: Iterable[Contender]) -> dict[str, dict[str, float]]:
    """The members of each blend of several models, by contender id, all with the same chance."""
    by = {each.id: writers(each.config) for each in contenders}
    return {id: dict.fromkeys(by[id], 1 / len(by[id])) for id in blends(by)}
