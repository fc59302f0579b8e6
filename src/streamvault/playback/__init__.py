"""How a film that a browser cannot take as it is gets played: what it is made of, how it is cut, what a client gets.

`model` are the facts of a file and the index of its key frames; `plan` cuts it into segments; `decision` says how a
client may play it and why not. They are pure. `making/` reads and repackages files with PyAV and is imported only by
the sandboxed child processes (reading/sandbox). The services join both with the engine's bytes and the catalog.

Pictures are never transcoded: they are copied, or refused with a reason. A segment depends on the file and on the
versions in its address only, so any process makes the same bytes.
"""
