"""Runs code on files of unknown origin in child processes, since FFmpeg may crash, hang or use much memory.

A warm process (`origin`) has the libraries loaded and is forked for every job, so that a job starts within milliseconds
and no job sees what another one left behind. A fork has no environment, hence no secrets; it runs under limits of
memory, processor time, open files and bytes read, and is killed at its time limit. It gets the file through its pipe,
in cells, and sends bytes and at its end one JSON object back (`protocol`); `jobs` is the server's side.
"""
