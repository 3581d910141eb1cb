"""What is deleted: a visitor's data at their wish, and texts that have been kept long enough.

Rows stay, so that ratings do; texts, ids and addresses go, from the pages of the file as well
(`secure_delete`). Copies made before are not reached: backups, exports, another file.
"""

import hashlib
import json
from dataclasses import dataclass

from arena.categories.tagger import TAGS
from arena.db.database import Database
from arena.db.introspection import references

DAY = 86_400.0

NOW = "(julianday('now') - 2440587.5) * 86400.0"

DROP_TEXTS = {
    "conversations": """
        UPDATE conversations SET system = NULL, title = NULL
        WHERE (system IS NOT NULL OR title IS NOT NULL)""",
    # An error may hold texts, too: a server repeats what it was sent. That there was one stays
    # known, as features do.
    "turns": """
        UPDATE turns SET prompt = NULL, reply = NULL, error = iif(error IS NULL, NULL, '')
        WHERE (prompt IS NOT NULL OR reply IS NOT NULL OR error <> '')""",
    "drafts": "UPDATE drafts SET text = NULL WHERE text IS NOT NULL",
    "vote_comments": "UPDATE vote_comments SET comment = NULL WHERE comment IS NOT NULL",
}

OF_TURNS = "turn IN (SELECT id FROM turns WHERE {})"

DROP_OWN_TAGS = """
    UPDATE battles SET tags = (SELECT json_group_array(value) FROM json_each(tags)
        WHERE value IN (SELECT value FROM json_each(?1)))
    WHERE visitor = ?2 AND EXISTS (SELECT 1 FROM json_each(tags)
        WHERE value NOT IN (SELECT value FROM json_each(?1)))"""
