"""The Insights page: a question a section, its answer as a sentence, a figure and a table."""
