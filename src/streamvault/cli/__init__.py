"""`streamvault index`: a walk through a chat's history for a person at a terminal."""
