"""Extracts a picture (a frame of a video, the cover of an audio file) from files that have no thumbnail in Telegram.

Files of unknown origin are decoded only in a child process (`sandbox`): it has no environment, a bound on memory, on
processor time and on the bytes it may read, and is killed at its time limit. It gets the file through its pipes, in
cells, by the protocol of `sandbox_protocol`; `sandbox_process` is the server's side, `extraction` the code that runs in
the child. A file that fails is not tried again. A child that fails before its first read is a fault of the
installation and does not count against the file.
"""
