"""The commands that read votes and visits: leaderboard, review, engagement, fit, value, forget."""
