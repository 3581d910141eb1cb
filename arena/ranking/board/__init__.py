"""The board as a visitor asks for it: its table, its contenders, and one of them alone. Pure."""
