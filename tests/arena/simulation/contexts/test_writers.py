"""Members of made-up blends are drawn by their chances, and worth what was said."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from arena.simulation.contexts.writers import LONGEST, SyntheticWriters
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

BLENDS = {"a": {"x": 0.7, "y": 0.3}, "c": {"x": 0.2, "y": 0.3, "z": 0.5}}
WORLD = SyntheticArena(tuple("abc"), np.zeros(3), 300, ties=0.0, both_bad=0.0)


def drawn(n=20_000, **writers):
    world = replace(WORLD, writers=SyntheticWriters(BLENDS, **writers))
    return draw_votes(world, n, np.random.default_rng(3)).ballots


def test_each_side_of_several_turns_has_the_draws_of_its_contender():
    ballots, turns = drawn(2000), []
    for side in ("left", "right"):
        codes, who = ballots.column(f"{side}_draws"), getattr(ballots, side)
        assert ((codes >= 0) == ((who != 1) & (ballots.column("turns") > 1))).all()
        for code, name, length in zip(codes, who, ballots.column("turns"), strict=True):
            if code >= 0:
                draws = ballots.draws[code]
                assert len(draws.members) == length <= LONGEST
                assert draws.chances[0] == BLENDS["abc"[name]]
                turns += [(name, member) for member in draws.members]
    share = Counter(turns)
    assert share[0, "x"] / (share[0, "x"] + share[0, "y"]) == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("worth", "of"),
    [
        ({"hand_off": 2.0}, lambda members: members[0] != members[1]),
        ({"own_share": 2.0}, lambda members: members[0] == members[1]),
        ({"worth": {"x": 3.0}}, lambda members: members == ("x", "x")),
    ],
    ids=["hand-off", "own share", "worth"],
)
def test_what_is_worth_something_wins(worth, of):
    ballots = drawn(**worth)
    two = ballots.where((ballots.column("turns") == 2) & (ballots.right == 1) & (ballots.left == 0))
    yes = np.array([of(ballots.draws[code].members) for code in two.column("left_draws")])
    won = two.choice == 0
    assert won[yes].mean() > won[~yes].mean() + 0.1


def test_without_blends_nothing_is_drawn():
    ballots = draw_votes(WORLD, 500, np.random.default_rng(3)).ballots
    assert ballots.draws == () and (ballots.column("left_draws") == -1).all()
