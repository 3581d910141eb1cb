"""The leaderboard tab: ratings with their intervals, a table and figures."""
