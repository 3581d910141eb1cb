"""Where one visitor stands, by a real database and the board that everybody sees."""

from contextlib import closing

import pytest
from stored import UP, fill, opened

from arena.db.store import Store
from arena.pages.votes.standing import own_votes, standing
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.site.leaderboards import LeaderboardCache
from blend.roster import read


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as with_votes:
        fill(with_votes, 60)
        yield with_votes


def stands(store, visitor):
    board = LeaderboardCache(read("scripted"), store).look(LeaderboardQuery(), UP)
    own = own_votes(store.visitor_votes.outcomes(visitor))
    return own, board, standing(own, board, visitor)


def test_the_own_ranking_stands_beside_everybodys(store):
    own, board, place = stands(store, "v1")
    assert (own.votes, own.counted, own.missing) == (20, 20, 0)
    assert {row.name for row, _ in place.ranking} == {"Blended", "oak", "elm"}
    for row, everybody in place.ranking:
        assert everybody == board.standing.ratings[row.name]
        assert row.votes < everybody.battles


def test_the_others_are_all_but_this_visitor(store):
    *_, place = stands(store, "v1")
    assert place.others
    store.database.execute(
        "UPDATE votes SET counted = 0 WHERE battle IN"
        " (SELECT id FROM battles WHERE visitor <> 'v1')"
    )
    _, board, alone = stands(store, "v1")
    assert board.counted == 20 and len(alone.ranking) == 3
    assert not alone.others and alone.agreement.foretold == 0


def test_who_has_no_vote_is_nobody_among_all_others(store):
    own, board, place = stands(store, "nobody")
    assert (own.votes, own.missing, place.ranking) == (0, 10, ())
    assert place.others and board.data.visitors.keys() == {"v0", "v1", "v2"}


def test_votes_that_do_not_count_are_in_no_ranking(store):
    store.database.execute("UPDATE votes SET counted = 0, reason = 'too_fast' WHERE rowid % 3 = 2")
    own, _, place = stands(store, "v1")
    assert (own.votes, own.counted, dict(own.why)) == (20, 0, {"too_fast": 20})
    assert place.ranking == ()


def test_an_id_that_was_deleted_shows_nothing_any_more(store):
    store.erasure.erase_visitor("v1")
    own, _, place = stands(store, "v1")
    assert (own.votes, place.ranking) == (0, ())


def test_the_codes_of_visitors_stay_right_after_more_votes_and_a_review(store):
    boards = LeaderboardCache(read("scripted"), store)
    for change in (lambda: fill(store, 9, visitors=5, first=60), lambda: leave_out(store)):
        change()
        board = boards.look(LeaderboardQuery(), UP)
        for visitor, number in board.data.visitors.items():
            own = own_votes(store.visitor_votes.outcomes(visitor))
            assert own.counted == (board.ballots.visitor == number).sum()


def leave_out(store):
    store.database.execute("UPDATE votes SET counted = 0 WHERE rowid < 4")


def test_an_empty_database_has_nobody(tmp_path):
    with closing(opened(tmp_path / "empty.db")) as store:
        own, _, place = stands(store, "ann")
        assert (own.votes, place.ranking, place.others) == (0, (), False)
