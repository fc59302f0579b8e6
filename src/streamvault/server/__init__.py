"""One server process: `services` opens what it needs, `telegram` keeps the accounts connected, `run` does all of it.

Only these modules put the parts together; what a part needs of another it is given here, in its constructor or as a
callback.
"""
