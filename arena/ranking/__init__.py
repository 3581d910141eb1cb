"""Votes in, ratings with their uncertainty out. Pure."""
