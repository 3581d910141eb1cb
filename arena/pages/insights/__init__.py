"""What stands on the Insights page: a section a question, each in a file of its own noun."""
