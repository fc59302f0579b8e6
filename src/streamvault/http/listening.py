"""The port of the server."""

import errno
import socket

from streamvault.errors import ConfigError
from streamvault.settings import Settings

# Unsent bytes in the kernel per viewer: what is wasted when one disconnects.
NOTSENT_LOWAT = 128 << 10
BACKLOG = 4096
"""Connections that the kernel keeps until they are accepted."""
TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)  # 25 is Linux's number; Python names it from 3.12 on


def listen(settings: Settings, *, example: str = "--port 8081") -> socket.socket:
    """A socket that listens on HOST and PORT; accepted connections inherit its options.

    Raises ConfigError; `example` is how another port is chosen.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise _not_ours(settings.host, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _not_ours(settings.host, error) from error
        raise ConfigError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): choose another HOST or PORT, "
            f"as in `{example}`"
        ) from error
    return listener


def _not_ours(host: str, error: OSError) -> ConfigError:
    return ConfigError(
        f"HOST {host} is not an address of this machine ({error.strerror}): set HOST to one, such as "
        "127.0.0.1, or 0.0.0.0 for all of them"
    )
