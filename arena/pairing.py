"""Who meets whom, on which side, and with which probability."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two contenders by side. `chance` is that of the pair, whichever side each one is on."""

    left: str
    right: str
    chance: float
    policy: str


def draw(focus: str, singles: Sequence[str], rng: random.Random) -> Pairing:
    """The focus against one of `singles`, each with the same probability; sides by a fair coin.

    Raises ValueError where there is nobody to meet, or somebody would be met twice as often.
    """
    if not singles:
        raise ValueError(f"{focus} has nobody to meet: name at least one other contender")
    if focus in singles:
        raise ValueError(f"{focus} cannot meet itself: take it out of the other contenders")
    if twice := sorted({name for name in singles if singles.count(name) > 1}):
        raise ValueError(f"{twice[0]} is named twice among the contenders: name each one once")
    sides = [focus, rng.choice(singles)]
    rng.shuffle(sides)
    return Pairing(*sides, chance=1 / len(singles), policy="focus")
