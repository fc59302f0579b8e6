"""The commands of `streamvault`, one module per command group.

Each module has `add(commands)`, which registers the group's parser, and sets `run` to a function that takes the parsed
options and returns the exit code. Modules are imported at every start of the program, so at the top they import
nothing that is slow to load (pyrogram, fastapi, av, rich, database drivers); that is imported inside the function
that runs the command. `tests/streamvault/cli/test_commands.py` checks it.
"""
