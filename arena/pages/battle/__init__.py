"""The arena page: two hidden replies side by side, a vote, then the names."""
