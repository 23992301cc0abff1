"""What we are measured against: the same work, done by the sqlite3 shell or by plain FastAPI."""
