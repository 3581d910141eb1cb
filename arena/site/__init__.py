"""A running site: members that are up, limits, recorded replies, caches."""
