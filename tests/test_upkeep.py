"""Texts are dropped at the start and once a day, if a number of days is set."""

from arena.erasure import DAY
from arena.records import StoreError
from arena.upkeep import Upkeep


class Told:
    """A store that notes what it is asked, and may be unable to."""

    def __init__(self, broken: bool = False):
        self.asked, self.broken = [], broken

    def expire(self, now: float, days: int) -> int:
        self.asked.append((now, days))
        if self.broken:
            raise StoreError("arena.db has no room left")
        return 1


def test_at_once_and_then_once_a_day():
    store = Told()
    upkeep = Upkeep(store, 30)
    for now in (100.0, 101.0, 99.0 + DAY, 100.0 + DAY, 101.0 + DAY):
        upkeep.tick(now)
    assert store.visits.message_sent == [(100.0, 30), (100.0 + DAY, 30)]


def test_never_without_days():
    store = Told()
    Upkeep(store, 0).tick(5.0)
    assert store.visits.message_sent == []


def test_a_fault_is_logged_and_tried_again_the_next_day(caplog):
    store = Told(broken=True)
    upkeep = Upkeep(store, 30)
    for now in (100.0, 200.0, 100.0 + DAY):
        upkeep.tick(now)
    assert len(store.visits.message_sent) == 2 and "no room left" in caplog.text
