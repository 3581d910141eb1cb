"""Made-up strengths for the contenders of a roster: to plan an ablation, and to try its table."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.rating import CENTRE
from arena.records import Contender
from blend.contender import config, contender_id
from blend.roster import Roster
from blend.spec import BlendSpec

SPREAD = 60.0  # standard deviation of the members' own ratings, in points
VARIETY = 60.0  # points that blending ever more members comes to be worth: half of it for two


@dataclass(frozen=True, slots=True)
class Cast:
    """Who fights, and how strong each truly is, in rating points about 1000."""

    contenders: tuple[Contender, ...]
    ratings: Mapping[str, float]


def cast(roster: Roster, rng: np.random.Generator) -> Cast:
    """The roster's contenders, each of made-up weights, so that none is taken for the real one.

    A blend is worth the mean of its members and VARIETY (1 - 1/N) more; copies of one member are
    worth that member.
    """
    worth = {name: float(rng.normal(0, SPREAD)) for name in roster.singles}
    weights = dict.fromkeys(worth, "made up")
    contenders, ratings = [], {}
    for spec in roster.contenders:
        made = config(spec, roster, weights) | {"name": spec.name, "simulated": True}
        contenders.append(Contender(contender_id(made), spec.name, made))
        ratings[spec.name] = CENTRE + _worth(spec, worth)
    return Cast(tuple(contenders), ratings)


def _worth(spec: BlendSpec, worth: Mapping[str, float]) -> float:
    mean = sum(worth[name] for name in spec.members) / len(spec.members)
    return mean + VARIETY * (1 - 1 / len(spec.members))
