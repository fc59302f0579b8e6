"""MTProto without I/O: bytes in, bytes out; time and randomness are arguments.

From the outside in: `transport` and `framing` (packets), `handshake` (the key exchange), `messages` (encryption),
`container`, `checks` (msg_id and seqno), `query` (the wrappers of a request), `tl`.
"""
