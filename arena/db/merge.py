"""One database merged into another: which rows may come in, and which of two states stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arena.db.database import Database
from arena.db.introspection import TableLayout, tables
from arena.db.repositories.erasure import Erasure
from arena.db.whole_file import Report
from arena.models import INCOMPLETE

IDS = ("visitors", "contenders", "conversations", "battles", "turns")  # other rows name their `id`
TEXTS = (  # that are shown
    ("contenders", "name"),
    ("battles", "language"),
    ("battles", "tag_rules"),
    ("votes", "reason"),
    ("conversations", "title"),
    ("vote_reasons", "reason"),
    ("contender_labels", "name"),
    ("drafts", "member"),
    ("drafts", "judge"),
    ("published", "repository"),
    *(("verdicts", column) for column in ("played", "judge", "digest", "opener")),
)
OBJECTS = (  # columns that hold a JSON object: SQLite reads into them
    ("contenders", "config"),
    ("turns", "features"),
    ("turns", "chances"),
    ("experiments", "shares"),
)

UNFIT_ID = (
    "(id GLOB '*[^A-Za-z0-9_.-]*' OR instr(id, char(0)) > 0 OR length(CAST(id AS BLOB)) NOT BETWEEN"
    " 1 AND 64)"
)
"""Ids that are not stored: all but 1 to 64 ASCII letters, digits and `_` `.` `-`."""

UNFIT_TEXT = (
    "({0} GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || char(65533)"
    " || ']*' OR instr({0}, char(0)) > 0 OR length(CAST({0} AS BLOB)) > 1000)"
)
"""Control characters, what is no UTF-8 (SQLite reads it as character 65533), and too long ones."""

UNFIT_OBJECT = "iif(json_valid({0}), json_type({0}) <> 'object', {0} IS NOT NULL)"

UNFIT_LIST = (
    "iif(json_valid({0}), json_type({0}) <> 'array' OR EXISTS (SELECT 1 FROM json_each({0}) each"
    f" WHERE each.type <> 'text' OR {UNFIT_TEXT.replace('{0}', 'each.value')}),"
    " {0} IS NOT NULL)"
)
"""A JSON list of texts that may be stored."""

UNFIT_SENTENCES = (
    "iif(json_valid({0}), json_type({0}) <> 'array' OR EXISTS (SELECT 1 FROM json_each({0}) each"
    " WHERE iif(each.type = 'object', json_type(each.value, '$.start') IS NOT 'integer'"
    " OR json_type(each.value, '$.chance') NOT IN ('real', 'integer') IS NOT 0"
    " OR json_type(each.value, '$.chances') IS NOT 'object'"
    " OR json_type(each.value, '$.member') IS NOT 'text'"
    f" OR {UNFIT_TEXT.format('(each.value ->> ' + repr('$.member') + ')')}, 1)), {{0}} IS NOT NULL)"
)
"""A JSON list of what `Sentence.row` makes."""

UNFIT_TAGS = (
    f"({UNFIT_LIST.format('tags')} OR length(tags) > 4000 OR EXISTS (SELECT 1 FROM"
    " json_each(iif(json_valid(tags), tags, '[]')) WHERE length(value) NOT BETWEEN 1 AND 60))"
)
"""Names of categories are shown on boards, the operator's own as they are."""

UNFIT = (
    *((table, "id", UNFIT_ID) for table in IDS),
    *((table, column, UNFIT_TEXT.format(column)) for table, column in TEXTS),
    *((table, column, UNFIT_OBJECT.format(column)) for table, column in OBJECTS),
    ("turns", "feedback_reasons", UNFIT_LIST.format("feedback_reasons")),
    ("turns", "sentences", UNFIT_SENTENCES.format("sentences")),
    ("battles", "tags", UNFIT_TAGS),
)
"""Table, column, and the condition under which a row may not be stored."""

RANKS = {
    "votes": "-{0}.created, coalesce({0}.judged, 0)",
    "battles": (
        "{0}.status = 'voted', {0}.turns, {0}.retried,"
        " instr('created streaming ready void', {0}.status),"
        f" {{0}}.leaked, {{0}}.void_reason IS NOT '{INCOMPLETE}', coalesce({{0}}.tag_time, 0)"
    ),
    "turns": (
        "{0}.finished, {0}.error IS NOT NULL, {0}.closed IS NOT NULL, coalesce({0}.marked, 0),"
        " {0}.undone, {0}.prompt IS NOT NULL"
    ),
    "visits": "{0}.seconds, {0}.turns",
    "vote_reasons": "{0}.changed",
    "vote_comments": "{0}.changed, {0}.comment IS NOT NULL",
    "drafts": "{0}.text IS NOT NULL",
    "contender_labels": "{0}.changed",
}
"""Which of two states of a row is the later one, by table: the first vote stays, a battle never
goes back. Void is the end of a battle unless a side is asked once more, which `retried` tells; the
next message makes a ready one stream again, which `turns` tells. Of two that are as far, the one
that was tagged last stays. Texts that one file does not keep stay in another."""

