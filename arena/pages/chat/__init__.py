"""The chat page: one conversation with a blend, and who wrote which reply."""
