"""The contenders of a roster with made-up strengths."""

import numpy as np
import pytest

from arena.simulation.synthetic_strengths import VARIETY, draw_strengths
from blend.roster import read


def test_a_blend_is_worth_its_members_and_some_variety(tmp_path):
    path = tmp_path / "r.toml"
    scripted = read("scripted").path.read_text()
    path.write_text(scripted + "\n[ablation]\nleave_one_out = true\ncopies = 2")
    roster = read(path)
    found, points = draw_strengths(roster, np.random.default_rng(1))
    worth = {each.name: rating for each, rating in zip(found, points, strict=True)}

    assert [*worth] == [spec.name for spec in roster.contenders]
    mean = np.mean([worth[name] for name in ("alder", "birch", "cedar")])
    assert worth["Blended"] == pytest.approx(mean + VARIETY * 2 / 3)
    assert worth["2 × alder"] == worth["alder"]
    assert all(each.config["simulated"] for each in found)
    assert len({each.id for each in found}) == len(found)
