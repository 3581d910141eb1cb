"""Which kinds of message there are, and which of them a first message is, by rules. Pure."""
