"""Files of votes as other arenas give them: imported, and the votes that came of them."""

from contextlib import closing

from app_process import ROOT

from arena.db.store import Store
from arena.exchange import import_votes

FILES = ROOT / "tests" / "arena" / "exchange" / "forms" / "files"

VOTES = """
    SELECT l.name, r.name, v.choice, v.reason FROM votes v JOIN battles b ON b.id = v.battle
    JOIN contenders l ON l.id = b.left JOIN contenders r ON r.id = b.right ORDER BY v.rowid"""


def bring(file, db, *more):
    return import_votes.main([str(file), "--db", str(db), *more])


def votes(db):
    with closing(Store.open_readonly(db)) as store:
        return store.database.query(VOTES)
