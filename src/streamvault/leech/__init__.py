"""Leech: files from elsewhere into a channel of Telegram, by jobs that survive every restart.

A job lives in the catalog's database (`store/`), and whoever works at it holds its lease: each change of a job compares
the version that was read, so that a worker that lost its lease can no longer write (fencing). What was transferred is
recorded after Telegram has it, and the random_id of a message follows from the job and the piece, so that a repeated
step posts nothing twice. The rules of a job's states are pure (`transitions`); bytes go from a source (`sources/`) to
Telegram (`ports.Uploads`) through memory alone.
"""
