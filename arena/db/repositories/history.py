"""A visitor's own chats as a list: a page of it at a time, searched, renamed."""

import re
from dataclasses import dataclass

from arena.db.database import Database
from arena.db.repositories.conversations import ACTIVE
from arena.models import Refused
from blend.message import CONTROL

PAGE = 50
"""Chats that are listed at a time."""

LONGEST_TITLE = 120
SHORT_TITLE = 60
LONGEST_SEARCH = 200
MOST_WORDS = 8

NOT_HERE = "refusals.no_such_chat"
"""The same for one that was deleted, one of somebody else's, and one that never was."""

FIRST = (float("inf"), "")
"""The place before the newest chat."""

SHOWN = f"t.conversation = c.id AND {ACTIVE}"
"""Those turns `t` of a chat `c` that it shows."""

# The first four terms are those of the index `conversations_history`.
LISTED = f"""
    c.visitor = :visitor AND c.kind = 'chat' AND c.preview = 0 AND c.deleted IS NULL
    AND c.system IS NOT NULL
    AND EXISTS (SELECT 1 FROM turns t WHERE {SHOWN})
    AND NOT EXISTS (SELECT 1 FROM turns t WHERE t.prompt IS NULL AND {SHOWN})"""
"""Chats that can be opened: not empty, not the host's previews, and nothing of them was dropped."""

BEGINNING = f"""
    (SELECT substr(t.prompt, 1, 400) FROM turns t WHERE {SHOWN}
    ORDER BY t.position, t.rowid LIMIT 1)"""

CHATS = f"SELECT c.id, c.title, c.active, {BEGINNING} FROM conversations c WHERE {LISTED}"

UNREADABLE = re.compile(f"{CONTROL.pattern}|\ufffd")
"""What no title may have: see `arena.db.merge`."""


@dataclass(frozen=True, slots=True)
class ChatSummary:
    """One chat in the list. title: as its visitor named it, else the beginning of the first
    message. active: when its last message came, seconds since 1970."""

    id: str
    title: str
    active: float

    @property
    def place(self) -> tuple[float, str]:
        """Where it stands in the list."""
        return self.active, self.id


@dataclass(frozen=True, slots=True)
class ChatHistory:
    """Chats that a visitor may list and open: their own ones only, whatever id is asked for."""

    db: Database

    def page(
        self,
        visitor: str,
        after: tuple[float, str] = FIRST,
        search: str = "",
        limit: int = PAGE,
    ) -> list[ChatSummary]:
        """At most so many chats after that place, the newest activity first.

        search: words, each of which stands in the title or in a message that the chat shows.
        """
        words = search[:LONGEST_SEARCH].split()[:MOST_WORDS]
        forms = [[f"%{_escape(form)}%" for form in _cases(word)] for word in words]
        values = {f"f{w}_{n}": form for w, some in enumerate(forms) for n, form in enumerate(some)}
        found = [_found([f":f{w}_{n}" for n, _ in enumerate(some)]) for w, some in enumerate(forms)]
        sql = (
            f"{CHATS} {' '.join(found)} AND (c.active, c.id) < (:active, :id)"
            " ORDER BY c.active DESC, c.id DESC LIMIT :limit"
        )
        values |= {"visitor": visitor, "active": after[0], "id": after[1], "limit": limit}
        # Searching reads what was said: nobody who writes meanwhile has to wait for that.
        query = self.db.query_apart if words else self.db.query
        return [_summary(*row) for row in query(sql, values)]

    def find(self, id: str, visitor: str) -> ChatSummary | None:
        """One chat of the visitor's; None where it is not in their list."""
        row = self.db.query_one(f"{CHATS} AND c.id = :id", {"visitor": visitor, "id": id})
        return row and _summary(*row)

    def rename(self, id: str, visitor: str, title: str) -> None:
        """Name a chat; an empty title stands for the first message again. Raises Refused."""
        title = clean_title(title)
        with self.db.transaction():
            if not self.db.keep_texts or self.find(id, visitor) is None:
                raise Refused(NOT_HERE)
            self.db.execute(
                "UPDATE conversations SET title = ?, titled = ? WHERE id = ?",
                (title or None, self.db.clock(), id),
            )


def clean_title(title: str) -> str:
    """A title as it is stored: one line, without what cannot be seen. Raises Refused if long."""
    line = _one_line(title)
    if len(line) > LONGEST_TITLE:
        raise Refused("refusals.long_title", n=LONGEST_TITLE)
    return line


def short_title(text: str) -> str:
    """The beginning of a message in one line, cut after a word."""
    line = _one_line(text)
    if len(line) <= SHORT_TITLE:
        return line
    cut = line.rfind(" ", SHORT_TITLE // 2, SHORT_TITLE + 1)
    return f"{line[: cut if cut > 0 else SHORT_TITLE]}…"


def _one_line(text: str) -> str:
    return " ".join(UNREADABLE.sub(" ", text).split())


def _summary(id: str, title: str | None, active: float, beginning: str) -> ChatSummary:
    return ChatSummary(id, title or short_title(beginning), active)


def _cases(word: str) -> list[str]:
    """How a word may be written. SQLite takes a and A for the same letter, but not ä and Ä."""
    forms = (word, word.lower(), word.upper(), word.capitalize())
    return [word] if word.isascii() else [*dict.fromkeys(forms)]


def _escape(word: str) -> str:
    """The word as a pattern of LIKE that means itself."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def _found(forms: list[str]) -> str:
    """The condition that one of these parameters stands in a chat's title, or in a message."""
    title, prompt, reply = (
        " OR ".join(f"{text} LIKE {form} ESCAPE '\\'" for form in forms)
        for text in ("coalesce(c.title, '')", "t.prompt", "t.reply")
    )
    return (
        f"AND ({title} OR EXISTS (SELECT 1 FROM turns t WHERE ({prompt} OR {reply}) AND {SHOWN}))"
    )
