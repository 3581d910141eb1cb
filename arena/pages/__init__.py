"""What a visitor sees: one file a tab."""
