"""Logged turns in, what policies are worth out; how different replies are. Pure."""
