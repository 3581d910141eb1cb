"""What a blend gains through its context: who wrote the earlier replies, by chance. Pure."""
