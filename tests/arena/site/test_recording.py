"""Texts are dropped at the start and once a day, if a number of days is set."""

import pytest

from arena.db.repositories.erasure import DAY
from arena.models import StoreError
from arena.site.recording import TextRetention


class Recorder:
    """An erasure that notes what it is asked, and may be unable to."""

    def __init__(self, broken: bool = False):
        self.asked, self.broken = [], broken

    def expire_texts(self, now: float, days: int) -> int:
        self.asked.append((now, days))
        if self.broken:
            raise StoreError("arena.db has no room left")
        return 1


@pytest.mark.parametrize("broken", [False, True])
def test_at_once_and_then_once_a_day_also_after_a_fault_which_is_logged(broken, caplog):
    store = Recorder(broken)
    retention = TextRetention(store, 30)
    for now in (100.0, 101.0, 99.0 + DAY, 100.0 + DAY, 101.0 + DAY):
        retention.tick(now)
    assert store.asked == [(100.0, 30), (100.0 + DAY, 30)]
    assert ("no room left" in caplog.text) == broken


def test_never_without_days():
    store = Recorder()
    TextRetention(store, 0).tick(5.0)
    assert store.asked == []
