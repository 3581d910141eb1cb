"""A small database that is the same to the last byte of each row: for files that others read."""

from contextlib import closing
from pathlib import Path

import sqlite_utils

from arena import simulate
from arena.exchange import intake
from arena.store import Store

DAY = 1_764_000_000.0
FEATURES = (
    '{"prompt_characters": 16, "reply_characters": 17, "code": 0, "headers": 1, "lists": 1,'
    ' "bold": 0, "ascii": 1.0, "language": "en", "prompt_hash": "cf56aa36"}'
)
SAID = {"prompt": "How **are** you?", "reply": "# Gut\n- *schön*", "features": FEATURES}
OWN = {
    "visitors": [{"id": f"v{n}", "first_seen": DAY, "address_hash": "a1"} for n in range(2)],
    "contenders": [
        {"id": "c-1", "name": "Blended", "config": '{"policy": "uniform", "members": []}'},
        {"id": "c-2", "name": "oak", "config": '{"members": ["oak"]}'},
        {"id": "c-3", "name": "oak", "config": '{"members": ["oak"], "temperature": 0.5}'},
    ],
    "conversations": [
        {"id": id, "visitor": "v0", "contender": contender, "kind": kind, "created": DAY}
        for id, contender, kind in (
            ("left", "c-1", "battle"),
            ("right", "c-2", "battle"),
            ("talk", "c-1", "chat"),
        )
    ],
    "battles": [
        {
            **{"id": "b1", "visitor": "v0", "left": "c-1", "right": "c-2", "policy": "focus"},
            **{"left_conversation": "left", "right_conversation": "right", "pair_chance": 0.25},
            **{"status": "voted", "turns": 1, "prompt_hash": "cf56aa36", "language": "en"},
            **{"created": DAY},
        },
        {
            **{"id": "b2", "visitor": "v1", "left": "c-3", "right": "c-1", "policy": "adaptive"},
            **{"status": "void", "leaked": 1, "void_reason": "skipped", "created": DAY + 60},
        },
        {
            **{"id": "b3", "visitor": "v1", "left": "c-3", "right": "c-1", "policy": "adaptive"},
            **{"status": "voted", "turns": 2, "leaked": 1, "created": DAY + 120},
        },
    ],
    "votes": [
        {
            **{"battle": "b1", "choice": "left", "created": DAY + 9.5, "counted": 1, "reason": ""},
            **{"rules": "2", "prompt_characters": 16, "left_characters": 17, "left_headers": 1},
            **{"left_lists": 1, "left_bold": 0, "right_characters": 5, "right_headers": 0},
            **{"right_lists": 0, "right_bold": 0},
        },
        {
            **{"battle": "b3", "choice": "both_bad", "created": DAY + 130, "counted": 0},
            **{"reason": "identity_shown", "rules": "2"},
        },
    ],
    "turns": [
        {
            **SAID,
            **{"id": "t1", "conversation": "left", "position": 0, "member": "elm"},
            **{"chance": 0.75, "chances": '{"elm": 0.75, "oak": 0.25}', "ahead": 1},
            **{"finished": 1, "finish": "stop", "ttft_s": 0.25, "seconds": 1.5},
            **{"prompt_tokens": 30, "cached_tokens": 20, "completion_tokens": 9},
        },
        {
            **SAID,
            **{"id": "t2", "conversation": "right", "position": 0, "error": "it is ill"},
            **{"prompt": None, "reply": None},
        },
        {
            **SAID,
            **{"id": "t3", "conversation": "talk", "position": 0, "finished": 1, "undone": 1},
            **{"cut_turns": 2, "feedback": -1, "parent": "t1"},
        },
    ],
}
IMPORTED = (
    "model_a,model_b,winner,judge,tstamp,turn,language,prompt,response_a,response_b\n"
    "ash,fir,tie (bothbad),j1,1700000000,1,Polish,Hi,**x**,# y\n"
)


def golden(folder: Path) -> Path:
    """Own, imported and simulated votes, chats and turns in one closed file."""
    db = folder / "golden.db"
    Store.open(db).close()
    file = folder / "imported.csv"
    file.write_text(IMPORTED)
    assert intake.main([str(file), "--db", str(db)]) == 0
    assert simulate.main(["--db", str(db), "--votes", "5", "--contenders", "3"]) == 0
    with closing(sqlite_utils.Database(db)) as tables:
        for name, rows in OWN.items():
            for row in rows:  # what a row does not name has its column's own default
                tables[name].insert(row)
    return db
