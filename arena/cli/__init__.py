"""Commands on votes and visits: leaderboard, review, ledger, engagement, fit, value, forget."""
