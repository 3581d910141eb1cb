"""A value that is looked up now and then: once, however many ask."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.recent import Recent


def test_many_who_ask_at_once_cost_one_look():
    looks, recent = [], Recent(lambda: looks.append(1) or len(looks), 60.0)
    assert recent.peek() is None
    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(lambda n: recent(), range(200))) == {1}
    assert len(looks) == 1 == recent.peek()


def test_who_asks_while_somebody_looks_gets_the_last_value():
    looking, leave, values = threading.Event(), threading.Event(), iter((1, 2))

    def look():
        value = next(values)
        if value == 2:
            looking.set()
            leave.wait(10)
        return value

    recent = Recent(look, 0.0)
    assert recent() == 1
    with ThreadPoolExecutor(1) as thread:
        second = thread.submit(recent)
        assert looking.wait(10) and recent() == 1
        leave.set()
        assert second.result() == 2


def test_a_look_that_fails_is_taken_again():
    answers = [lambda: 1 / 0, lambda: 7]
    recent = Recent(lambda: answers.pop(0)(), 60.0)
    with pytest.raises(ZeroDivisionError):
        recent()
    assert recent() == 7
