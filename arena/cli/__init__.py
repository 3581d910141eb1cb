"""Commands on votes: leaderboard, review, ledger, categories, engagement, fit, value, forget."""
