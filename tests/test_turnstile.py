"""Turns among processes: one at the door, and nobody locked out by a door that does not open."""

import threading
import time
from contextlib import closing

from arena.store import Store
from arena.turnstile import Turnstile


def test_one_stands_at_the_door(tmp_path):
    first, second = (Turnstile(tmp_path / "a.db") for _ in range(2))
    entered, leave = threading.Event(), threading.Event()
    order = []

    def later():
        entered.wait(10)
        with second.at_the_door(time.monotonic() + 10):
            order.append("second")

    thread = threading.Thread(target=later)
    thread.start()
    with first.at_the_door(time.monotonic() + 10):
        entered.set()
        leave.wait(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    first.close()
    second.close()
    second.close()


def test_who_waited_long_enough_passes_all_the_same(tmp_path):
    stuck, other = (Turnstile(tmp_path / "a.db") for _ in range(2))
    with stuck.at_the_door(time.monotonic() + 1):
        start = time.monotonic()
        with other.at_the_door(time.monotonic() + 0.05):
            assert time.monotonic() - start >= 0.05
    stuck.close()
    other.close()


def test_where_no_file_can_be_there_is_no_door(tmp_path):
    with Turnstile(tmp_path / "nowhere" / "a.db").at_the_door(time.monotonic() + 1):
        assert not (tmp_path / "nowhere").exists()


def test_a_database_in_memory_leaves_nothing_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Store.open(":memory:")) as store:
        store.visitor("v")
    assert list(tmp_path.iterdir()) == []
