"""How often each contender was drawn, and what became of that."""

from arena.ballot import Counts
from arena.exposure import Exposure, exposures

COUNTS = Counts.of([("a", "b", "left", 3), ("b", "a", "tie", 1)])


def test_every_battle_is_told_of_once_for_each_side():
    found = exposures(
        COUNTS, [("a", "b", "void", 2), ("c", "a", "void", 1), ("b", "a", "dropped", 4)]
    )
    assert found["a"] == Exposure(counted=4, dropped=4, void=3)
    assert found["c"] == Exposure(void=1)
    assert [found[name].drawn for name in "abc"] == [11, 10, 1]
