"""Votes: cast once each, and what their visitors give as reasons for them."""
