"""Other models beside a board: as text and values, on any votes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.ranking.sensitivity.analysis import analyse_sensitivity, moved_places
from arena.ranking.sensitivity.format import power_json, power_text
from arena.ranking.sensitivity.format import sensitivity_json as as_json
from arena.ranking.sensitivity.format import sensitivity_text as as_text
from arena.ranking.standings import compute_standings
from arena.simulation.coverage import ALONE, STYLE
from arena.simulation.synthetic_votes import draw_votes

ONE_SIDED = [("a", "b", "left", f"v{n}") for n in range(30)]
APART = [*ONE_SIDED, *(("c", "d", "tie", f"v{n}") for n in range(30))]
BOTH_BAD = [("a", "b", "both_bad", f"v{n}") for n in range(30)]


@pytest.mark.parametrize("names", ["", "a", "ab"])
@pytest.mark.parametrize("votes", [[], ONE_SIDED, APART, BOTH_BAD], ids=len)
def test_too_little_is_finite(votes, names):
    ballots = ballots_of(votes, names)
    found, board = analyse_sensitivity(ballots), compute_standings(ballots)
    power = board.power
    json.dumps([as_json(found, ()), power_json(power)], allow_nan=False)
    text = "\n".join([*as_text(found, ()), *power_text(power)])
    assert "nan" not in text and "inf" not in text and "Davidson" in text
    assert (found.voters is None) == (votes in ([], BOTH_BAD))


def test_what_is_said_of_many_votes():
    ballots = draw_votes(replace(ALONE, bad=0.4), 6000, np.random.default_rng(1)).ballots
    found = analyse_sensitivity(ballots)
    text = "\n".join(as_text(found, ()))
    assert "between equals" in text and "nats in 1,000 votes" in text
    assert f"as if {found.voters.share:.0%} of {found.voters.voters} voters" in text
    values = as_json(found, ())
    assert [*values] == ["ties", "held_out", "voters"]
    machines = analyse_sensitivity(ballots, people=False)
    assert "voters" not in "\n".join(as_text(machines, ())) and machines.voters is None
    row = found.ties.ratings["elm"]
    assert values["ties"]["contenders"]["elm"]["value"] == round(row.rating, 1)
    assert 190 < values["voters"]["voters"] <= 200


def test_other_models_are_compared_with_half_wins_whatever_the_board_controls_for():
    ballots = draw_votes(STYLE, 4000, np.random.default_rng(3)).ballots
    found, styled = analyse_sensitivity(ballots), compute_standings(ballots, "style").ratings
    places = as_json(found, ())["ties"]["other_places"]
    assert places == [*moved_places(found.half_win, found.ties.ratings, ())] == []
    assert moved_places(styled, found.ties.ratings, ())


def test_places_that_change_are_without_the_retired():
    rows = [("a", "b", "left", "v"), ("b", "c", "left", "v"), ("c", "d", "left", "v")]
    before = compute_standings(ballots_of(rows)).ratings
    after = compute_standings(ballots_of([*rows, *[("c", "b", "left", "w")] * 9])).ratings
    assert [row.name for row in after.rows] == ["c", "a", "d", "b"]
    assert moved_places(before, after, ()) == ["c", "a", "d", "b"]
    assert moved_places(before, after, {"c"}) == ["d", "b"]
    assert moved_places(before, before, ()) == []
