"""What is stored about people, web sessions, API tokens, links and log-ins, on SQLite or MongoDB."""
