"""The page of one contender: who it is and how it fares."""
