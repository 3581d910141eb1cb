"""Daily looks: what the sequence promises, when it speaks, and how many visitors it still needs."""

from dataclasses import replace

import numpy as np
import pytest

from arena.experiment.sequential import FEWEST, PLANNED, WINDOW, boundary, sequential_tests
from arena.experiment.synthetic_visitors import CONTROL, arms, synthetic_visitors

LEVEL = 0.025


def pair(visitors, days=40, apart=True, seed=0):
    rng = np.random.default_rng(seed)
    other = arms(4)[3] if apart else CONTROL
    return [
        synthetic_visitors(a, visitors, days, rng, joining=days).cohort() for a in (other, CONTROL)
    ]


def test_the_reach_is_least_compared_with_a_single_look_where_it_was_planned():
    n = np.geomspace(50, 100_000, 400)
    ratio = boundary(n, 0.05) * np.sqrt(n)
    assert n[np.argmin(ratio)] == pytest.approx(PLANNED, rel=0.1)
    assert 2.5 < ratio.min() < 3.2


def test_a_difference_is_seen_and_stays_seen():
    for watched in sequential_tests(*pair(3000), LEVEL):
        assert watched.alarm is not None and watched.latest.low > 0
        assert watched.alarm in watched.days
        assert (np.diff(watched.visitors) >= 0).all()


def test_a_visitor_counts_when_the_first_week_is_over():
    both = pair(3000)
    watched = sequential_tests(*both, LEVEL)[0]
    assert watched.visitors[-1] == sum((who.reach >= WINDOW).sum() for who in both)
    assert watched.days[0] > WINDOW


def test_what_a_look_saw_does_not_change_later():
    """A look at day 25 of 40 is the last look of an experiment that is 25 days old."""
    late, early = pair(3000), []
    for who in late:
        kept = who.joined < 25
        over = (who.joined[:, None] + who.days < 25)[kept]
        early.append(
            replace(
                who,
                today=25,
                joined=who.joined[kept],
                active=who.active[kept] & over,
                seconds=who.seconds[kept] * over,
            )
        )
    for before, after in zip(
        sequential_tests(*early, LEVEL), sequential_tests(*late, LEVEL), strict=True
    ):
        n = len(before.days)
        assert before.days.tolist() == after.days[:n].tolist()
        assert before.low == pytest.approx(after.low[:n])


def test_too_few_visitors_are_too_early():
    for watched in sequential_tests(*pair(FEWEST - 1), LEVEL):
        assert (watched.latest, watched.alarm, watched.needed(0.1)) == (None, None, None)


def test_half_the_effect_needs_about_four_times_the_visitors():
    watched = sequential_tests(*pair(500, apart=False), LEVEL)[0]
    seen = int(watched.visitors[-1])
    big, small = (watched.needed(effect) + seen for effect in (0.1, 0.05))
    assert 3.5 < small / big < 5.5
    assert watched.needed(5.0) == 0 and watched.needed(-0.1) + seen == big


def test_the_number_needed_is_enough_four_times_in_five():
    """Arms that differ by a known log ratio, at the number of visitors that was asked for."""
    effect = arms(4)[3]
    k = np.arange(1, WINDOW + 1)
    truth = np.log(effect.retention(k).sum() / CONTROL.retention(k).sum())
    more = sequential_tests(*pair(500, days=20, apart=False), LEVEL)[0]
    each = (more.needed(truth) + int(more.visitors[-1])) // 2
    seen = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        a, b = (
            synthetic_visitors(arm, each, 9, rng, joining=1).cohort() for arm in (effect, CONTROL)
        )
        seen += sequential_tests(a, b, LEVEL)[0].alarm is not None
    assert 0.62 < seen / 60 < 0.95


def test_false_alarms_stay_rare_under_a_look_every_day():
    """100 experiments; at 5 % in all, over 12 alarms would come once in a thousand such tests."""
    alarms = 0
    for seed in range(100):
        alarms += any(
            each.alarm is not None
            for each in sequential_tests(*pair(400, apart=False, seed=seed), LEVEL)
        )
    assert alarms <= 12
