"""`streamvault doctor`: is everything here that a server needs, and how is it mended if not?"""
