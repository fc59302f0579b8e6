"""Programs that a leech job runs: in a process group of their own, niced, with limits, never longer than the worker.

A child has no environment but what it is given, hence no secrets of the server, and no shell anywhere on its way. It
is started by `launch`, which sets the limits and has Linux kill it with the worker; programs that it starts in turn go
through `launch` too (`tools`). What it has to be told in secret goes by its standard input or a file of mode 0600, as
everybody on the machine can read a command line.
"""
