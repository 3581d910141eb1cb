"""python -m arena rehearse: a database of made-up chats with thumbs, to try fit and value on.

Members are good on one topic each and poor on the others, so that there is something to find. The
draws are uniform, and every turn gets a thumb. Nobody said any of it.
"""

import argparse
import time
from contextlib import closing
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from tqdm import tqdm

from arena.command import SEED, CommandError, at_least, finish
from arena.db.import_rows import FinishedTurn
from arena.db.store import Store
from arena.site.recording import register_visitor
from blend.evaluation.logged_turns import LoggedTurn
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.policy import Uniform

BLEND = "Made-up blend"


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, 130 when stopped: what was written by then stays."""
    parser = argparse.ArgumentParser(prog="python -m arena rehearse", description=__doc__)
    parser.add_argument("--db", required=True, type=Path, help="a new file")
    parser.add_argument("--turns", default=20_000, type=at_least(1))
    parser.add_argument("--members", default=3, type=at_least(2))
    parser.add_argument("--seed", default=0, type=SEED)
    args = parser.parse_args(argv)
    stopped = "what was written by then stays"
    options = (args.db, args.turns, args.members, args.seed)
    return finish("rehearse", lambda: write_log(*options), stopped)


def write_log(db: Path, turns: int, members: int, seed: int) -> None:
    """Write the log. Raises CommandError where the file is there: nothing real is among it."""
    if db.exists():
        raise CommandError(f"{db} is there already: made-up chats go into a new file")
    world, rng = SyntheticTopics.specialists(members), np.random.default_rng(seed)
    config = {
        "members": [{"name": name, "weights": "made up"} for name in world.members],
        "policy": "uniform",
        "simulated": True,
    }
    rows = pairwise(chain(world.log(turns, Uniform(), rng), [None]))
    replies = (_reply(row, after, time.time()) for row, after in rows)
    with (
        closing(Store.open(db)) as store,
        tqdm(total=turns, desc="writing", unit=" turns", leave=False) as bar,
    ):
        register_visitor(store, "made-up")
        store.contenders.save("c-made-up", BLEND, config)
        for written in store.imports.replies(replies, "made-up", "c-made-up"):
            bar.update(written)


def _reply(row: LoggedTurn, after: LoggedTurn | None, now: float) -> FinishedTurn:
    """The row's turn; its reply is in the history of the turn that comes after."""
    talk = row.conversation
    position = len(talk.turns) - 1
    goes_on = after is not None and after.conversation.id == talk.id
    reply = after.conversation.turns[position].reply if goes_on else "Goodbye."
    turn = replace(talk.turns[-1], reply=reply, draw=row.draw, finished=True, seconds=1.0)
    return FinishedTurn(talk.id, position, turn, 1 if row.reward else -1, now)
