"""Whom a site lets meet next: its roster's policy, on what its database has counted so far."""

import random
import threading
import time
from collections.abc import Mapping

from arena.ballot import Counts
from arena.pairing import Chances, Pairing, chances, draw
from arena.store import Store
from blend.roster import Roster

FRESH = 60.0
"""Seconds for which counts serve: a minute's votes change no chance by much, and reading a million
takes a second."""


class Matchmaker:
    """Draws the pairs of one site. May be called from any thread."""

    def __init__(self, roster: Roster, store: Store):
        self.roster = roster
        self.store = store
        self._lock = threading.Lock()
        self._chances: Chances = {}
        self._read_at = float("-inf")

    def draw(self, ids: Mapping[str, str], rng: random.Random) -> Pairing:
        """Two contenders by name. ids: those that are up, by name. Blocks while votes are read."""
        with self._lock:
            if not self._chances or self._stale():
                self._chances = self._now(ids)
                self._read_at = time.monotonic()
            return draw(self._chances, self.roster.settings.pairing, rng)

    def _stale(self) -> bool:
        return (
            self.roster.settings.pairing == "adaptive" and time.monotonic() - self._read_at > FRESH
        )

    def _now(self, ids: Mapping[str, str]) -> Chances:
        focus, policy = self.roster.focus, self.roster.settings.pairing
        if policy == "focus":
            rivals = [*self.roster.singles, *(part.name for part in self.roster.parts)]
            return chances(policy, focus, rivals, None)
        others = [spec.name for spec in self.roster.contenders if spec.name != focus]
        return chances(policy, focus, others, self._counts(ids) if policy == "adaptive" else None)

    def _counts(self, ids: Mapping[str, str]) -> Counts:
        """This site's own votes between contenders that are up."""
        names = {id: name for name, id in ids.items()}
        return Counts.of(
            (names[left], names[right], choice, n)
            for left, right, choice, n in self.store.votes.counts("own").outcomes
            if left in names and right in names
        )
