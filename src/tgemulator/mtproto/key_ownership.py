"""AUTH_KEY_DUPLICATED: one key, used over two connections at the same time for more than files.

The rule. A call counts if its key is logged in, it did not come over a media-only address or to a
CDN DC, and it is neither upload.* nor part of setting a connection up (help.getConfig, help.getCdnConfig,
auth.importAuthorization, auth.bindTempAuthKey; pings and other service messages are no calls). The
connection of the last such call owns the key. A call that counts, from another connection, is

- a reconnection, and the owner changes, if it carries the same MTProto session; or if the owner is
  closed; or if no packet came from the owner for ALIVE seconds (its TCP connection is dead, and
  the server has not noticed);
- a duplicate otherwise: it gets 406 AUTH_KEY_DUPLICATED, and the key is logged out at once, so that
  every later call that needs a login gets 401 AUTH_KEY_UNREGISTERED, on whichever connection.

Hence a connection that only fetches files never counts, however many there are, and a connection that
was taken for dead is a duplicate if it sends a call that counts.
"""

import asyncio
import logging
from typing import Protocol

from tgemulator.errors import RpcError
from tgemulator.mtproto.auth_key import AuthKey, Owner, OwningConnection
from tgemulator.mtproto.keys import KeyStore

log = logging.getLogger(__name__)

ALIVE = 60.0
_SETUP = frozenset({"help.getConfig", "help.getCdnConfig", "auth.importAuthorization", "auth.bindTempAuthKey"})


class Connection(OwningConnection, Protocol):
    """A connection as the rule sees it."""

    @property
    def dc_id(self) -> int: ...

    @property
    def media_only(self) -> bool: ...

    @property
    def cdn(self) -> bool: ...


class KeyOwnership:
    """Applies the rule to the calls of all keys."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def claim(self, key: AuthKey, session: object, connection: Connection, *, method: str) -> None:
        """Make the connection the owner of the key if a call of `method` counts; RpcError 406 if it is a duplicate."""
        if key.user_id is None or connection.media_only or connection.cdn or not is_main(method):
            return
        if key.owner is not None:
            owner = key.owner.connection
            silent = asyncio.get_running_loop().time() - owner.last_packet_at
            same = owner is connection or key.owner.session is session
            if not same and not owner.closed and silent < ALIVE:
                log.warning("DC%d: one auth key on two connections, %s", connection.dc_id, method)
                self._keys.unregister(key)
                raise RpcError(406, "AUTH_KEY_DUPLICATED")
        key.owner = Owner(session, connection)


def is_main(method: str) -> bool:
    """Whether a method is more than files and the setting up of a connection."""
    return not method.startswith("upload.") and method not in _SETUP