_NEWER_BAR = "(coalesce(excluded.barred_at, 0), excluded.barred) > (coalesce(barred_at, 0), barred)"
_NEWER_PRIVATE = (
    "(coalesce(excluded.private_at, 0), excluded.private) > (coalesce(private_at, 0), private)"
)
_NEWER_TITLE = (
    "(coalesce(excluded.titled, 0), excluded.title IS NOT NULL, coalesce(excluded.title, ''))"
    " > (coalesce(titled, 0), title IS NOT NULL, coalesce(title, ''))"
)
_OLDER_ARM = "(excluded.since, excluded.arm) < (since, arm)"
COLUMNS = {
    "visitors": (
        "first_seen = min(first_seen, excluded.first_seen),"
        " last_act = nullif(max(coalesce(last_act, 0), coalesce(excluded.last_act, 0)), 0),"
        " address_hash = coalesce(address_hash, excluded.address_hash),"
        f" barred = iif({_NEWER_BAR}, excluded.barred, barred),"
        f" barred_at = iif({_NEWER_BAR}, excluded.barred_at, barred_at),"
        f" private = iif({_NEWER_PRIVATE}, excluded.private, private),"
        f" private_at = iif({_NEWER_PRIVATE}, excluded.private_at, private_at)"
    ),
    "conversations": (
        "put_away = max(put_away, excluded.put_away), active = max(active, excluded.active),"
        " system = coalesce(system, excluded.system),"
        " publishable = min(publishable, excluded.publishable),"
        " deleted = coalesce(min(deleted, excluded.deleted), deleted, excluded.deleted),"
        f" title = iif({_NEWER_TITLE}, excluded.title, title),"
        f" titled = iif({_NEWER_TITLE}, excluded.titled, titled)"
    ),
    "exposures": (
        "crossed = max(crossed, excluded.crossed, arm <> excluded.arm),"
        f" arm = iif({_OLDER_ARM}, excluded.arm, arm), since = min(since, excluded.since)"
    ),
    "experiments": "created = min(created, excluded.created)",
    "forgotten": "created = min(created, excluded.created)",
}
"""Tables whose columns change apart from one another: a host's bar is told apart from visits, a new
title of a chat from its next message. What one file may not publish, none may. What was deleted
goes once all rows are here. In tables that are named nowhere the row that is here stays."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did: rows by table as (new, total), and votes that contradict.

    `conflicts` battles have another vote in the other file; of the two the earlier one stays.
    """

    rows: dict[str, tuple[int, int]]
    conflicts: int


def merge_file(db: Database, other: Path, report: Report) -> MergeResult:
    """Add all rows of `other`, a file that is up to date, in one transaction.

    Of a row that both have, by its key, the later state stays: files may be merged in any order,
    any number of times. What was deleted here or there is not in it afterwards.
    """
    with db.locked():
        db.query("ATTACH ? AS other", (str(other),))
        try:
            with db.transaction():
                before = db.connection.total_changes
                (conflicts,) = db.query_one(
                    "SELECT count(*) FROM other.votes o JOIN main.votes m USING (battle)"
                    " WHERE o.choice <> m.choice"
                )
                rows = _merge_rows(db, report)
                deleted = Erasure(db).repeat()
                db.merged_rows += db.connection.total_changes - before
        finally:
            db.query("DETACH other")
        if deleted:
            db.empty_log()
        return MergeResult(rows, conflicts)


def _merge_rows(db: Database, report: Report) -> dict[str, tuple[int, int]]:
    """How many rows of each table are new, and of how many."""
    db.query("PRAGMA defer_foreign_keys = ON")
    others = tables(db).values()
    sizes = {table.name: _count(db, f"other.{table.name}") for table in others}
    new, done = {}, 0
    for table in others:
        name, names = table.name, join_columns(table.columns)
        before = _count(db, f"main.{name}")
        db.execute(
            f"INSERT INTO main.{name} ({names}) SELECT {names} FROM other.{name} WHERE true"
            f" {conflict_clause(table)}"
        )
        new[name] = (_count(db, f"main.{name}") - before, sizes[name])
        done += sizes[name]
        report(done, sum(sizes.values()))
    return new


def _count(db: Database, table: str) -> int:
    return db.query_one(f"SELECT count(*) FROM {table}")[0]


def find_unfit(db: Database) -> str | None:
    """The first value that may not be stored, in words; None where there is none."""
    for table, column, condition in UNFIT:
        # As bytes: it may be no UTF-8, and megabytes long.
        row = db.query_one(
            f"SELECT hex(substr(CAST({column} AS BLOB), 1, 40)) FROM {table} WHERE {condition}"
        )
        if row:
            text = bytes.fromhex(row[0]).decode("utf-8", "backslashreplace")
            return f"the {column} {text!a} in its table {table}"
    return None


def conflict_clause(of: TableLayout) -> str:
    """What becomes of a row of this table that is here already, as the end of an INSERT."""
    update = COLUMNS.get(of.name)
    if of.name in RANKS:
        update = ", ".join(f'"{name}" = excluded."{name}"' for name in of.columns)
        # The last word has the whole row: every order of merging ends alike.
        here, new = (
            f"({RANKS[of.name].format(side)}, json_array({join_columns(of.columns, side)}))"
            for side in (of.name, "excluded")
        )
        update += f" WHERE {new} > {here}"
    return (
        f"ON CONFLICT ({join_columns(of.key)}) DO {f'UPDATE SET {update}' if update else 'NOTHING'}"
    )


def join_columns(columns: Iterable[str], of: str = "") -> str:
    """Columns as SQL names them."""
    return ", ".join(f'{of and of + "."}"{name}"' for name in columns)
