"""A service that dies is started anew by itself, after a rest that grows with every death."""

import time

import pytest
from waiting import soon

from blend.members import MemberDown
from blend.members.supervisor import MAX_BACKOFF, Supervisor


class Mortal:
    """A service that dies when it is told to."""

    def __init__(self):
        self.reason = None
        self.stopped = False

    def failure(self):
        return self.reason

    def stop(self):
        self.stopped = True


class Maker:
    """Makes services; `broken` starts fail in between. times: when each start was tried."""

    def __init__(self):
        self.made, self.times, self.broken = [], [], 0

    def __call__(self, closed):
        self.times.append(time.monotonic())
        if len(self.times) > 1 and self.broken:
            self.broken -= 1
            raise RuntimeError("no room")
        self.made.append(Mortal())
        return self.made[-1]


def rest(supervisor):
    return supervisor._until - time.monotonic()


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def supervisor(maker):
    supervisor = Supervisor("m", maker)
    yield supervisor
    supervisor.close()


def test_a_death_is_noticed_by_whoever_looks_and_mended_without_a_request(supervisor, maker):
    maker.made[0].reason = "its engine died"
    assert supervisor.down == "its engine died"
    with pytest.raises(MemberDown, match="m: its engine died"):
        supervisor.service()
    soon(lambda: supervisor.down is None)
    assert supervisor.service() is maker.made[1]
    assert 1.0 <= maker.times[1] - maker.times[0] < 9.0


def test_a_death_that_nobody_asks_about_is_mended_and_what_died_is_stopped_first(supervisor, maker):
    maker.broken = 1
    maker.made[0].reason = "it hangs"
    soon(lambda: supervisor.down == "its engine does not start: no room")
    soon(lambda: len(maker.made) == 2)
    assert maker.made[0].stopped and not maker.made[1].stopped


def test_many_may_tell_of_one_death(supervisor, maker):
    first = supervisor.service()
    for _ in range(5):
        assert isinstance(supervisor.report_failure(first, "dead"), MemberDown)
    soon(lambda: supervisor.down is None)
    assert supervisor.report_failure(first, "dead").reason == "dead" and supervisor.down is None
    assert len(maker.made) == 2


def test_rests_grow_up_to_a_limit_and_the_service_may_ask_for_its_own(supervisor, maker):
    supervisor.report_failure(supervisor.service(), "busy", 300.0)
    assert 299 < rest(supervisor) <= 300 and supervisor.down == "busy"
    supervisor.close()  # its thread would start another
    grown = []
    for _ in range(8):
        supervisor._back_off("dead")
        grown.append(round(rest(supervisor)))
    assert grown == [1, 2, 4, 8, 16, 32, MAX_BACKOFF, MAX_BACKOFF]
    supervisor.report_success()
    supervisor._back_off("dead")
    assert 0 < rest(supervisor) <= 1


def test_one_that_need_not_be_there_at_first_is_looked_for_and_says_itself_why(maker):
    def away(closed):
        if not maker.times:
            maker.times.append(0.0)
            raise MemberDown("m", "nobody answers")
        return maker(closed)

    supervisor = Supervisor("m", away, required=False)
    assert supervisor.down == "nobody answers"
    soon(lambda: supervisor.down is None)
    supervisor.close()


def test_what_was_closed_is_stopped_and_never_comes_back(supervisor, maker):
    supervisor.report_failure(supervisor.service(), "dead")
    supervisor.close()
    supervisor.close()
    time.sleep(1.2)
    assert supervisor.down == "it was closed" and len(maker.made) == 1
    with pytest.raises(MemberDown, match="closed"):
        supervisor.service()


def test_closing_stops_the_service_that_runs(supervisor, maker):
    supervisor.close()
    assert maker.made[0].stopped
