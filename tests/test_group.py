"""Rounds of work: all that waits is done together, each has its own end, nobody waits for ever."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.group import LARGEST, Group


def doing(sizes=None, hold=None):
    """A round that does its tasks, after `hold`, and notes how many there were."""

    def round(take):
        if hold is not None:
            hold.wait(10)
        tasks = take()
        if sizes is not None:
            sizes.append(len(tasks))
        for task in tasks:
            try:
                task.result = task.work()
            except ValueError as error:
                task.error = error

    return round


def test_each_gets_its_own_result_or_error():
    group = Group(doing())

    def work(number):
        if number % 3 == 0:
            raise ValueError(number)
        return number

    def ask(number):
        try:
            return group.run(lambda: work(number))
        except ValueError as error:
            return f"no {error}"

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(300)))
    assert found == [n if n % 3 else f"no {n}" for n in range(300)]


def test_what_waits_is_done_in_one_round():
    sizes, hold = [], threading.Event()
    group = Group(doing(sizes, hold))
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(group.run, lambda: 1) for _ in range(20)]
        while len(group._waiting) < 20:
            threading.Event().wait(0.001)
        hold.set()
        assert sum(each.result() for each in asked) == 20
    assert sizes == [20] and LARGEST >= 20


def test_who_comes_while_the_round_waits_for_its_turn_is_in_it():
    sizes, begun, turn = [], threading.Event(), threading.Event()

    def round(take):
        begun.set()
        turn.wait(10)
        doing(sizes)(take)

    group = Group(round)
    with ThreadPoolExecutor(9) as threads:
        asked = [threads.submit(group.run, lambda: 1)]
        begun.wait(10)
        asked += [threads.submit(group.run, lambda: 1) for _ in range(8)]
        while len(group._waiting) < 9:
            threading.Event().wait(0.001)
        turn.set()
        assert sum(each.result() for each in asked) == 9
    assert sizes == [9]


def no():
    raise ValueError("no")


def sift(tasks):
    for task in tasks:
        task.error = ValueError("sifted") if task.work is no else None


def test_what_the_sift_refuses_needs_no_round():
    sizes = []
    group = Group(doing(sizes), sift)
    with pytest.raises(ValueError, match="sifted"):
        group.run(no)
    assert sizes == [] and group.run(lambda: 2) == 2 and sizes == [1]


def test_a_leader_that_the_sift_refuses_leads_for_the_others():
    sizes, begun, hold = [], threading.Event(), threading.Event()
    group = Group(doing(sizes), sift)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(group.run, lambda: begun.set() or hold.wait(10))
        begun.wait(10)
        refused = threads.submit(group.run, no)
        while not group._waiting:
            threading.Event().wait(0.001)
        other = threads.submit(group.run, lambda: 2)
        while len(group._waiting) < 2:
            threading.Event().wait(0.001)
        hold.set()
        assert first.result() and other.result() == 2
        assert str(refused.exception()) == "sifted"
    assert sizes == [1, 1]


def test_who_comes_after_the_sift_is_in_the_round_all_the_same():
    sizes, begun, turn = [], threading.Event(), threading.Event()

    def round(take):
        begun.set()
        turn.wait(10)
        doing(sizes)(take)

    group = Group(round, sift)
    with ThreadPoolExecutor(2) as threads:
        asked = threads.submit(group.run, lambda: 2)
        begun.wait(10)
        later = threads.submit(group.run, no)
        while not group._waiting:
            threading.Event().wait(0.001)
        turn.set()
        assert asked.result() == 2 and str(later.exception()) == "no"
    assert sizes == [2]


def test_a_refusal_leaves_no_cycle_behind():
    """Thousands a second did: the collector went through them all day."""
    group, gone = Group(doing()), []

    class Work:
        def __call__(self):
            raise ValueError

        def __del__(self):
            gone.append(True)

    gc.disable()
    try:
        with pytest.raises(ValueError):
            group.run(Work())
        assert gone == [True]
    finally:
        gc.enable()


def test_a_round_that_fails_is_everybodys_error_and_the_next_goes_on():
    broken = [True]

    def round(take):
        if broken.pop():
            broken.append(False)
            raise OSError("disk")
        broken.append(False)
        doing()(take)

    group = Group(round)
    with pytest.raises(OSError, match="disk"):
        group.run(lambda: 1)
    assert group.run(lambda: 2) == 2


def test_a_leader_who_is_stopped_takes_nobody_along():
    stopped = [True]

    def round(take):
        if stopped:
            stopped.clear()
            raise KeyboardInterrupt
        doing()(take)

    group = Group(round)
    with pytest.raises(KeyboardInterrupt):
        group.run(lambda: 1)
    assert group.run(lambda: 2) == 2
