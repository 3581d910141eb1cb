"""What is kept in the database, a repository a kind of row."""
