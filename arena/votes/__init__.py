"""Which votes count, and why the others do not. Pure."""
