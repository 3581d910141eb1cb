"""For programs: OpenAI's /v1, the leaderboard as files, MCP tools."""
