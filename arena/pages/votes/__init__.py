"""The page of a visitor's own votes, and what invites to the next vote."""
