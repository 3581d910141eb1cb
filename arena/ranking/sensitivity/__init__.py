"""What a board depends on: how ties are taken, who votes, and how many votes there are. Pure."""
