"""What an estimate says of a number, by its interval."""

import pytest

from blend.evaluation.resample import Estimate


@pytest.mark.parametrize(
    ("low", "high", "of", "side"),
    [
        (0.1, 0.3, 0, "above"),
        (-0.3, -0.1, 0, "below"),
        (0, 0.3, 0, ""),
        (-0.3, 0, 0, ""),
        (0.3, 0.4, 0.5, "below"),
        (0.6, 0.7, 0.5, "above"),
    ],
)
def test_a_number_is_on_a_side_only_where_the_whole_interval_is_on_the_other(low, high, of, side):
    assert Estimate((low + high) / 2, low, high).side(of) == side


def test_turned_round_the_ends_change_places():
    assert abs(Estimate(-1, -3, 0.5)) == Estimate(1, -0.5, 3) == abs(Estimate(1, -0.5, 3))
