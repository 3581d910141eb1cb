"""How other tools write votes: each form turned into the columns that import reads."""
