"""A conversation in, a chance for each member out. Pure."""
