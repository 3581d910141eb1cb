"""Votes published as a data set: who agreed, personal data in texts, and versions on the Hub."""
