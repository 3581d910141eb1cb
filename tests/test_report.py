"""Figures that were made up, and what the report must say of them."""

import pytest

from blend.bench.plan import Figure
from blend.bench.probe import First, Rate
from blend.bench.report import Report


def rate(subject, measure, round, tokens, cpu=1.0):
    return Figure(subject, f"tokens/s {measure}", round, Rate(tokens, 1.0, cpu, 100, 40))


def first(subject, kind, round, seconds, cached=0):
    return Figure(subject, f"first {kind}", round, First(seconds, 100, cached))


FIGURES = [
    *(rate(name, "1", n, speed) for n in (0, 1) for name, speed in (("a", 100), ("b", 200))),
    rate("B", "1", 0, 150),
    rate("B", "1", 1, 75),
    rate("B", "16", 0, 300),
    rate("generate (a)", "1", 0, 125),
    rate("a, alone in a process", "1", 1, 50),
    *(first(name, "warm", 0, seconds, 90) for name, seconds in (("a", 0.1), ("b", 0.3))),
    first("B", "ahead", 0, 0.1, 95),
    first("B", "ahead", 0, 0.5, 95),
    first("B", "ahead", 0, 0.15, 95),
]


@pytest.fixture
def report():
    return Report(FIGURES, ["a", "b"], "B")


def test_ratios_are_taken_within_a_round(report):
    ratios = {ratio.name: ratio.values for ratio in report.ratios()}

    assert ratios["B / mean of its members, tokens/s: 1"] == (1.0, 0.5)
    # 60 tokens of the prompts were not in the cache: 1.4 and 1.8 tokens' work, by 1.6 and 1.3.
    compute = ratios["B / mean of its members, compute a token: 1"]
    assert compute == pytest.approx((1.4 / 1.45, 1.8 / 1.45))
    assert ratios["a: 1 conversation / plain generate"] == (0.8,)
    assert ratios["a: 1 conversation / only it loaded"] == (2.0,)
    assert ratios["B: 16 conversations / 1"] == (2.0,)
    # The median of a round's trials, by the mean of its members.
    assert ratios["B, turn 10 drawn ahead / a single member, warm"] == pytest.approx((0.75,))


def test_what_was_not_measured_is_not_told(report):
    names = {ratio.name for ratio in report.ratios()}

    assert not any("cold" in name or "64" in name for name in names)
    assert Report([], ["a"], None).ratios() == []
    assert "tokens a second" not in Report([], ["a"], None).table()


def test_the_table_has_medians_in_its_units(report):
    lines = report.table().splitlines()

    assert lines[0].split() == ["tokens", "a", "second", "1", "16"]
    own = [line.split() for line in lines if line.startswith("B ")]
    assert own == [["B", "112", "300"], ["B", "150"]]
    assert "B: found in the cache of a prompt: ahead 95%" in lines


def test_a_ratio_prints_its_spread_and_its_aim(report):
    line = str(next(r for r in report.ratios() if "tokens/s: 1" in r.name))
    assert "0.75" in line and "(0.50 to 1.00)" in line and line.endswith("≥ 0.95")
