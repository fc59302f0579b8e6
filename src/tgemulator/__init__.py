"""A Telegram data centre on loopback: real MTProto over TCP, as strict as the real one."""

__version__ = "0.1.0"
