"""AUTH_KEY_DUPLICATED: one key, used over two connections at the same time for more than files.

The exact rule. A call counts if its key is logged in, it did not come over a media-only address or to a
CDN DC, and it is neither upload.* nor part of setting a connection up (help.getConfig, help.getCdnConfig,
auth.importAuthorization, auth.bindTempAuthKey; pings and other service messages are no calls). The
connection of the last such call owns the key. A call that counts, from another connection, is

- a reconnection, and the owner changes, if it carries the same MTProto session; or if the owner is
  closed; or if nothing was heard from the owner for ALIVE seconds (its TCP connection is dead, and
  nobody has told the server);
- a duplicate otherwise: it gets 406 AUTH_KEY_DUPLICATED, and the key is logged out at once, so that
  every later call that needs a login gets 401 AUTH_KEY_UNREGISTERED, on whichever connection.

Hence a connection that only fetches files never counts, however many there are, and a connection that
was taken for dead but speaks up again is a duplicate then.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from tgemulator.errors import RpcError
from tgemulator.mtproto.dispatch import Call, is_main

if TYPE_CHECKING:
    from tgemulator.mtproto.keys import KeyStore

log = logging.getLogger(__name__)

ALIVE = 60.0


class Exclusive:
    """Applies the rule to the calls of all keys."""

    def __init__(self, keys: "KeyStore") -> None:
        self._keys = keys

    def claim(self, call: Call, name: str) -> None:
        """Make the call's connection the owner of its key if the call counts; 406 if it is a duplicate."""
        key, connection = call.key, call.connection
        if key.user_id is None or call.media_only or connection.cdn or not is_main(name):
            return
        if key.owner is not None:
            session, owner = key.owner
            silent = asyncio.get_running_loop().time() - owner.last_heard
            if owner is not connection and session is not call.session and not owner.closed and silent < ALIVE:
                log.warning("DC%d: one auth key on two connections, %s", call.dc_id, name)
                self._keys.unregister(key)
                raise RpcError(406, "AUTH_KEY_DUPLICATED")
        key.owner = (call.session, connection)
