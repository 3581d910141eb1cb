"""What a leaderboard tells, put together, and as text and values."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.models import ExcludedCounts
from arena.ranking.format import as_json, as_text
from arena.ranking.standings import METHODS, compute_standings
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

WORLD = SyntheticArena(("Blended", "oak", "elm"), np.array([0.5, 0.0, -0.5]), visitors=60, side=0.3)


@pytest.fixture(scope="module")
def ballots():
    return draw_votes(WORLD, 3000, np.random.default_rng(1)).ballots


@pytest.mark.parametrize("method", METHODS)
def test_each_method_ranks_them(ballots, method):
    found = compute_standings(ballots, method, by="turns")
    assert [row.name for row in found.ratings.rows] == ["Blended", "oak", "elm"]
    assert found.sentence() == "Blended is ahead of oak and elm."
    assert list(found.parts) == ["1 turn", "2 or 3 turns", "4 turns or more"]
    assert len(found.effects) == (4 if method == "style" else 0)
    assert found.side.clear and found.upset.challenger == "oak"


def test_the_sentence_is_about_whom_one_asks(ballots):
    assert compute_standings(ballots, focus="elm").sentence() == "elm is behind Blended and oak."
    assert compute_standings(ballots, focus="nobody").sentence().startswith("Blended")


def test_resampled_intervals_go_with_their_rows(ballots):
    found = compute_standings(ballots, rounds=200, rng=np.random.default_rng(2))
    for row, (low, high) in zip(found.ratings.rows, found.resampled, strict=True):
        assert low < row.rating < high
        assert high - low == pytest.approx(row.high - row.low, rel=0.35)


UNDEFEATED = [("a", "b", "left", f"v{n}") for n in range(30)]
UNDEFEATED += [("b", "c", "left", f"v{n}") for n in range(30)]
APART = [*UNDEFEATED[:30], *(("c", "d", "tie", f"v{n}") for n in range(30))]


@pytest.mark.parametrize(
    ("votes", "names", "says"),
    [
        ([], "", "There are no contenders."),
        ([], "a", "a is the only contender"),
        ([], "ab", "No battle has been decided"),
        (UNDEFEATED, "", "a has won every battle"),
        (UNDEFEATED, "", "c has lost every battle"),
        (APART, "", "These groups never met, so ratings across them say nothing: a and b; c and d"),
    ],
)
def test_too_little_is_finite_and_said(votes, names, says):
    few = ballots_of(votes, names)
    found = compute_standings(few, rounds=20, rng=np.random.default_rng(5))
    json.dumps(as_json(found, "own", len(few), ExcludedCounts(0, 0)), allow_nan=False)
    text = "\n".join(as_text(found, "own", len(few), ExcludedCounts(0, 0)))
    assert says in text and "nan" not in text and "inf" not in text


@pytest.mark.parametrize(
    ("known", "says"), [(0, "is known for the 30 votes"), (7, "are known for 7 of the 30 votes")]
)
def test_a_board_at_equal_style_says_of_how_many_votes_the_style_is_known(known, says):
    plain = ballots_of([("a", "b", "left", f"v{n}") for n in range(30)])
    style = np.full((30, 4), np.nan)
    style[:known] = 0.5
    few = replace(plain, columns={"style": style, "turns": np.zeros(30)})
    found = compute_standings(few, "style", by="turns")
    text = [*as_text(found, "imported", 30, ExcludedCounts(0, 0))]
    assert sum(f"replies {says}" in line for line in text) == (1 if known else 2)
    assert not any("No battle has been decided" in line for line in text)
    assert any("preliminary" in line for line in text) == bool(known)
    assert bool(found.effects) == bool(known) and found.visitors == 30
