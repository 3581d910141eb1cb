"""Votes in and out of the database: export, merge, import, backup. No page, no models."""
