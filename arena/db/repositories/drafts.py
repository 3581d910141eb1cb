"""What the members of a panel drafted, beside the turn that came of it."""

from collections import defaultdict
from dataclasses import astuple, dataclass

from arena.db.database import Database
from blend.conversation import Draft, Selection, Turn, Usage

COLUMNS = (
    *("turn", "place", "member", "text", "picked", "judge", "how"),
    *("prompt_tokens", "cached_tokens", "completion_tokens", "cut_turns", "finish"),
)

OF_CONVERSATION = f"""
    SELECT {", ".join(f"d.{name}" for name in COLUMNS)}
    FROM drafts d JOIN turns t ON t.id = d.turn WHERE t.conversation = ? ORDER BY d.turn, d.place"""


@dataclass(frozen=True, slots=True)
class Drafts:
    """Drafts are stored with their turn's reply, and have its texts' fate."""

    db: Database

    def add(self, turn: Turn) -> None:
        """Store the drafts of a turn, if a panel answered it. Doing it again changes nothing."""
        if turn.selection is None:
            return
        said = turn.selection
        self.db.insert(
            "drafts",
            COLUMNS,
            [
                (
                    *(turn.id, place, draft.member, draft.text if self.db.keep_texts else None),
                    *(draft.picked, said.judge, said.how, *astuple(draft.usage)),
                )
                for place, draft in enumerate(said.drafts)
            ],
        )

    def of(self, conversation: str) -> dict[str, Selection]:
        """By turn; a draft whose text was not kept has an empty one."""
        rows = defaultdict(list)
        for row in self.db.query(OF_CONVERSATION, (conversation,)):
            rows[row[0]].append(row)
        return {turn: _selection(drafts) for turn, drafts in rows.items()}


def _selection(rows: list[tuple]) -> Selection:
    """Of the rows of one turn, as COLUMNS."""
    drafts = (
        Draft(member, text or "", Usage(*usage), bool(picked))
        for _, _, member, text, picked, _, _, *usage in rows
    )
    *_, judge, how = rows[0][:7]
    return Selection(judge, tuple(drafts), how)
