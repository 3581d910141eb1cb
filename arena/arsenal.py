"""Battles by the hundred thousand that wait for their vote, replies and all; for the stress."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from arena.archive import Archive
from arena.features import features, language, prompt_hash

VOTER = "stress-{:06d}"
"""The visitor of battle number n is VOTER of n // EACH."""

EACH = 10
"""Battles of one visitor: a day's votes of somebody who likes it."""

PAGE = 5_000


class Arsenal(Archive):
    """A file of made-up battles, marked as simulated; each has two replies and is ready."""

    def arm(self, ids: list[str], now: float) -> None:
        """Write the battles of these ids, ready since a minute."""
        for name in ("left", "right"):
            self._write(
                "INSERT INTO contenders (id, name, config) VALUES (?, ?, '{\"simulated\": true}')",
                (f"stress-{name}", f"made-up {name}"),
            )
        with tqdm(total=len(ids), desc="battles", leave=False, file=sys.stderr) as bar:
            for start in range(0, len(ids), PAGE):
                part = list(enumerate(ids[start : start + PAGE], start))
                self._arm(part, now - 60)
                bar.update(len(part))

    def _arm(self, part: list[tuple[int, str]], when: float) -> None:
        every = self._connection.executemany
        with self.writing():
            every(
                "INSERT INTO visitors (id, first_seen, address_hash) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                ((voter(n), when, f"address {n // EACH}") for n, _ in part),
            )
            every(
                "INSERT INTO conversations (id, visitor, contender, kind, system, created)"
                " VALUES (?, ?, ?, 'battle', '', ?)",
                (
                    (f"{id}-{side}", voter(n), f"stress-{side}", when)
                    for n, id in part
                    for side in ("left", "right")
                ),
            )
            every(
                "INSERT INTO turns (id, conversation, position, prompt, reply, finished, ttft_s,"
                " seconds, closed, features) VALUES (?, ?, 0, ?, ?, 1, 0.2, 3.0, ?, ?)",
                _turns(part, when),
            )
            every(
                'INSERT INTO battles (id, visitor, "left", "right", left_conversation,'
                " right_conversation, pair_chance, policy, status, turns, prompt_hash, language,"
                " source, created, ready)"
                " VALUES (?, ?, 'stress-left', 'stress-right', ?, ?, 1.0, 'focus', 'ready', 1, ?,"
                " ?, 'simulated', ?, ?)",
                (
                    (
                        *(id, voter(n), f"{id}-left", f"{id}-right"),
                        *(prompt_hash(_prompt(n)), language(_prompt(n)), when, when),
                    )
                    for n, id in part
                ),
            )

    def choices(self) -> dict[str, str]:
        """What was voted, by battle."""
        return dict(self._read("SELECT battle, choice FROM votes"))


def voter(number: int) -> str:
    """The visitor of a battle, by its number."""
    return VOTER.format(number // EACH)


def arm(db: Path, battles: int) -> list[tuple[str, str]]:
    """A new file with so many battles; each battle's id and its visitor."""
    ids = [f"battle-{n:07d}" for n in range(battles)]
    with closing(Arsenal.open(db)) as arsenal:
        arsenal.arm(ids, time.time())
    return [(id, voter(n)) for n, id in enumerate(ids)]


def _turns(part: list[tuple[int, str]], when: float) -> Iterator[tuple]:
    told = json.dumps(features(_prompt(0), REPLY))
    for n, id in part:
        for side in ("left", "right"):
            yield f"{id}-{side}-turn", f"{id}-{side}", _prompt(n), REPLY, when, told


def _prompt(number: int) -> str:
    return f"What is the best thing to do on day {number} of a holiday?"


REPLY = "Walk to the harbour before breakfast, when the boats come in. **Bring bread.** " * 3
