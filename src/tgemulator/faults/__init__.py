"""Faults of calls, connections and file chunks, and flood waits: switched on by a test, consulted by other packages.

`registry.Faults` is the whole of it; `types` holds the faults, `floods` flood waits and the guard against too many
keys, `conditions` how packets travel on each connection. This package knows neither connections nor the world: it
declares what it needs of them as Protocols.
"""
