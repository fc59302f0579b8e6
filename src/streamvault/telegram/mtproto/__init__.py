"""One MTProto connection to one data centre: handshake, encryption, messages, acknowledgements, keep-alive, loss.

Rules that hold here:

- A request belongs to its connection, not to its caller. It is never cancelled between encrypting and writing, since
  that would desynchronise the key stream of an obfuscated connection. A caller that is cancelled stops waiting only.
- Silence is measured in bytes. A connection is suspect (`silent`) when bytes are due and none have come, and lost when
  a ping is not answered either; a slow one that still delivers bytes is neither (keepalive).
- Before each request the connection asks its Lease and its FloodSchedule (guards), which sessions/ implements.
- A connection opens within a bound or fails. It is lost at most once per opening, and everything that waits on it
  learns of the loss at once.
"""
