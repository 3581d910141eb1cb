"""What a visitor chooses on the leaderboard: whose votes, which part of them, at equal style."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from arena.categories.tagger import TAGS
from arena.ranking.board.leaderboard import Leaderboard, LeaderboardQuery
from arena.ranking.slices import BY, NO_CATEGORY
from arena.texts import Texts

ALL = "all votes"
"""The choice of no part; no part is called that."""

USUAL = "turns"
"""What votes are grouped by where nothing else is chosen."""

LABELS = {
    "1 turn": "board.turns_1",
    "2 or 3 turns": "board.turns_2",
    "4 turns or more": "board.turns_4",
    "under 50 characters": "board.length_0",
    "50 to 199 characters": "board.length_50",
    "200 characters or more": "board.length_200",
    "unknown": "board.unknown",
    NO_CATEGORY: "board.category.none",
    **{tag: f"board.category.{tag}" for tag in TAGS},
}
"""The names of the texts that slices are called by; others are languages, months, and the host's
own categories."""


@dataclass(frozen=True, slots=True)
class Choices:
    """source: empty for the first that has votes. part: one of the slices by `by`, or ALL."""

    source: str = ""
    by: str = USUAL
    part: str = ALL
    style: bool = False

    @classmethod
    def of_address(cls, query: Mapping[str, str]) -> "Choices":
        """What an address asks for: ?by=language&part=en&style=1&source=own, each of which may
        lack."""
        by, part = query.get("by") or USUAL, query.get("part") or ALL
        return cls(query.get("source", ""), by, part, query.get("style", "") in ("1", "true"))

    @classmethod
    def of_components(
        cls, source: object, by: object, part: object, style: object, groups: str | None
    ) -> "Choices":
        """What the page's own switches say; a browser may send anything in their place.

        groups: those of the board that the page shows. The part is one of them: where their source
        or what they are by was changed, it is all votes.
        """
        chosen = cls(str(source or ""), str(by or USUAL), str(part or ALL), bool(style))
        return chosen if groups in (None, chosen.groups) else replace(chosen, part=ALL)

    @property
    def groups(self) -> str:
        """Which groups of which votes there are to choose from."""
        return f"{self.source} {self.by}"

    @property
    def query(self) -> LeaderboardQuery:
        """The board that is asked for."""
        part = "" if self.part == ALL else self.part
        return LeaderboardQuery(self.source, self.by, part, self.style)

    def fallbacks(self) -> list["Choices"]:
        """These, and with less and less of what may not be there."""
        by = self.by if self.by in BY else USUAL
        return [self, replace(self, by=by, part=ALL), Choices()]


def address(board: Leaderboard) -> str:
    """What follows the ? in the address of a board; empty where it is what one sees first."""
    query = board.query
    usual = next(iter(board.data.sources), "own")
    values = {
        "by": query.by if query.by != USUAL or query.part else "",
        "part": query.part,
        "style": "1" * query.style,
        "source": board.data.source if board.data.source != usual else "",
    }
    return urlencode({name: value for name, value in values.items() if value})


def slice_label(label: str, by: str, texts: Texts) -> str:
    """A slice's name in the page's language; by: what the slices are by."""
    if label in LABELS:
        return texts(LABELS[label])
    return texts.locale.languages.get(label, label) if by == "language" else label
