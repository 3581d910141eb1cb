"""The hand-off matrix from losses: drifts, effects and what is left, on numbers made by hand."""

import math

import numpy as np
import pytest

from blend.command_line import CommandError
from blend.scaling.handoff.drift import additive_model, drifts, handoff_report
from blend.scaling.handoff.heat_map import draw
from blend.scaling.handoff.markdown import markdown
from blend.scaling.handoff.report import HandoffReport
from blend.scaling.handoff.verdicts import effects, matrix
from blend.scaling.measurement import load, to_json

EARLIER, LATER = np.array([0.1, -0.3, 0.2]), np.array([-0.2, 0.5, -0.3])


def losses(cost: np.ndarray, noise: float = 0.01, conversations: int = 40):
    """nats, bytes and conversations of four replies each, whose drifts are just about `cost`."""
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(conversations), 4)
    size = rng.integers(20, 90, len(clusters)).astype(float)
    loss = 1.0 + cost[:, None] + noise * rng.normal(size=(len(cost), len(size), cost.shape[1]))
    return loss * size[:, None] * math.log(2), size, clusters


def additive() -> np.ndarray:
    cost = 0.4 + np.r_[EARLIER, -0.7][:, None] + LATER
    cost[np.arange(3), np.arange(3)] = 0
    return cost


def test_effects_are_those_that_the_losses_were_made_with():
    report = handoff_report("made", list("abc"), *losses(additive(), noise=0))
    assert report.mean.value == pytest.approx(0.4)
    assert [e.effect.value for e in report.earlier] == pytest.approx([*EARLIER, -0.7])
    assert [e.effect.value for e in report.later] == pytest.approx(LATER)
    assert report.explained == pytest.approx(1)
    assert (report.replies, report.conversations, report.notes) == (160, 40, ())
    at = {(cell.earlier, cell.later): cell for cell in report.cells}
    assert at["a", "b"].drift.value == pytest.approx(0.4 + 0.1 + 0.5)
    assert at["a", "a"].drift is None and at["a", "a"].loss == pytest.approx(1)
    assert at["people", "c"].loss == pytest.approx(1 + 0.4 - 0.7 - 0.3)
    assert all(abs(c.rest.value) < 1e-9 for c in report.cells if c.drift)


def test_the_mean_is_that_of_the_pairs_of_members_and_rests_are_what_is_left():
    cost = np.random.default_rng(3).normal(size=(5, 4))
    pairs = np.array([(a, b) for a in range(5) for b in range(4) if a != b])
    model, values = additive_model(pairs, 4), cost[*pairs.T]
    assert model.mean @ values == pytest.approx(values[pairs[:, 0] < 4].mean())
    effects = (model.earlier @ values)[pairs[:, 0]] + (model.later @ values)[pairs[:, 1]]
    rests = model.rest @ values
    assert values == pytest.approx(model.mean @ values + effects + rests)
    assert not model.saturated
    for name in (0, 1):  # least squares: what is left hangs on nobody
        sums = np.bincount(pairs[:, name], rests)
        assert sums == pytest.approx(np.zeros(len(sums)), abs=1e-9)


def test_two_members_are_split_by_how_they_differ_after_people():
    cost = np.array([[0, 0.3], [0.1, 0], [0.2, -0.2]])
    report = handoff_report("two", ["a", "b"], *losses(cost, noise=0))
    assert [e.effect.value for e in report.later] == pytest.approx([0.2, -0.2])
    assert report.mean.value == pytest.approx(0.2)
    assert report.explained is None and all(cell.rest is None for cell in report.cells)
    assert "take a third" in report.notes[0] and "| pair," not in markdown(report, False)


def test_an_interval_is_the_clustered_t_of_the_ratio():
    nats, size, clusters = losses(additive(), noise=0.2, conversations=12)
    found = drifts(nats, size * math.log(2), clusters)
    report = handoff_report("made", list("abc"), nats, size, clusters)
    more = (nats[0, :, 1] - nats[1, :, 1]) / math.log(2)
    ratio = more.sum() / size.sum()
    off = np.bincount(clusters, more - ratio * size) / size.sum()
    half = 2.200985 * math.sqrt(12 / 11 * (off**2).sum())  # t of 11 degrees of freedom
    cell = next(c for c in report.cells if (c.earlier, c.later) == ("a", "b"))
    assert found.pairs[0].tolist() == [0, 1] and found.value[0] == pytest.approx(ratio)
    assert (cell.drift.low, cell.drift.high) == pytest.approx((ratio - half, ratio + half))
    assert "Only 12 conversations" in report.notes[0]


def test_replies_that_fit_no_window_are_left_out_and_one_conversation_is_refused():
    nats, size, clusters = losses(additive())
    nats[1, 4:6, 2] = np.inf
    report = handoff_report("made", list("abc"), nats, size, clusters)
    assert (report.replies, report.left_out) == (158, 2)
    nats[1, 4:, 2] = np.inf
    with pytest.raises(CommandError, match="need two conversations"):
        handoff_report("made", list("abc"), nats, size, clusters)


def test_words_picture_and_json_say_the_same(tmp_path):
    report = handoff_report("made", list("abc"), *losses(additive(), noise=0.1))
    words = matrix(report)
    assert words.startswith("A hand-off from one member to another costs 0.4")
    assert "it clearly costs in 4 and gains in 2. It costs most where b follows c." in words
    equal = handoff_report("made", list("abc"), *losses(np.zeros((4, 3)), noise=0.1))
    assert "cannot be told" in matrix(equal) and "none differs clearly" in matrix(equal)
    text = markdown(report, True)
    assert "| a | own | **+1.0" in text and "](matrix.png)" in text
    assert "Both effects make up 100%" in text and text.count("\n\n\n") == 0
    assert "hardest to go on after replies of c, +0.2" in text and "| c | **+0.2" in text
    assert effects(equal).count("cannot be told") == 2 and "make up" not in effects(equal)
    (tmp_path / "report.json").write_text(to_json(report))
    read = load(tmp_path / "report.json", HandoffReport, "handoff")
    assert read.mean.value == pytest.approx(report.mean.value, rel=1e-4)
    assert (read.members, matrix(read)) == (report.members, words)
    draw(report, tmp_path / "m.png")
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
