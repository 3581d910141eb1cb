"""All votes of a source as columns: what is not known stays so, what is alike has one code."""

from contextlib import closing

import numpy as np
from stored import filled

from arena.db.repositories.votes import vote_audit
from arena.db.store import Store


def case(db, source="own"):
    with closing(Store.open_readonly(db)) as found:
        return found.vote_audit.read(source)


def test_pages_make_one_case(tmp_path, monkeypatch):
    db = filled(tmp_path / "a.db", votes=12)
    whole = case(db)
    monkeypatch.setattr(vote_audit, "PAGE", 5)
    paged = case(db)
    assert len(whole.counted) == 12 and paged.visitors == whole.visitors
    assert (paged.rowid == whole.rowid).all()
    assert (paged.ballots.left == whole.ballots.left).all()
    assert (paged.record.prompt == whole.record.prompt).all()


def test_first_messages_have_a_code_each_and_none_has_none(tmp_path):
    db = filled(tmp_path / "a.db", votes=4)
    with closing(Store.open(db)) as store:
        ids = [id for (id,) in store.database.query("SELECT battle FROM votes ORDER BY rowid")]
        for id, prompt in zip(ids, ("x", None, "y", "x"), strict=True):
            store.database.execute("UPDATE battles SET prompt_hash = ? WHERE id = ?", (prompt, id))
        store.database.execute(
            "UPDATE votes SET waited = NULL, address = NULL WHERE battle = ?", (ids[0],)
        )
    record = case(db).record
    first, none, other, again = record.prompt
    assert none == -1 and first == again != other and min(first, other) >= 0
    assert np.isnan(record.waited[0]) and record.address[0] == -1


def test_a_source_without_votes_is_an_empty_case(tmp_path):
    found = case(filled(tmp_path / "a.db", votes=3), "simulated")
    assert len(found.counted) == len(found.record.barred) == len(found.ballots) == 0
