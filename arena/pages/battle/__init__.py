"""The arena page: two contenders, hidden or chosen, answer side by side; a vote, then the names."""
