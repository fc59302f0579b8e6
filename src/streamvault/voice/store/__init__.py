"""Where calls are stored: one interface, in the catalog's SQLite file or MongoDB database."""
