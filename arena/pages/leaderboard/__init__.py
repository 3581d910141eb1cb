"""The leaderboard page: ratings with their intervals, a table and figures."""
