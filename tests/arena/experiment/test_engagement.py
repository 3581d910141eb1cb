"""The report: curves, comparisons with the control, and what is kept back."""

import numpy as np
import pytest

from arena.experiment.cohort import Cohort
from arena.experiment.engagement import analyse_experiment, engagement_curve, retention_curve
from arena.experiment.synthetic_visitors import CONTROL, arms, synthetic_visitors


def cohorts(count=3, visitors=300, days=15):
    rng = np.random.default_rng(0)
    return [synthetic_visitors(arm, visitors, days, rng).cohort() for arm in arms(count)]


def read(made, control="control"):
    return analyse_experiment(made, control, np.random.default_rng(1), rounds=50)


def test_every_arm_is_held_against_the_control():
    made = read(cohorts())

    assert [arm.name for arm in made.arms] == ["control", "arm-2", "arm-3"]
    assert made.arms[0].retention_fit is None and made.arms[0].retention_test is None
    for arm in made.arms[1:]:
        assert arm.retention_fit.start.low < arm.retention_fit.start.value
        assert arm.engagement_test.level == made.level == 0.05 / 4


def test_the_control_comes_first_wherever_it_stood():
    made = read(cohorts(), control="arm-3")
    assert made.arms[0].name == "arm-3" and made.arms[1].retention_fit is not None


def test_groups_under_five_visitors_are_not_shown():
    large, small = (
        cohorts(1)[0],
        synthetic_visitors(arms(2)[1], 4, 15, np.random.default_rng(0)).cohort(),
    )
    made = read([small, large])
    assert ([arm.name for arm in made.arms], made.too_small) == (["control"], ("arm-2",))

    tiny_control = read([small, large], control="arm-2")
    assert tiny_control.arms[0].retention_fit is None


def test_days_of_under_five_visitors_are_not_shown():
    who = synthetic_visitors(CONTROL, 30, 15, np.random.default_rng(0)).cohort()
    came, could = who.active.sum(0), who.eligible.sum(0)

    assert (np.isnan(retention_curve(who).value) == (could < 5)).all()
    assert (np.isnan(engagement_curve(who).value) == (came < 5)).all()
    assert (came < 5).any()


def test_curves_by_hand():
    active = np.array([[1, 1], [1, 0], [1, 1], [1, 0], [1, 1], [1, 1], [1, 1], [1, 0]], bool)
    seconds = (active * np.arange(10.0, 90.0, 10.0)[:, None]).astype(np.float32)
    who = Cohort("a", 5, np.zeros(8, int), active, seconds, np.zeros((8, 7)))

    retained, engaged = retention_curve(who), engagement_curve(who)
    assert retained.value.tolist() == [1, 5 / 8]
    assert (retained.low[1], retained.high[1]) == pytest.approx((0.3057, 0.8632), abs=1e-4)
    assert engaged.value.tolist() == [45, (10 + 30 + 50 + 60 + 70) / 5]
    assert engaged.low[1] * engaged.high[1] == pytest.approx(engaged.value[1] ** 2)


def test_nobody_is_an_empty_report():
    assert read([]).arms == () and read(cohorts(2, visitors=0)).arms == ()
