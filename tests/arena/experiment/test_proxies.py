"""Sooner proxies: their intervals, too few visitors."""

from dataclasses import replace

import numpy as np

from arena.experiment.cohort import COUNTS
from arena.experiment.proxies import proxies
from arena.experiment.synthetic_visitors import CONTROL, synthetic_visitors


def test_intervals_of_a_crowd_hold_what_made_it():
    held = np.zeros(3)
    for seed in range(120):
        found = proxies(synthetic_visitors(CONTROL, 300, 5, np.random.default_rng(seed)).cohort())
        truth = (CONTROL.answered, CONTROL.retries, CONTROL.ups)
        held += [p.low <= t <= p.high for p, t in zip(found[1:], truth, strict=True)]
    assert (held / 120 > 0.87).all() and (held / 120 <= 1).all()


def test_what_under_five_visitors_did_is_not_told():
    who = synthetic_visitors(CONTROL, 40, 5, np.random.default_rng(0)).cohort()
    few = who.tallies.copy()
    few[4:, COUNTS.index("ups")] = few[4:, COUNTS.index("downs")] = 0
    names = [proxy.name for proxy in proxies(replace(who, tallies=few))]
    assert names == ["conversation length", "answered within 180 s", "retry rate"]
