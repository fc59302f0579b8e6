"""Exports an account's authorization for another data centre, with one request whatever breaks before its answer.

The session id and message number of auth.exportAuthorization are stored before it is sent. After a crash the next
process repeats the same message in the same MTProto session, so the server answers it without a second export. The
budget is spent at the last moment before sending: an attempt without a connection costs nothing.
"""

import contextlib
import logging
import time
from functools import partial
from typing import Any, Protocol

from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.mtproto import resend
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.pending import PendingRequest
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession

log = logging.getLogger(__name__)

CONNECT_WAIT, EXPORT_WAIT, RESUME_WAIT = 10.0, 20.0, 5.0
"""Seconds to wait for the main connection, then for the answer; and for the answer to a repeated request."""

RESEND_WINDOW = 240.0
"""Seconds within which a request may be repeated: servers accept messages of the last 300 s
(core.telegram.org/mtproto/description).
"""

GET_SELF = raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()])


class ExportingAccount(Protocol):
    """What an export needs of its account."""

    session: StoredSession
    floods: AccountFloodSchedule
    keys: AuthKeys


def resume_session(connection: Connection, session: StoredSession) -> None:
    """Before the main connection is opened: continue the MTProto session of an earlier process's pending export."""
    now = time.time()
    fresh = [request for request in session.pending_exports.values() if 0 <= now - request.asked <= RESEND_WINDOW]
    if fresh:
        resend.resume_session(connection, fresh)


async def resume_exports(account: ExportingAccount, connection: Connection) -> None:
    """After the main connection is opened: repeat pending exports; the server resends an unacknowledged answer.

    A request that cannot be repeated is forgotten; the export is requested again when it is needed.
    """
    for dc_id, request in account.session.pending_exports.items():
        key = account.session.key(dc_id)
        if request.session_id == connection.session_id and key is not None:
            with contextlib.suppress(SourceError):
                found = await _invoke(account, connection, dc_id, asked=request, timeout=RESUME_WAIT)
                await account.keys.store_exported(key, export_id=found.id, export_bytes=found.bytes)
                log.info("the export to data centre %d, requested by an earlier process, was received", dc_id)
                continue
        await account.session.set_pending_export(dc_id, None)


async def forget_exports(session: StoredSession) -> None:
    """Forget all pending exports: the server has refused the MTProto session that was continued."""
    for dc_id in session.pending_exports:
        await session.set_pending_export(dc_id, None)


async def export(account: ExportingAccount, connection: Connection, dc_id: int) -> Any:
    """auth.exportAuthorization over the main connection. SourceBusy during a flood wait or over the budget."""
    async with account.floods.around_request("export"):
        account.floods.check_budget("export")
        await connection.wait_open(within=CONNECT_WAIT)
        if not connection.has_received:
            await connection.call(GET_SELF)
        await account.session.backend.ensure()
        await account.floods.spend_budget("export")
        try:
            return await _invoke(account, connection, dc_id, asked=None, timeout=EXPORT_WAIT)
        except SourceError as error:
            await account.session.set_pending_export(dc_id, None)
            if isinstance(error, KeyRejected):  # of the main connection: MainConnection reports it
                raise SourceUnavailable(str(error)) from error
            raise


async def _invoke(
    account: ExportingAccount, connection: Connection, dc_id: int, *, asked: PendingRequest | None, timeout: float
) -> Any:
    query = raw.functions.auth.ExportAuthorization(dc_id=dc_id)
    store = partial(account.session.set_pending_export, dc_id)
    return await resend.invoke_once(connection, query, timeout=timeout, pending=asked, store=store)
