"""The tables of the database, as migrations in the order in which they came.

All tables are STRICT; ids are text that sorts by time. Times are seconds since 1970 (UTC),
durations are seconds. Where texts are not kept, `system`, `prompt` and `reply` stay NULL.
A released migration is never edited: a change is a new one at the end. Small neighbours share a
file, which has the name of the first.
"""

# Each of these adds its migrations to the set, in the order of their names.
from arena.db.migrations import (
    m001_tables,
    m020_experiments,
    m070_counts,
    m080_snapshots,
    m081_history,
    m082_named,
    m083_vote_reasons,
    m084_rating_changes,
    m087_categories,
    m088_publication,
    m089_contender_labels,
    m090_sentences,
    m091_drafts,
    m092_verdicts,
)
from arena.db.migrations.migration_set import foreign, migrations, unknown

__all__ = [
    "foreign",
    "m001_tables",
    "m020_experiments",
    "m070_counts",
    "m080_snapshots",
    "m081_history",
    "m082_named",
    "m083_vote_reasons",
    "m084_rating_changes",
    "m087_categories",
    "m088_publication",
    "m089_contender_labels",
    "m090_sentences",
    "m091_drafts",
    "m092_verdicts",
    "migrations",
    "unknown",
]
