"""What a service's steps become on their way to those who wait: first words at once, the rest in
bunches."""

from types import SimpleNamespace

import pytest

from blend.members.mail import Step
from blend.members.service import PACE, _Courier


class Round:
    """A courier by a clock that is set by hand. sent: what it delivered, a list a time."""

    def __init__(self):
        self.sent, self.now = [], 0.0
        self.courier = _Courier(self.sent.append, lambda: self.now)
        self._takes = {}

    def step(self, **said):
        """One batch: for each request its tokens so far, or the same with its end or failure."""

        def batch():
            for request, out in said.items():
                ids, over, error = out if isinstance(out, tuple) else (out, False, None)
                take = self._takes.setdefault(request, self.courier.taking(request, {request: 7}))
                take(
                    SimpleNamespace(generated_tokens=ids, is_finished=lambda o=over: o, error=error)
                )

        self.courier.call_soon_threadsafe(batch)


@pytest.fixture
def courier():
    courier = Round()
    courier.step(a=[1])
    assert courier.sent.pop() == [("a", Step((1,), found=7))]
    return courier


def test_what_follows_waits_for_its_time_and_goes_as_one(courier):
    courier.step(a=[1, 2])
    courier.step(a=[1, 2, 3])
    assert courier.sent == []

    courier.now += PACE
    courier.step(a=[1, 2, 3, 4])
    assert courier.sent == [[("a", Step((2, 3, 4), found=7))]]


def test_what_somebody_waits_for_takes_along_what_waits(courier):
    courier.step(a=[1, 2])
    courier.step(a=[1, 2, 3], b=[9])
    assert courier.sent == [[("a", Step((2, 3), found=7)), ("b", Step((9,), found=7))]]


@pytest.mark.parametrize(("over", "error"), [(True, None), (False, "out of memory")])
def test_an_end_does_not_wait(courier, over, error):
    courier.step(a=[1, 2])
    courier.step(a=([1, 2, 3], over, error))
    assert courier.sent == [[("a", Step((2, 3), True, 7, error))]]


def test_nothing_is_said_twice(courier):
    courier.now += PACE
    courier.step(a=[1, 2])
    courier.now += PACE
    courier.step(a=[1, 2, 3])
    assert [step.ids for [(_, step)] in courier.sent] == [(2,), (3,)]