"""What a category of the host's own says of a message may say something of the person."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Deletes by changing rows. Each method is one transaction."""

    db: Database

    def erase_visitor(self, visitor: str) -> bool:
        """Delete a visitor's texts and put one anonymous id in the place of theirs, everywhere.

        Votes stay as they were, and still as those of one visitor. Returns whether there was
        anything. The id is refused from then on, see `is_erased`.
        """
        alias = pseudonym(visitor)
        with self.db.transaction():
            known = self.db.query_one("SELECT 1 FROM visitors WHERE id = ?", (visitor,))
            if not known:
                return False
            self.db.execute(
                f"INSERT INTO forgotten (alias, created) VALUES (?, {NOW}) ON CONFLICT DO NOTHING",
                (alias,),
            )
            self._replace_id(visitor, alias)
            self._redact_visitor(alias)
            self._purge()
        self.db.empty_log()
        return True

    def erase_chat(self, id: str, visitor: str) -> bool:
        """Delete the texts and the title of one chat of the visitor's; whether there was one.

        The row stays, and its turns' draws and counts, for the experiment and the policies. No copy
        brings the texts back, and nothing more is said in it.
        """
        with self.db.transaction():
            found = self.db.execute(
                "UPDATE conversations SET deleted = ?"
                " WHERE id = ? AND visitor = ? AND kind = 'chat' AND deleted IS NULL",
                (self.db.clock(), id, visitor),
            )
            if found:
                self._redact("id = ?", id)
                self._purge()
        if found:
            self.db.empty_log()
        return bool(found)

    def is_erased(self, visitor: str) -> bool:
        """Whether this id's data was deleted, here or at another replica."""
        return bool(
            self.db.query_one("SELECT 1 FROM forgotten WHERE alias = ?", (pseudonym(visitor),))
        )

    def expire_texts(self, now: float, days: int) -> int:
        """Drop the texts that are older than so many days; how many rows had any.

        now: seconds since 1970. Features and votes stay, and reasons: only comments are texts.
        """
        cutoff = now - days * DAY
        with self.db.transaction():
            if dropped := self._drop_before(cutoff):
                self.db.execute("DELETE FROM expired WHERE cutoff <= ?", (cutoff,))
                self.db.execute("INSERT INTO expired (cutoff) VALUES (?)", (cutoff,))
                self._purge()
        if dropped:
            self.db.empty_log()
        return dropped

    def drop_texts(self) -> int:
        """Drop every text; how many rows had any."""
        with self.db.transaction():
            return sum(self.db.execute(sql) for sql in DROP_TEXTS.values())

    def redact_turn(self, turn: str) -> None:
        """Take the words out of a turn that was being written while its chat was deleted, or its
        visitor forgotten."""
        gone = self.db.query_one(
            "SELECT c.id FROM turns t JOIN conversations c ON c.id = t.conversation WHERE t.id = ?"
            " AND (c.deleted IS NOT NULL OR c.visitor IN (SELECT alias FROM forgotten))",
            (turn,),
        )
        if gone:
            self._redact("id = ?", gone[0])

    def repeat(self) -> bool:
        """Delete what came from elsewhere and was deleted, here or there. In a transaction."""
        gone = {alias for (alias,) in self.db.query("SELECT alias FROM forgotten")}
        found = 0
        for (visitor,) in self.db.query("SELECT id FROM visitors") if gone else ():
            if (alias := pseudonym(visitor)) in gone:
                self._replace_id(visitor, alias)
                found += 1
        for alias in gone:
            self._redact_visitor(alias)
        found += self._redact("deleted IS NOT NULL")
        (cutoff,) = self.db.query_one("SELECT max(cutoff) FROM expired")
        if cutoff is not None:
            found += self._drop_before(cutoff)
        if not self.db.keep_texts:
            found += self.drop_texts()
        if found:
            self._purge()
        return bool(found)

    def _replace_id(self, visitor: str, alias: str) -> None:
        self.db.query("PRAGMA defer_foreign_keys = ON")
        for (prompt_hash,) in self.db.query(
            "SELECT DISTINCT prompt_hash FROM battles WHERE visitor = ? AND prompt_hash NOT NULL",
            (visitor,),
        ):
            self.db.execute(
                "UPDATE battles SET prompt_hash = ? WHERE visitor = ? AND prompt_hash = ?",
                (seal_prompt_hash(visitor, prompt_hash), visitor, prompt_hash),
            )
        for table, column in [("visitors", "id"), *references(self.db, "visitors")]:
            # The alias may have a row of the same key, from a replica that deleted it earlier.
            self.db.execute(
                f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE "{column}" = ?',
                (alias, visitor),
            )
            self.db.execute(f'DELETE FROM "{table}" WHERE "{column}" = ?', (visitor,))

    def _redact_visitor(self, alias: str) -> None:
        """Drop the texts of a visitor who has an alias, and whatever leads to the person."""
        self._redact("visitor = ?", alias)
        voted = "battle IN (SELECT id FROM battles WHERE visitor = ?)"
        self._drop("vote_comments", voted, alias)
        self.db.execute(DROP_OWN_TAGS, (json.dumps(TAGS), alias))
        self.db.execute("UPDATE visitors SET address_hash = NULL WHERE id = ?", (alias,))
        self.db.execute(
            f"UPDATE votes SET address = NULL WHERE address IS NOT NULL AND {voted}",
            (alias,),
        )

    def _redact(self, which: str, *values: object) -> int:
        """Drop the texts of the conversations for which `which` holds, and what tells whether a
        text was guessed; how many rows had any. They may not be published any more."""
        self.db.execute(
            f"UPDATE conversations SET publishable = 0 WHERE publishable = 1 AND {which}", values
        )
        theirs = f"conversation IN (SELECT id FROM conversations WHERE {which})"
        self.db.execute(
            f"UPDATE turns SET features = json_set(features, '$.prompt_hash', NULL) WHERE {theirs}"
            " AND json_extract(features, '$.prompt_hash') IS NOT NULL",
            values,
        )
        dropped = self._drop("conversations", which, *values)
        dropped += self._drop("turns", theirs, *values)
        return dropped + self._drop("drafts", OF_TURNS.format(theirs), *values)

    def _drop_before(self, cutoff: float) -> int:
        begun = "(SELECT created FROM conversations WHERE id = conversation)"
        old = f"coalesce(closed, opened, {begun}) < ?"
        dropped = self._drop("turns", old, cutoff)
        dropped += self._drop("drafts", OF_TURNS.format(old), cutoff)
        dropped += self._drop("conversations", "created < ?", cutoff)
        return dropped + self._drop("vote_comments", "changed < ?", cutoff)

    def _drop(self, table: str, which: str, *values: object) -> int:
        """Drop the texts of the rows for which `which` holds of the values; how many had any."""
        return self.db.execute(f"{DROP_TEXTS[table]} AND {which}", values)

    def _purge(self) -> None:
        """Note that what is kept elsewhere must be replaced by what there is now."""
        self.db.execute("UPDATE replication SET purge = purge + 1")


def seal_prompt_hash(visitor: str, prompt_hash: str) -> str:
    """What stands for a prompt's hash once its visitor is forgotten. Who guesses a short prompt
    could check the guess by the hash; which of a visitor's battles began alike, which the rules
    ask, is kept, and the key to the rest, the visitor's id, is gone."""
    return _alias(f"forgotten {visitor} {prompt_hash}")


def pseudonym(visitor: str) -> str:
    """The id that stands for a visitor who was forgotten: the same at every replica, and no way
    back, for an id has 74 random bits."""
    return _alias(f"forgotten {visitor}")


def _alias(text: str) -> str:
    return f"f-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
