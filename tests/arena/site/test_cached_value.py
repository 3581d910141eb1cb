"""A value that is computed now and then: once, however many ask."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.site.cached_value import CachedValue


def test_many_who_ask_at_once_cost_one_computation():
    runs, value = [], CachedValue(lambda: runs.append(1) or len(runs), 60.0)
    assert value.peek() is None
    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(lambda n: value(), range(200))) == {1}
    assert len(runs) == 1 == value.peek()


def test_who_asks_meanwhile_gets_the_last_value():
    computing, leave, values = threading.Event(), threading.Event(), iter((1, 2))

    def compute():
        value = next(values)
        if value == 2:
            computing.set()
            leave.wait(10)
        return value

    value = CachedValue(compute, 0.0)
    assert value() == 1
    with ThreadPoolExecutor(1) as thread:
        second = thread.submit(value)
        assert computing.wait(10) and value() == 1
        leave.set()
        assert second.result() == 2


def test_one_that_fails_is_computed_again():
    answers = [lambda: 1 / 0, lambda: 7]
    value = CachedValue(lambda: answers.pop(0)(), 60.0)
    with pytest.raises(ZeroDivisionError):
        value()
    assert value() == 7
