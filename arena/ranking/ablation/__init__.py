"""What each member adds to a blend, by the votes on the blend and its parts. Pure."""
