"""Commands for a terminal: chat with a blend, and how different its members' replies are."""
