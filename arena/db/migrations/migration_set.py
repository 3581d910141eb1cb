"""The set that every file of this folder adds its migrations to."""

from sqlite_utils import Migrations

migrations = Migrations("arena")
