"""A store with two visitors and two contenders, and short ways to fill it."""

import time
import uuid
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import NamedTuple

from sqlite_utils.utils import sqlite3

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle, Contender
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Conversation, Draw, Turn, Usage

BLEND, SINGLE = Contender("b1", "Blended", {"members": ["x", "y"]}), Contender("s1", "solo", {})


def unhurried() -> Callable[[], float]:
    """A clock for `Store.clock` that a second passes on at every look: nobody votes too fast."""
    return count(time.time()).__next__


def opened(path, clock=None, **settings):
    """A store with two visitors and two contenders."""
    store = Store.open(path, clock=clock or unhurried(), **settings)
    register_visitor(store, "ann")
    register_visitor(store, "bob")
    for each in (BLEND, SINGLE):
        store.contenders.save(each.id, each.name, dict(each.config))
    return store


def battle_of(store, status, visitor="ann"):
    """A battle of ann's in the given status, Blended on the left."""
    battle = Battle(visitor, BLEND.id, SINGLE.id, 0.5, "focus")
    store.battles.open(battle)
    if status != "created":
        store.battles.admit_message(battle.id, visitor, f"Hello {battle.id}?", 5)
    if status in ("ready", "voted"):
        store.battles.mark_ready(battle.id)
    if status == "voted":
        cast_vote(store, battle.id, visitor, "left")
    if status == "void":
        store.battles.void(battle.id, visitor, "skipped")
    return battle


def said(prompt, reply, member="x"):
    """A finished turn."""
    draw = Draw(member, 0.5, {"x": 0.5, "y": 0.5}, ahead=True)
    usage = Usage(9, 4, 3, 1, "stop")
    return Turn(prompt, reply, draw, True, ttft_s=0.1, seconds=0.5, usage=usage)


def chat(store, *turns, system=""):
    """Ann's conversation with Blended, stored turn by turn."""
    conversation = Conversation(system=system, turns=turns)
    store.conversations.open(conversation, "ann", BLEND.id, "chat")
    for position, turn in enumerate(turns):
        start_turn(store, conversation.id, position, turn)
        finish_turn(store, turn)
    return conversation


def row(store, table, id):
    """A row as a dict, read by another connection."""
    connection = sqlite3.connect(store.database.path)
    connection.row_factory = sqlite3.Row
    found = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (id,)).fetchone()
    connection.close()
    return dict(found)


def on_disk(path):
    """Every byte of the database and of what lies beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


class Vote(NamedTuple):
    """A counted vote; left, right: contender ids. turns: messages before it."""

    left: str
    right: str
    choice: str
    visitor: str
    turns: int
    created: float
    pair_chance: float | None


def votes_of(store, source=None):
    """The counted votes, oldest first, of one source or of all."""
    rows = store.database.query(
        'SELECT b."left", b."right", v.choice, b.visitor, b.turns, v.created, b.pair_chance'
        " FROM votes v JOIN battles b ON b.id = v.battle"
        " WHERE v.counted AND (?1 IS NULL OR b.source = ?1) ORDER BY v.created, v.rowid",
        (source,),
    )
    return [Vote(*row) for row in rows]


CONTENDERS = {"c-1": "Blended", "c-2": "oak", "c-3": "elm"}
UP = {name: id for id, name in CONTENDERS.items()}
"""The contenders of a roster that are up, by name, as a board is asked for."""


PAIRS = (("c-1", "c-2"), ("c-3", "c-1"), ("c-2", "c-3"), ("c-2", "c-1"))


CHOICES = ("left", "right", "tie", "both_bad", "left")


def id_of(name: str) -> str:
    """A visitor's id as the site makes them, always the same one for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def fill(store: Store, votes: int, visitors: int = 3, first: int = 0) -> list[str]:
    """The ids of new battles, voted on by visitors v0, v1 …; `first` varies the pattern."""
    store.database.clock = unhurried()
    for id, name in CONTENDERS.items():
        store.contenders.save(id, name, {"name": name, "policy": "uniform", "members": []})
    ids = []
    for n in range(first, first + votes):
        battle = Battle(f"v{n % visitors}", *PAIRS[n % 4], 0.25, "focus")
        register_visitor(store, battle.visitor, f"address {n}")
        store.battles.open(battle)
        store.battles.admit_message(battle.id, battle.visitor, f"A secret {n}?", 8)
        for side in (battle.left_conversation, battle.right_conversation):
            turn = Turn(f"A secret {n}?", f"A **secret** {n}.", finished=True)
            start_turn(store, side, 0, turn)
            finish_turn(store, turn)
        store.battles.mark_ready(battle.id)
        cast_vote(store, battle.id, battle.visitor, CHOICES[n % 5])
        if n % 2 == 0:
            explain(store, battle, n)
        ids.append(battle.id)
    return ids


def explain(store: Store, battle: Battle, n: int) -> None:
    """A reason for a vote, and a comment; on the store's clock they take no time."""
    clock, store.database.clock = store.database.clock, lambda: battle.created
    store.vote_reasons.give(battle.id, battle.visitor, "left", ["so"])
    store.vote_reasons.comment(battle.id, battle.visitor, f"A **secret** {n}!")
    store.database.clock = clock


def filled(path: Path, votes: int = 12, visitors: int = 3) -> Path:
    """A closed database with so many votes."""
    with closing(Store.open(path)) as store:
        fill(store, votes, visitors)
    return path
