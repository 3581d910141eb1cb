"""merge: several databases into one, each vote once, sources untouched, versions said."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3
from stored import filled

from arena.db import file_lock
from arena.db.database import Database
from arena.db.merge import TEXTS, UNFIT_ID
from arena.db.migrations import migrations
from arena.db.store import Store
from arena.exchange import merge
from arena.models import StoreError

SQLITE = sqlite3.connect(":memory:")


def run(*argv):
    return merge.main([str(arg) for arg in argv])


def votes(path):
    with closing(Store.open_readonly(path)) as store:
        return store.votes.counts().votes


def change(path, sql, *values):
    """Write to a file past all that would refuse it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(sql, values)


def older(path):
    """The database of a version before the last migration, with a visitor in it."""
    with closing(Database.open_plain(path, str(path))) as old:
        newest = migrations.pending(old.tables)[-1].name
        migrations.apply(old.tables, stop_before=newest)
        old.execute("INSERT INTO visitors (id, first_seen) VALUES ('early', 1.0)")
    return path, newest


def test_two_into_a_new_one_and_again(tmp_path, capsys):
    a, b = filled(tmp_path / "a.db", votes=5), filled(tmp_path / "b.db", votes=7)
    content = a.read_bytes(), b.read_bytes()
    for expected in ("5 of 5 votes", "0 of 5 votes"):
        assert run(a, b, "--into", tmp_path / "c.db") == 0
        assert expected in capsys.readouterr().out
        assert votes(tmp_path / "c.db") == 12
    assert (a.read_bytes(), b.read_bytes()) == content


def test_into_one_that_has_votes_and_another_vote_of_one_battle(tmp_path, capsys):
    a, b = filled(tmp_path / "a.db", votes=5), filled(tmp_path / "b.db", votes=7)
    assert run(a, "--into", b) == 0
    assert (votes(a), votes(b)) == (5, 12)
    change(a, "UPDATE votes SET choice = 'tie', created = created + 1 WHERE rowid = 1")
    assert run(a, "--into", b) == 0
    assert "1 battle had another vote: the earlier is kept" in capsys.readouterr().out


def test_an_older_version_is_said_and_not_written_to(tmp_path, capsys):
    old, lacks = older(tmp_path / "old.db")
    content = old.read_bytes()
    with pytest.raises(StoreError, match=f"an older version .it lacks {lacks}.: start app.py"):
        Store.open_readonly(old)
    assert run(old, "--into", tmp_path / "c.db") == 0
    assert f"is of an older version (before {lacks})" in capsys.readouterr().out
    with closing(sqlite3.connect(tmp_path / "c.db")) as whole:
        assert whole.execute("SELECT id FROM visitors").fetchall() == [("early",)]
    assert old.read_bytes() == content


NEWER = (
    "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
    " VALUES ('arena', 'm999_later', '')"
)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no database"),
        (
            lambda path: path.write_text("this is text, and enough of it " * 60),
            "is not an SQLite database",
        ),
        (
            lambda path: change(filled(path), NEWER),
            "b.db was made by a newer version (it has m999_later)",
        ),
    ],
    ids=("none", "text", "newer"),
)
def test_what_cannot_be_merged_is_refused_before_anything_is_written(tmp_path, capsys, make, said):
    make(tmp_path / "b.db")
    assert run(filled(tmp_path / "a.db"), tmp_path / "b.db", "--into", tmp_path / "c.db") == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (tmp_path / "c.db").exists()


def test_not_into_itself_nor_into_what_the_app_holds(tmp_path, capsys):
    a, b = filled(tmp_path / "a.db", votes=5), filled(tmp_path / "b.db", votes=7)
    assert run(a, "--into", a) == 2
    assert "cannot be merged into itself" in capsys.readouterr().err
    with file_lock.shared(a), closing(Store.open(a)):
        assert run(a, "--into", b) == 0
        assert run(b, "--into", a) == 2
    assert f"the app holds {a}" in capsys.readouterr().err
    assert (votes(a), votes(b)) == (5, 12)


BAD = ("a\x1eb", "a\x1fb", "a\x00b", b"\xed\xa0\x80", "v" * 20_000_000, "a b", "")


@pytest.mark.parametrize("id", BAD, ids=lambda id: repr(id)[:20])
def test_an_id_that_may_not_be_stored_is_one_line_and_nothing_of_its_file_is_in(
    tmp_path, capsys, id
):
    a, b = filled(tmp_path / "a.db", votes=3), filled(tmp_path / "b.db", votes=2)
    change(b, "INSERT INTO visitors (id, first_seen) VALUES (CAST(? AS TEXT), 0)", id)
    assert run(b, "--into", a) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "in its table visitors" in last and len(last) < 400 and last.isprintable()
    assert votes(a) == 3


