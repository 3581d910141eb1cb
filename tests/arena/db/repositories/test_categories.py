"""Categories are noted with the first message, and anew when the rules have changed."""

import json
from contextlib import closing

import pytest
from judged import voted
from replicas import take, tell
from stored import battle_of, fill, opened

from arena.categories.tagger import Tagger
from arena.db.merge import find_unfit
from arena.db.repositories.ballots import BallotCache
from arena.db.store import Store
from arena.models import StoreError
from arena.ranking.slices import slices

MINE = Tagger({"travel": ("train", "trip*")})


def tags_of(store, id):
    tags, rules = store.database.query_one(
        "SELECT tags, tag_rules FROM battles WHERE id = ?", (id,)
    )
    return tags and json.loads(tags), rules


def ask(store, *messages, tagger=MINE, visitor="ann"):
    """A battle in which these were asked and answered, with its vote; its id."""
    said = [(message, "An answer.", "Another one.") for message in messages]
    return voted(store, said, "left", visitor, tagger=tagger)


def test_the_first_message_alone_gives_the_tags(store):
    id = ask(store, "Write a poem about a train", "Solve x^2 = 4")
    assert tags_of(store, id) == (["creative_writing", "travel"], MINE.version)
    assert tags_of(store, ask(store, "Where is Oslo?", "Translate it")) == ([], MINE.version)


def test_tags_are_made_where_texts_are_not_kept_and_stay_when_the_rules_change(tmp_path):
    with closing(opened(tmp_path / "arena.db", keep_texts=False)) as store:
        id = ask(store, "Write a poem about a train")
        assert tags_of(store, id) == (["creative_writing", "travel"], MINE.version)
        assert store.categories.stale(Tagger()) == (0, 1)
        assert sum(store.categories.tag_stale(Tagger())) == 0
        assert tags_of(store, id)[1] == MINE.version


def test_old_battles_are_tagged_anew_once_and_only_those_by_other_rules(store):
    poem, trip = ask(store, "Write a poem", tagger=Tagger()), ask(store, "My trip to Rome")
    assert store.categories.stale(MINE) == (1, 0)
    store.database.execute("UPDATE battles SET tags = NULL, tag_rules = NULL WHERE id = ?", (trip,))
    assert store.categories.stale(MINE) == (2, 0)
    assert sum(store.categories.tag_stale(MINE)) == 2
    assert tags_of(store, trip) == (["travel"], MINE.version)
    assert tags_of(store, poem) == (["creative_writing"], MINE.version)
    assert store.categories.stale(MINE) == (0, 0)
    assert store.categories.counts() == {"creative_writing": 1, "travel": 1}


def test_more_battles_than_a_batch_are_all_tagged(store, monkeypatch):
    monkeypatch.setattr("arena.db.repositories.categories.BATCH", 3)
    for n in range(8):
        ask(store, f"My trip number {n}", tagger=Tagger())
    assert [*store.categories.tag_stale(MINE)] == [3, 3, 2]
    assert store.categories.counts() == {"travel": 8}


def test_a_board_that_is_kept_learns_of_new_tags(store):
    ask(store, "My trip to Rome", tagger=Tagger())
    cache = BallotCache("own", ["category"])
    before, version = store.ballots.update(cache), store.votes.version()
    assert [*slices(before, "category")] == ["no category"]
    assert [*store.categories.tag_stale(MINE)] == [1]
    assert [*slices(store.ballots.update(cache), "category")] == ["travel"]
    assert store.votes.version() != version


def test_a_merge_keeps_the_tags_that_were_made_last(tmp_path):
    with closing(opened(tmp_path / "a.db")) as one, closing(Store.open(tmp_path / "b.db")) as other:
        id = ask(one, "My trip to Rome", tagger=Tagger())
        old = tell(one, other)
        take(other, old)
        assert tags_of(other, id) == ([], "1")
        one.database.clock = lambda: 4e9
        assert sum(one.categories.tag_stale(MINE)) == 1
        take(other, tell(one, other))
        take(one, old)
        assert tags_of(one, id) == tags_of(other, id) == (["travel"], MINE.version)


@pytest.mark.parametrize(
    "tags",
    ["travel", '{"a": 1}', "[1]", '[""]', '["' + "a" * 61 + '"]', '["a\\u0007b"]', '["a", null]'],
)
def test_tags_that_are_no_names_do_not_come_in_from_elsewhere(store, tags):
    id = ask(store, "My trip")
    assert find_unfit(store.database) is None
    sql = "UPDATE battles SET tags = ? WHERE id = ?"
    if tags[0] != "[":
        with pytest.raises(StoreError, match="CHECK"):
            store.database.execute(sql, (tags, id))
    else:
        store.database.execute(sql, (tags, id))
        assert "the tags" in find_unfit(store.database)


def test_who_is_forgotten_leaves_our_categories_and_none_of_the_hosts_own(store):
    id, others = ask(store, "Write a poem about a train"), ask(store, "My trip", visitor="bob")
    assert store.erasure.erase_visitor("ann")
    assert tags_of(store, id) == (["creative_writing"], MINE.version)
    assert tags_of(store, others) == (["travel"], MINE.version)


def test_a_battle_of_before_the_rules_and_one_without_a_message_have_no_tags(store):
    battle = battle_of(store, "created")
    assert tags_of(store, battle.id) == (None, None)
    assert store.categories.stale(MINE) == (0, 0)
    fill(store, 3)
    assert store.categories.stale(MINE) == (3, 0)
