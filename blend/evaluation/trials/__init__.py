"""Trials of intervals and of learning on made-up logs, whose truth is known."""
