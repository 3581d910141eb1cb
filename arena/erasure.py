"""What is deleted: a visitor's data at their wish, and texts that have been kept long enough.

Rows stay, so that ratings do; texts, ids and addresses go, from the pages of the file as well
(`secure_delete`). Copies made before are not reached: backups, exports, another file.
"""

import hashlib

from arena.tables import Tables

DAY = 86_400.0

NOW = "(julianday('now') - 2440587.5) * 86400.0"

TEXTS = {"conversations": ("system",), "turns": ("prompt", "reply", "error")}
"""The columns that hold what was said. An error may, too: a server repeats what it was asked."""

TRACES = {"visitors": ("address_hash",), "votes": ("address",)}
"""The columns that lead to a visitor, beside the id."""

GONE = "What was stored under this browser's id has been deleted: reload the page to begin anew."


class Erasure(Tables):
    """Deletes by changing rows. Each method is one transaction."""

    def forget(self, visitor: str) -> bool:
        """Delete a visitor's texts and put one anonymous id in the place of theirs, everywhere.

        Votes stay as they were, and still as those of one visitor. Returns whether there was
        anything. The id is refused from then on, see `forgotten`.
        """
        alias = anonymous(visitor)
        with self.writing():
            known = self._row("SELECT 1 FROM visitors WHERE id = ?", (visitor,))
            if not known:
                return False
            self._write(
                f"INSERT INTO forgotten (alias, created) VALUES (?, {NOW}) ON CONFLICT DO NOTHING",
                (alias,),
            )
            self._rename(visitor, alias)
            self._scrub(alias)
            self._purge()
        self._settle()
        return True

    def forgotten(self, visitor: str) -> bool:
        """Whether this id's data was deleted, here or at another replica that told us."""
        return bool(self._row("SELECT 1 FROM forgotten WHERE alias = ?", (anonymous(visitor),)))

    def expire(self, now: float, days: int) -> int:
        """Drop the texts of turns and conversations older than so many days; how many had any.

        now: seconds since 1970. Features and votes stay.
        """
        cutoff = now - days * DAY
        with self.writing():
            if dropped := self._drop_before(cutoff):
                self._write("DELETE FROM expired WHERE cutoff <= ?", (cutoff,))
                self._write("INSERT INTO expired (cutoff) VALUES (?)", (cutoff,))
                self._purge()
        if dropped:
            self._settle()
        return dropped

    def drop_texts(self) -> int:
        """Drop every text; how many rows had any."""
        with self.writing():
            return sum(self._drop(table, "?", 1) for table in TEXTS)

    def scrub_again(self, turn: str) -> None:
        """Take the words out of a turn that was being written while its visitor was forgotten."""
        gone = self._row(
            "SELECT f.alias FROM turns t JOIN conversations c ON c.id = t.conversation"
            " JOIN forgotten f ON f.alias = c.visitor WHERE t.id = ?",
            (turn,),
        )
        if gone:
            self._scrub(gone[0])

    def _delete_again(self) -> bool:
        """Delete what came from elsewhere and was deleted, here or there. In a transaction."""
        gone = {alias for (alias,) in self._read("SELECT alias FROM forgotten")}
        found = 0
        for (visitor,) in self._read("SELECT id FROM visitors") if gone else ():
            if (alias := anonymous(visitor)) in gone:
                self._rename(visitor, alias)
                found += 1
        for alias in gone:
            self._scrub(alias)
        (cutoff,) = self._row("SELECT max(cutoff) FROM expired")
        if cutoff is not None:
            found += self._drop_before(cutoff)
        if not self.keep_texts:
            found += self.drop_texts()
        if found:
            self._purge()
        return bool(found)

    def _rename(self, visitor: str, alias: str) -> None:
        self._connection.execute("PRAGMA defer_foreign_keys = ON")
        for (told,) in self._read(
            "SELECT DISTINCT prompt_hash FROM battles WHERE visitor = ? AND prompt_hash NOT NULL",
            (visitor,),
        ):
            self._write(
                "UPDATE battles SET prompt_hash = ? WHERE visitor = ? AND prompt_hash = ?",
                (sealed(visitor, told), visitor, told),
            )
        holders = [("visitors", "id")]
        holders += [(r.table, r.column) for r in self._references() if r.parent == "visitors"]
        keyed = {(t.name, column) for t in self._tables().values() for column in t.key}
        for table, column in holders:
            # The alias may have a row of the same key, from a replica that was told before.
            self._write(
                f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE "{column}" = ?',
                (alias, visitor),
            )
            if (table, column) in keyed:
                self._write(f'DELETE FROM "{table}" WHERE "{column}" = ?', (visitor,))

    def _scrub(self, alias: str) -> None:
        """Whatever leads to the person, or says what they said, of a visitor who has an alias."""
        self._drop("conversations", "visitor = ?", alias)
        theirs = "conversation IN (SELECT id FROM conversations WHERE visitor = ?)"
        self._drop("turns", theirs, alias)
        self._write(
            f"UPDATE turns SET features = json_set(features, '$.prompt_hash', NULL) WHERE {theirs}"
            " AND json_extract(features, '$.prompt_hash') IS NOT NULL",
            (alias,),
        )
        whose = {
            "visitors": "id = ?",
            "votes": "battle IN (SELECT id FROM battles WHERE visitor = ?)",
        }
        tables = self._tables()
        for table, columns in TRACES.items():
            for column in set(columns) & set(tables[table].columns):
                self._write(
                    f"UPDATE {table} SET {column} = NULL"
                    f" WHERE {whose[table]} AND {column} IS NOT NULL",
                    (alias,),
                )

    def _drop_before(self, cutoff: float) -> int:
        begun = "(SELECT created FROM conversations WHERE id = conversation)"
        dropped = self._drop("turns", f"coalesce(closed, opened, {begun}) < ?", cutoff)
        return dropped + self._drop("conversations", "created < ?", cutoff)

    def _drop(self, table: str, which: str, value: object) -> int:
        """Drop the texts of the rows for which `which` holds of `value`."""
        columns = TEXTS[table]
        # That there was an error stays known, as features do.
        blank = [
            f"{c} = iif({c} IS NULL, NULL, '')" if c == "error" else f"{c} = NULL" for c in columns
        ]
        some = " OR ".join(f"{c} <> ''" if c == "error" else f"{c} IS NOT NULL" for c in columns)
        return self._write(
            f"UPDATE {table} SET {', '.join(blank)} WHERE ({some}) AND {which}", (value,)
        )

    def _purge(self) -> None:
        """Note that what is kept elsewhere must be replaced by what there is now."""
        self._write("UPDATE replication SET purge = purge + 1")

    def _settle(self) -> None:
        """Bring the write-ahead log into the file and empty it: it, too, holds what was deleted."""
        with self._lock, self._explained():
            if not self._connection.in_transaction:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def sealed(visitor: str, prompt_hash: str) -> str:
    """What stands for a prompt's hash once its visitor is forgotten. Who guesses a short prompt
    could check the guess by the hash; which of a visitor's battles began alike, which the rules
    ask, is kept, and the key to the rest, the visitor's id, is gone."""
    told = f"forgotten {visitor} {prompt_hash}"
    return f"f-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def anonymous(visitor: str) -> str:
    """The id that stands for a visitor who was forgotten: the same at every replica, and no way
    back, for an id has 74 random bits."""
    return f"f-{hashlib.sha256(f'forgotten {visitor}'.encode()).hexdigest()[:32]}"
