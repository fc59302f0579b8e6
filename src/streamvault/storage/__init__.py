"""Connections to the databases, SQLite and MongoDB: opening, migrations, transactions, time limits, errors."""
