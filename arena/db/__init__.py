"""The database: one SQLite file. All SQL of the project is here."""
