"""Servers that this program starts, and the members that are asked through them."""
