"""Extracts a picture (a frame of a video, the cover of an audio file) from files that have no thumbnail in Telegram.

Files of unknown origin are decoded only by jobs of the sandbox (reading/sandbox): `extraction` is the code that runs
there, `extractor` the server's side of it, `service` says when. A file that fails is not tried again. A job that fails
before its first read is a fault of the installation and does not count against the file.
"""
