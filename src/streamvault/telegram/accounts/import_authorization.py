"""Lets an account in at a foreign data centre: exported at home once, imported there once, in a key's life."""

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
Export = Callable[[int], Awaitable[Any]]


async def import_authorization(link: Connection, key: StoredKey, *, keys: AuthKeys, export: Export) -> StoredKey:
    """Open `link` and log the account in on it; the key is stored as imported then.

    What was exported is stored before it is used, so that after a crash it is used again instead of exported again.
    AUTH_BYTES_INVALID allows another export (api/auth), a few times. Raises KeyRejected for a key that the data
    centre does not know, SourceBusy, SourceUnavailable, SourceError.
    """
    await link.open()
    if not key.confirmed:  # an export costs; whether the data centre knows the key is asked first
        await link.call(raw.functions.help.GetConfig())
        key = await keys.confirm(key)
    if key.export_bytes:
        if await _import(link, key) or await _is_in(link):
            return await keys.mark_imported(key)
        log.info("what was exported to data centre %d is no longer good there", link.dc_id)
        await _reopened(link)
    for _ in range(ATTEMPTS):
        exported = await export(link.dc_id)
        key = await keys.exported(key, export_id=exported.id, export_bytes=exported.bytes)
        log.info("the account was exported to data centre %d", link.dc_id)
        if await _import(link, key):
            return await keys.mark_imported(key)
        await _reopened(link)
    raise KeyRejected(f"data centre {link.dc_id} refuses every authorisation")


async def _import(link: Connection, key: StoredKey) -> bool:
    """False for AUTH_BYTES_INVALID; KeyRejected when the connection was lost for a dead key."""
    query = raw.functions.auth.ImportAuthorization(id=key.export_id, bytes=key.export_bytes)
    try:
        await link.call(query)
    except KeyRejected:
        if isinstance(link.failure, KeyRejected):
            raise
        return False
    return True


async def _is_in(link: Connection) -> bool:
    """Whether the key is logged in already: who is not gets a 401 before the location is even looked at."""
    nowhere = raw.types.InputDocumentFileLocation(id=0, access_hash=0, file_reference=b"", thumb_size="")
    try:
        await link.call(raw.functions.upload.GetFile(location=nowhere, offset=0, limit=4096))
    except KeyRejected:
        return False
    except (SourceBusy, SourceUnavailable):
        raise
    except SourceError:
        log.info("the account was let in at data centre %d already", link.dc_id)
        return True
    return True


async def _reopened(link: Connection) -> None:
    if not link.alive:
        await link.clean_up()
        await link.open()
