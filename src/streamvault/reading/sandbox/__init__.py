"""Runs code on files of unknown origin in child processes, since FFmpeg may crash, hang or use much memory.

A warm process (`origin`) has the libraries loaded and is forked for every job, so that a job starts within milliseconds
and no job sees what another one left behind. A fork (`child`) has no environment, hence no secrets. It runs under
limits of memory, processor time, open files and bytes read, and is killed at its time limit, together with what it has
started. It gets the file through a socket, in cells (`remote_file`), and sends bytes and at its end one JSON object.

In the server, `jobs` is what others use, `again` runs a job once more whose process was killed, `process` is the warm
process seen from there, and `exchange` the messages with one fork; `protocol` is shared by both sides. Only code that
runs in forks imports PyAV.
"""
