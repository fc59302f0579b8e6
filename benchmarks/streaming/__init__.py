"""The rows of `make bench` for the streaming engine, described in benchmarks/README.md.

Rows are in `cold`, `seek`, `hot`, `many`, `failures`, `hangups` and `soak`; `testbed` starts the emulator and the
server, `viewers` and `baseline` the clients, each in a process of its own.
"""
