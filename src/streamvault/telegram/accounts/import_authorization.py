"""Logs an account in at a data centre other than its home: auth.exportAuthorization, then auth.importAuthorization.

Both happen once in the life of an auth key. The exported bytes are stored before they are imported, so that after a
crash they are imported again instead of exported again.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pyrogram import raw

from streamvault.errors import SourceBusy, SourceError, SourceUnavailable
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import StoredKey

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""Exports that are tried while the data centre answers AUTH_BYTES_INVALID."""
Export = Callable[[int], Awaitable[Any]]


async def import_authorization(connection: Connection, key: StoredKey, *, keys: AuthKeys, export: Export) -> StoredKey:
    """Open `connection`, log the account in on it, and store the key as imported. Returns the stored key.

    AUTH_BYTES_INVALID allows another export (core.telegram.org/api/auth), ATTEMPTS in all. Raises KeyRejected for a key
    that the data centre does not know, SourceBusy, SourceUnavailable, SourceError.
    """
    await connection.open()
    if not key.confirmed:  # exports are limited: first make sure that the data centre knows the key
        await connection.call(raw.functions.help.GetConfig())
        key = await keys.confirm(key)
    if key.export_bytes:
        if await _import(connection, key) or await _is_logged_in(connection):
            return await keys.mark_imported(key)
        log.info("the authorization exported to data centre %d has expired", connection.dc_id)
        await _reopen_if_lost(connection)
    for _ in range(ATTEMPTS):
        exported = await export(connection.dc_id)
        key = await keys.store_exported(key, export_id=exported.id, export_bytes=exported.bytes)
        log.info("exported the authorization to data centre %d", connection.dc_id)
        if await _import(connection, key):
            return await keys.mark_imported(key)
        await _reopen_if_lost(connection)
    raise KeyRejected(f"data centre {connection.dc_id} refuses every exported authorization")


async def _import(connection: Connection, key: StoredKey) -> bool:
    """False for AUTH_BYTES_INVALID; KeyRejected if the data centre rejects the key."""
    query = raw.functions.auth.ImportAuthorization(id=key.export_id, bytes=key.export_bytes)
    try:
        await connection.call(query)
    except KeyRejected:
        if isinstance(connection.failure, KeyRejected):
            raise
        return False
    return True


async def _is_logged_in(connection: Connection) -> bool:
    """Whether the key is logged in already: if not, upload.getFile answers 401 whatever the location."""
    empty_location = raw.types.InputDocumentFileLocation(id=0, access_hash=0, file_reference=b"", thumb_size="")
    try:
        await connection.call(raw.functions.upload.GetFile(location=empty_location, offset=0, limit=4096))
    except KeyRejected:
        return False
    except (SourceBusy, SourceUnavailable):
        raise
    except SourceError:
        log.info("the account is logged in at data centre %d already", connection.dc_id)
        return True
    return True


async def _reopen_if_lost(connection: Connection) -> None:
    if not connection.alive:
        await connection.clean_up()
        await connection.open()
