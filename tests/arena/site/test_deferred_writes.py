"""Writes that wait for the database: in order, not without end, and not past the stop."""

import threading

import pytest
from app_process import lasting
from waiting import soon

from arena.models import Refused, StoreError
from arena.site.deferred_writes import DeferredWrites


class Database:
    """One that is locked at first."""

    def __init__(self):
        self.locked, self.rows, self.tries = True, [], 0

    def insert(self, row: int) -> None:
        self.tries += 1
        if self.locked:
            raise StoreError("locked")
        self.rows.append(row)


def test_all_are_stored_in_order_once_the_database_takes_them_and_the_thread_ends():
    before, database, waiting = set(threading.enumerate()), Database(), DeferredWrites(pause=0.01)
    over = []
    for row in range(5):
        waiting.add(lambda row=row: database.insert(row), lambda row=row: over.append(row))
    assert soon(lambda: database.tries > 2) and len(waiting) == 5 and over == []
    database.locked = False
    assert soon(lambda: not len(waiting)) and database.rows == over == [0, 1, 2, 3, 4]
    assert lasting(before) == []


def test_more_than_can_be_held_is_refused_and_what_is_refused_for_good_does_not_wait():
    database, waiting = Database(), DeferredWrites(most=1, pause=0.01)

    def refuse():
        raise Refused("refusals.voted")

    waiting.add(refuse)
    assert soon(lambda: not len(waiting))
    waiting.add(lambda: database.insert(1))
    with pytest.raises(StoreError, match="1 replies wait"):
        waiting.add(lambda: database.insert(2))
    database.locked = False
    assert soon(lambda: database.rows == [1]) and waiting.close() == 0


def test_a_stop_tries_once_more_and_then_gives_up():
    before, database, waiting = set(threading.enumerate()), Database(), DeferredWrites(pause=60)
    over = []
    for row in range(3):
        waiting.add(lambda row=row: database.insert(row), lambda: over.append(1))
    assert soon(lambda: database.tries == 1)
    assert waiting.close() == 3 and database.tries == 2 and over == [1, 1, 1]
    with pytest.raises(StoreError):
        waiting.add(lambda: database.insert(9))
    assert lasting(before) == []
