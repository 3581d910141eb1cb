"""A battle: two hidden contenders, one message for both, one vote, and only then the names."""
