"""Figures that were made up, and what the report must say of them."""

import pytest

from blend.bench.measures import FirstToken, Rate
from blend.bench.report import MEAN, BenchReport
from blend.bench.schedule import Figure

DIRECT = "a, llama.cpp directly"


def rate(subject, level, round, seconds=1.0, **tokens):
    return Figure(subject, f"tokens/s {level}", round, Rate(tokens, seconds))


def first(subject, kind, round, seconds, member):
    return Figure(subject, f"first {kind}", round, FirstToken(seconds, member, 100, 90))


FIGURES = [
    *(rate("a", 1, n, a=120) for n in (0, 1)),
    *(rate("b", 1, n, b=40) for n in (0, 1)),
    rate("B", 1, 0, a=30, b=30),
    rate("B", 1, 1, 2.0, b=40),
    rate("B", 16, 0, a=300),
    rate(DIRECT, 1, 1, a=150),
    *(first(name, "warm", 0, seconds, name) for name, seconds in (("a", 0.1), ("b", 0.3))),
    first("B", "ahead", 0, 0.15, "b"),
    first("B", "ahead", 1, 0.15, "b"),
]


@pytest.fixture
def report():
    return BenchReport(FIGURES, ["a", "b"], "B", {"a": DIRECT})


def test_ratios_are_taken_within_a_round(report):
    ratios = {ratio.name: ratio.values for ratio in report.ratios()}

    # 30 tokens of each take a 0.25 s and b 0.75 s: 60 a second. 40 of b alone: 40 a second.
    assert ratios.pop(f"B / {MEAN}, tokens/s 1") == pytest.approx((1.0, 0.5))
    assert ratios.pop(f"a / {DIRECT}, tokens/s 1") == (0.8,)
    # The member that was drawn, against itself; in round 1 it was not measured alone.
    ahead = ratios.pop("B, turn 10 drawn ahead / the same member alone, warm")
    assert ahead == pytest.approx((0.5,))
    assert not ratios  # nothing is told of what was not measured


def test_without_figures_there_is_nothing_to_tell():
    empty = BenchReport([], ["a"], None, {})
    assert empty.ratios() == [] and "tokens/s" not in empty.table()


def test_the_table_has_medians_in_its_units(report):
    lines = report.table().splitlines()
    heads = ["tokens/s", "1", "tokens/s", "16", "ms", "warm", "ms", "ahead"]
    assert lines[0].split() == heads
    rows = {line[: len(DIRECT)].strip(): line[len(DIRECT) :].split() for line in lines[1:6]}
    assert rows == {
        "a": ["120", "100"], "b": ["40", "300"], "B": ["40", "300", "150"],
        DIRECT: ["150"], MEAN: ["50"],
    }  # fmt: skip


def test_a_ratio_prints_its_spread_and_its_aim(report):
    line = str(next(r for r in report.ratios() if r.name == f"B / {MEAN}, tokens/s 1"))
    assert "0.75" in line and "(0.50 to 1.00)" in line and line.endswith("≥ 0.95")
