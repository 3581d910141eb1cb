"""How different the members' replies are, from the arena's own battles."""

import threading

from arena.site import Site
from arena.tabs.insight import canvas
from arena.tabs.insight.section import Section, Shown, Table
from blend.cohort import SMALLEST
from blend.diversity import FEWEST, variety
from blend.resample import Estimate

EARLY = f"Too early: fewer than {SMALLEST} visitors have had both sides answer a first message."
SHORT = (
    f"Too early: for a comparison two members must have replied to {FEWEST} of the same messages, "
    f"and each of them twice to {FEWEST}, as happens where a blend draws the one it meets. Where "
    "texts are not kept there is nothing to compare."
)
LIMITS = (
    "What this does not show: which reply is better, or what they mean: runs of words are "
    "compared (1 - self-BLEU), first replies of the newest battles only. python -m blend diversity "
    "asks all members the same, at any depth of a conversation."
)


class Replies:
    """The section over one site; reckoned once for each state of its battles."""

    def __init__(self, site: Site):
        self.site = site
        self._lock = threading.Lock()
        self._shown: tuple[object, Shown] | None = None

    def sections(self) -> list[Section]:
        shows = "how far the members' replies to one message differ"
        return [Section("replies", "How different their replies are", shows, LIMITS, self.show)]

    def show(self) -> Shown:
        """Blocks."""
        with self._lock:
            state = self.site.store.version()
            if self._shown is None or self._shown[0] != state:
                self._shown = state, self._now()
            return self._shown[1]

    def _now(self) -> Shown:
        visitors, replies = self.site.store.first_replies()
        if visitors < SMALLEST:
            return Shown(EARLY)
        pairs = variety(replies)
        if not pairs:
            return Shown(SHORT)
        names = [f"{pair.a} and {pair.b}" for pair in pairs]
        most = pairs[0]
        sentence = (
            f"Most different are {names[0]}: their replies to one message differ by "
            f"{_told(most.beyond)} more than two replies of one of them, on a scale of 0 to 1."
        )
        rows = [(name, pair.beyond) for name, pair in zip(names, pairs, strict=True)]
        table = Table(
            ("Pair", "Differ by", "Beyond chance"),
            [
                (name, _told(pair.between), _told(pair.beyond))
                for name, pair in zip(names, pairs, strict=True)
            ],
        )
        return Shown(sentence, canvas.whiskers(rows, {}, "1 - self-BLEU, beyond chance"), table)


def _told(found: Estimate) -> str:
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"
