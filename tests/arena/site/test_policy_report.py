"""Policies judged on a site's newest turns, for its page."""

import time
from contextlib import closing

import pytest

from arena.db.store import Store
from arena.simulation.synthetic_log import write_log
from arena.site.policy_report import MIN_TURNS, report_policies
from arena.site.recording import register_visitor
from blend.roster.specs import BlendSpec


def shared(store, visitors: int) -> None:
    """The conversations, which all are of one visitor, given to so many."""
    for n in range(visitors):
        register_visitor(store, f"v{n}")
    store.database.execute(f"UPDATE conversations SET visitor = 'v' || (rowid % {visitors})")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    db = tmp_path_factory.mktemp("log") / "a.db"
    write_log(db, 1200, 3, 0)
    with closing(Store.open(db)) as with_turns:
        shared(with_turns, 6)
        yield with_turns


def test_policies_are_judged_by_every_reward_that_turns_tell(store):
    found = report_policies(store, (), time.time())
    assert (found.title, found.visitors, found.simulated) == ("Made-up blend", 6, True)
    assert "thumb" in found.gains and "won" not in found.gains  # there are no battles
    assert {*found.gains["thumb"]} == {"no-repeat", "round-robin", "thompson"}
    assert found.values["thumb"]["uniform"].turns >= 1200 > MIN_TURNS
    for gain in found.gains["thumb"].values():
        assert gain.low < gain.value < gain.high
    # It gains nothing, and one interval in twenty misses that: twice as wide a one does not.
    same = found.gains["thumb"]["no-repeat"]
    assert abs(same.value) < same.high - same.low


def test_the_rosters_own_policies_are_judged_too(store):
    ((contender, *_),) = store.turn_log.drawn_contenders()
    members = tuple(member["name"] for member in contender.config["members"])
    heavy = BlendSpec("Heavy", members, "weighted", options={"weights": {members[0]: 9.0}})
    other = BlendSpec("Other", ("x", "y"), "weighted", options={"weights": {}})
    staying = BlendSpec("Staying", members, "sticky", options={"turns": 2, "epsilon": 0.02})
    found = report_policies(store, (heavy, other, staying), time.time())
    assert "sticky (Staying)" in found.gains["thumb"]
    assert "weighted (Heavy)" in found.gains["thumb"]
    assert "weighted (Other)" not in found.gains["thumb"]


def test_only_the_newest_conversations_are_read(store):
    (ids,) = [[c.id for c, *_ in store.turn_log.drawn_contenders()]]
    after, visitors = store.turn_log.newest(ids, 3)
    newer = store.database.query(
        "SELECT count(*), count(DISTINCT visitor) FROM conversations WHERE id > ?", (after,)
    )
    assert newer == [(3, visitors)]
    assert store.turn_log.newest(ids, 10**6) == ("", 6)
    turns = list(store.turn_log.logged_turns(ids, "thumb", time.time(), after))
    assert len({turn.conversation.id for turn in turns}) == 3


def test_nothing_is_said_of_few_visitors_or_without_a_log(tmp_path):
    write_log(tmp_path / "a.db", 300, 2, 0)
    with closing(Store.open(tmp_path / "a.db")) as few:
        assert report_policies(few, (), time.time()).gains == {}
    with closing(Store.open(tmp_path / "b.db")) as empty:
        assert report_policies(empty, (), time.time()) is None


def test_the_log_has_a_version(store):
    first = store.turn_log.version()
    assert store.turn_log.version() == first
    store.database.execute("UPDATE turns SET feedback = -feedback WHERE rowid = 1")
    assert store.turn_log.version() != first
