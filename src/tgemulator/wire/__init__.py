"""MTProto without sockets: bytes in, bytes out; time and randomness are arguments."""
