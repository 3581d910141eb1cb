"""Rates: a minute's worth of one key, and no more memory than its keys of a minute."""

from arena import rates
from arena.rates import Rate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_is_let_in_and_the_wait_is_told():
    clock = Clock()
    rate = Rate(2, clock)
    assert [rate.take("v") for _ in range(2)] == [0, 0]
    clock.now = 20.5
    assert rate.take("v") == 40 and rate.take("w") == 0
    clock.now = 60.0
    assert rate.take("v") == 0


def test_who_was_refused_waits_no_longer_for_asking_again():
    clock = Clock()
    rate = Rate(1, clock)
    rate.take("v")
    for clock.now in (10.0, 30.0, 59.0):
        assert rate.take("v")
    clock.now = 60.0
    assert rate.take("v") == 0


def test_no_limit_and_no_key_are_never_counted():
    assert [Rate(0).take("v") for _ in range(100)] == [0] * 100
    rate = Rate(1)
    assert [rate.take(None) for _ in range(3)] == [0, 0, 0]


def test_the_silent_are_forgotten(monkeypatch):
    monkeypatch.setattr(rates, "KEYS", 3)
    clock = Clock()
    rate = Rate(1, clock)
    for key in "abc":
        rate.take(key)
    clock.now = 61.0
    assert rate.take("d") == 0 and set(rate._taken) == {"d"}
