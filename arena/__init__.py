"""The site: battles, votes, ranks and pages around a blend."""

__version__ = "1.0.0"
