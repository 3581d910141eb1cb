"""The tables of the database, as migrations in the order in which they came.

All tables are STRICT; ids are text that sorts by time. Times are seconds since 1970 (UTC),
durations are seconds. Where texts are not kept, `system`, `prompt` and `reply` stay NULL.
A released migration is never edited: a change is a new one at the end. Small neighbours share a
file, which has the name of the first.
"""

from importlib import import_module
from pkgutil import iter_modules

from arena.db.migrations.migration_set import migrations

__all__ = ["migrations"]

# Each file adds its migrations to the set, in the order of their names.
for _file in iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")
