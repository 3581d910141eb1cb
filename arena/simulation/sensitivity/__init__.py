"""Studies of what a board depends on: do the intervals of other models hold, is power as said."""
