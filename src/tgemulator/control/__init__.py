"""An emulator driven from outside: the HTTP control API, and worlds described in JSON files.

`server` serves the API, `request` reads and checks one request, `routes` says what each path does, `arguments` and
`lookup` check its arguments. `world_file` builds what a world file describes; its docstring is that format's reference.
"""
