"""How fast a roster is, beside the same models asked directly in the same run."""
