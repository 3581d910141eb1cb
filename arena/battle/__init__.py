"""A battle: two contenders, hidden or chosen, one message for both, one vote."""