@pytest.mark.parametrize(("table", "column"), TEXTS)
def test_a_shown_text_that_may_not_be_stored_is_refused_as_well(tmp_path, capsys, table, column):
    a, b = filled(tmp_path / "a.db", votes=2), tmp_path / "b.db"
    change(a, "INSERT INTO contender_labels SELECT id, ?, 0, 1.0 FROM contenders", "New")
    change(a, "DROP TRIGGER contender_renamed_update")
    change(
        a,
        "INSERT INTO drafts (turn, place, member, judge, how)"
        " SELECT id, 0, ?, 'j', 'only' FROM turns LIMIT 1",
        "m",
    )
    change(a, "INSERT INTO published SELECT ?, 1, id FROM conversations LIMIT 1", "me/set")
    for name in ("verdicts_of_judged", "verdicts_stay"):
        change(a, f"DROP TRIGGER {name}")
    said = "'d', 'judge', 'h', 'o', 'first', 'tie'"
    change(a, f"INSERT INTO verdicts SELECT id, {said} FROM battles LIMIT 1")
    for text in ("a\x1eb", "a\nb", "a\x00", b"\xed\xa0\x80", "n" * 2000):
        change(a, f"UPDATE {table} SET {column} = CAST(? AS TEXT)", text)
        assert run(a, "--into", b) == 2
        assert f"in its table {table}" in (error := capsys.readouterr().err) or (
            f"CHECK constraint failed in {table}" in error
        )


@pytest.mark.parametrize("reasons", ["[1]", '[["a"]]', '["a\\u001eb"]', '["' + "n" * 2000 + '"]'])
def test_reasons_for_a_thumb_that_may_not_be_stored_are_refused_as_well(tmp_path, capsys, reasons):
    a = filled(tmp_path / "a.db", votes=2)
    change(a, "UPDATE turns SET feedback = 1, feedback_reasons = ?", '["more_helpful"]')
    assert run(a, "--into", tmp_path / "b.db") == 0
    change(a, "UPDATE turns SET feedback_reasons = ?", reasons)
    assert run(a, "--into", tmp_path / "c.db") == 2
    assert "the feedback_reasons" in capsys.readouterr().err


@pytest.mark.parametrize(
    "sentences",
    [
        *('["a"]', '[{"start": 0}]', '[{"start": 0, "member": "a", "chance": "1", "chances": {}}]'),
        '[{"start": 0, "member": "a\\u001eb", "chance": 1, "chances": {}}]',
        '[{"start": 0, "member": "a", "chance": 1, "chances": []}]',
    ],
)
def test_draws_of_sentences_are_merged_and_what_is_none_is_refused(tmp_path, capsys, sentences):
    a, b = filled(tmp_path / "a.db", votes=2), tmp_path / "b.db"
    good = '[{"start": 0, "member": "a", "chance": 0.5, "chances": {"a": 0.5, "b": 0.5}}]'
    change(a, "UPDATE turns SET member = 'a', sentences = ?", good)
    assert run(a, "--into", b) == 0
    with closing(sqlite3.connect(b)) as merged:
        assert {row for (row,) in merged.execute("SELECT sentences FROM turns")} == {good}
    change(a, "UPDATE turns SET sentences = ?", sentences)
    assert run(a, "--into", tmp_path / "c.db") == 2
    assert "the sentences" in capsys.readouterr().err


@settings(max_examples=300)
@given(st.text(max_size=70) | st.text("aZ9_.-", min_size=62, max_size=66))
def test_an_id_that_can_be_stored_is_plain_and_short(id):
    id = id.encode("utf-8", "replace").decode()
    plain = id.isascii() and all(sign.isalnum() or sign in "_.-" for sign in id)
    (unfit,) = SQLITE.execute(f"SELECT {UNFIT_ID} FROM (SELECT ? AS id)", (id,)).fetchone()
    assert bool(unfit) == (not (plain and 1 <= len(id) <= 64))


def test_an_older_copy_does_not_bring_back_who_was_forgotten(tmp_path):
    a, old = filled(tmp_path / "a.db", votes=6), tmp_path / "old.db"
    old.write_bytes(a.read_bytes())
    with closing(Store.open(a)) as store:
        before = store.votes.counts()
        store.erasure.erase_visitor("v1")
    assert run(old, "--into", a) == 0
    with closing(Store.open_readonly(a)) as store:
        assert store.votes.counts() == before
        assert store.erasure.is_erased("v1")
    with closing(sqlite3.connect(a)) as connection:
        visitors = {id for (id,) in connection.execute("SELECT id FROM visitors")}
    assert len(visitors) == 3 and "v1" not in visitors
