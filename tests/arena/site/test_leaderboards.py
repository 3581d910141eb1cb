"""The leaderboards of a running site: fresh after a vote, computed once, never in others' way."""

import asyncio
import threading
from contextlib import closing

import pytest
from stored import UP, fill

from arena.db.store import Store
from arena.ranking.board.leaderboard import LeaderboardQuery, leaderboard_rows
from arena.simulation.synthetic_strengths import demo_votes
from arena.site.leaderboards import DERIVED, KEPT, LeaderboardCache
from blend.roster import read

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as with_votes:
        fill(with_votes, 12)
        yield with_votes


@pytest.fixture
def boards(store):
    return LeaderboardCache(read("scripted"), store)


def test_it_is_computed_once_for_each_state_of_the_votes(store, boards):
    first = boards.look(LeaderboardQuery(), UP)
    assert boards.look(LeaderboardQuery(), UP) is first
    fill(store, 1, first=12)
    second = boards.look(LeaderboardQuery(), UP)
    assert (first.counted, second.counted) == (12, 13)
    assert {state for state, _ in boards._kept} == {(store.votes.version(), (), tuple(UP.items()))}


def test_whom_the_host_retires_or_renames_the_next_board_shows_so(store, boards):
    before = boards.look(LeaderboardQuery(), UP)
    assert before.retired == () and {row.name for row in before.standing.ratings.rows} >= {"oak"}
    store.contenders.retire("c-2", True)
    after = boards.look(LeaderboardQuery(), UP)
    assert after.retired == ("oak",) and after.counted == before.counted
    store.contenders.rename("c-2", "ash")
    assert boards.look(LeaderboardQuery(), UP).retired == ("ash",)


async def test_who_comes_at_the_same_time_gets_the_same_board(boards):
    shown = await asyncio.gather(*(boards.board(LeaderboardQuery(), UP) for _ in range(40)))
    assert len({*map(id, shown)}) == 1


async def test_while_it_is_computed_votes_are_stored(store, boards):
    """The loop's own threads are few: none of them may wait for a board."""
    stored = threading.Event()
    slow = boards._alone.submit(stored.wait, 60)
    waiting = [asyncio.create_task(boards.board(LeaderboardQuery(), UP)) for _ in range(40)]
    await asyncio.sleep(0.1)
    await asyncio.to_thread(fill, store, 1, first=20)
    stored.set()
    await asyncio.gather(*waiting)
    assert slow.result()


async def test_what_is_made_of_a_board_is_made_once_for_each_key_and_by_the_boards_thread(boards):
    board = boards.look(LeaderboardQuery(), UP)
    made = []

    def make(of):
        made.append(threading.current_thread().name)
        return of, len(made)

    async def several(*keys):
        return await asyncio.gather(*(boards.derive(board, key, make) for key in keys))

    assert await several("a", "a", "b", "a") == [(board, n) for n in (1, 1, 2, 1)]
    await several(*range(DERIVED))  # which puts the first ones out
    assert (await several(DERIVED - 1, "a"))[0][1] < len(made) == DERIVED + 3
    assert all(name.startswith("leaderboards") for name in made)


def test_few_are_kept(boards):
    for n in range(KEPT + 4):
        boards.look(LeaderboardQuery(by="turns"), UP | {f"new {n}": "c-9"})
        boards.look(LeaderboardQuery(), UP)
    assert len(boards._kept) <= KEPT


def test_a_vote_that_stops_counting_is_gone_from_the_board(store, boards):
    boards.look(LeaderboardQuery(), UP)
    with store.database.transaction():
        store.database.execute(
            "UPDATE votes SET counted = 0, reason = 'too_fast' WHERE rowid IN (2, 3)"
        )
    shown = boards.look(LeaderboardQuery(), UP)
    assert (shown.counted, shown.votes) == (10, 12)
    with store.database.transaction():
        store.database.execute("UPDATE votes SET counted = 1 - counted WHERE rowid IN (3, 4)")
    assert boards.look(LeaderboardQuery(), UP).counted == 10
    assert sum(each.exposure.dropped for each in shown.profiles) == 4


def test_nonsense_is_refused(boards):
    with pytest.raises(ValueError, match="votes are own, imported, judged, simulated, not 'mine'"):
        boards.look(LeaderboardQuery(source="mine"), UP)
    with pytest.raises(ValueError, match=r"votes can be sliced by turns, .*, not by 'mood'"):
        boards.look(LeaderboardQuery(by="mood"), UP)


def test_own_votes_come_first_and_else_those_there_are(tmp_path):
    with closing(Store.open(tmp_path / "other.db")) as empty:
        boards = LeaderboardCache(read("scripted"), empty, demo_votes)
        assert boards.look(LeaderboardQuery(), {}).data.source == "own"
        shown = boards.look(LeaderboardQuery(source="simulated"), {})
        assert not shown.data.stored and shown.counted == 2000


def give(store, visitors):
    """Each of these visitors finds their vote's left side more helpful."""
    for visitor in visitors:
        (battle,) = store.database.query_one(
            "SELECT id FROM battles WHERE visitor = ? ORDER BY rowid DESC", (visitor,)
        )
        store.vote_reasons.give(battle, visitor, "left", ["more_helpful"])


def without_reasons(path, visitors):
    """A store of 24 votes, whose reasons were taken back."""
    store = Store.open(path)
    fill(store, 24, visitors)
    store.database.execute("UPDATE vote_reasons SET given = 0")
    return closing(store)


def test_reasons_come_after_their_votes_and_need_no_new_ratings(tmp_path):
    with without_reasons(tmp_path / "many.db", visitors=24) as store:
        boards = LeaderboardCache(read("scripted"), store)
        before = boards.look(LeaderboardQuery(), UP)
        made = asyncio.run(boards.derive(before, "a", id))
        give(store, [f"v{n}" for n in (0, 4, 8, 12, 16)])
        shown = boards.look(LeaderboardQuery(), UP)
        assert asyncio.run(boards.derive(shown, "a", id)) == made
        assert (before.reasons, [*shown.reasons]) == ({}, ["c-1"])
        assert shown.standing is before.standing
        assert boards.look(LeaderboardQuery(), UP) is shown
        row = next(row for row in leaderboard_rows(shown) if row["contender"] == "Blended")
        assert row["reasons"]["given"] == row["reasons"]["visitors"] == 5
        part = boards.look(LeaderboardQuery(by="turns", part="1 turn"), UP)
        assert part.reasons == {}


def test_reasons_of_fewer_than_five_visitors_are_not_told(tmp_path):
    with without_reasons(tmp_path / "many.db", visitors=4) as store:
        boards = LeaderboardCache(read("scripted"), store)
        give(store, [f"v{n}" for n in range(4)])
        assert store.vote_reasons.counts() and boards.look(LeaderboardQuery(), UP).reasons == {}
