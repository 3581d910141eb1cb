"""The votes of one visitor: a ranking of their own, and how far they agree with all others."""
