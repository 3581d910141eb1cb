"""A board to look at: own votes between a roster's contenders, with what was said, a while ago."""

import time
from contextlib import closing
from itertools import count
from pathlib import Path

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.site.recording import finish_turn, register_visitor, start_turn
from arena.site.site import Site
from blend.conversation import Draw, Turn
from blend.roster import Roster

CHOICES = ("left", "left", "right", "left", "tie", "right", "both_bad")
LANGUAGES = (
    "How do I bake a cake without eggs?",
    "Wie backe ich einen Kuchen ohne Eier und ohne Milch?",
    "Comment faire un gâteau sans œufs et sans lait pour mes amis ?",
)
DAY = 86_400.0


def fill_board(db: Path, roster: Roster, votes: int, days: float = 20.0) -> None:
    """So many votes, spread over the days until two days ago; each pair of contenders in turn."""
    start, step = time.time() - (days + 2) * DAY, days * DAY / votes
    ticks = count()
    with closing(Store.open(db, clock=lambda: start + step * next(ticks) / 20)) as store:
        contenders = Site(roster, store).contenders
        contenders.load()
        ids = [contenders.ids[spec.name] for spec in roster.contenders]
        pairs = [(a, b) for a in ids for b in ids if a != b]
        for n in range(votes):
            left, right = pairs[n % len(pairs)]
            chance, now = 1 / len(pairs), store.database.clock()
            battle = Battle(f"v{n % 17}", left, right, chance, "round_robin", created=now)
            register_visitor(store, battle.visitor)
            store.battles.open(battle)
            for position in range(1 + n % 3):
                said = f"{LANGUAGES[n % 3]} ({n}, {position})"
                store.battles.admit_message(battle.id, battle.visitor, said, 8)
                for side in (battle.left_conversation, battle.right_conversation):
                    draw = Draw("alder", 1.0, {"alder": 1.0})
                    reply = f"A **short** answer to question {n}.\n\n- one\n- two"
                    turn = Turn(said, reply, draw, finished=True, ttft_s=0.1, seconds=1.0)
                    start_turn(store, side, position, turn)
                    finish_turn(store, turn)
                store.battles.mark_ready(battle.id)
            cast_vote(store, battle.id, battle.visitor, CHOICES[n % len(CHOICES)])
