"""The command line: parses options, runs one command, maps errors to exit codes.

`main` assembles the parser, `commands/` holds one module per command group, and the other modules do the work of
`index`, `login`, `session` and `catalog`. No other package imports this one.
"""
