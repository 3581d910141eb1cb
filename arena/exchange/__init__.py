"""Votes in and out of the database: import, export, merge, backup, the Hub. No page, no models."""
