"""The site: battles, votes, ranks and pages around a blend."""
