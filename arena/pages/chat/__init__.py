"""The chat tab: one conversation with a blend, and who wrote which reply."""
