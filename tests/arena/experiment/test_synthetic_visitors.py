"""Simulated crowds: exactly the power laws that were asked for."""

import numpy as np
import pytest

from arena.experiment.cohort import COUNTS
from arena.experiment.synthetic_visitors import CONTROL, arms, synthetic_visitors


def test_the_power_laws_hold():
    arm, rng = arms(2)[1], np.random.default_rng(0)
    who = synthetic_visitors(arm, 60_000, 8, rng, joining=1).cohort()
    k = who.days[1:]
    came = who.active.sum(0)[1:]

    assert came / who.size == pytest.approx(arm.retention(k), rel=0.02)
    assert who.seconds.sum(0)[1:] / came == pytest.approx(arm.engagement(k), rel=0.04)


def test_visitors_are_seen_only_until_the_last_day():
    made = synthetic_visitors(CONTROL, 500, 10, np.random.default_rng(0))
    who = made.cohort()

    assert made.day.max() == 9 and made.joined.max() <= 4
    assert (who.active <= who.eligible).all() and who.active[:, 0].all()
    assert who.active.sum() == len(made.visitor)


def test_who_comes_often_stays_long():
    who = synthetic_visitors(CONTROL, 20_000, 20, np.random.default_rng(0), joining=1).cohort()
    often = who.active.sum(1) > 5
    first = who.seconds[:, 0]
    assert first[often].mean() > 1.2 * first[~often].mean()


def test_tallies_can_be():
    made = synthetic_visitors(CONTROL, 500, 10, np.random.default_rng(0))
    row = dict(zip(COUNTS, made.tallies.T, strict=True))

    assert (row["conversations"] >= 1).all() and (row["turns"] >= row["conversations"]).all()
    assert (row["answered"] <= row["replies"]).all()
    assert (row["ups"] + row["downs"] <= row["replies"]).all()
