"""Exports an account for another data centre: asked for once, whatever breaks before the answer is stored.

The question is written down before it is asked. A process that was killed in between asks again, in the same MTProto
session and under the same number, and so gets the same answer.
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

LINK_WAIT, EXPORT_WAIT, RESUME_WAIT = 10.0, 20.0, 5.0
"""Seconds that the main connection may take to come back, and then the answer, or one that was asked for before."""

FRESH = 240.0
"""Seconds for which a question may be asked again: a server takes messages of the last 300 (mtproto/description)."""

WHO_AM_I = raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()])


class ExportingAccount(Protocol):
    """What an export needs of its account."""

    session: StoredSession
    floods: AccountFloodSchedule
    keys: AuthKeys


def resume_session(link: Connection, session: StoredSession) -> None:
    """Before the main connection is opened: go on with the session in which an earlier process asked, if it did."""
    now = time.time()
    fresh = [question for question in session.pending_exports.values() if 0 <= now - question.asked <= FRESH]
    if fresh:
        resend.resume_session(link, fresh)


async def resume(account: ExportingAccount, link: Connection) -> None:
    """Once it is open: ask again what was asked, at once, since the answer is repeated until it is acknowledged.

    What cannot be had any more is forgotten, and asked anew when it is needed.
    """
    for dc_id, question in account.session.pending_exports.items():
        key = account.session.key(dc_id)
        if question.session_id == link.session_id and key is not None:
            with contextlib.suppress(SourceError):
                found = await _ask(account, link, dc_id, asked=question, timeout=RESUME_WAIT)
                await account.keys.exported(key, export_id=found.id, export_bytes=found.bytes)
                log.info("the export to data centre %d, which was asked for before, has come", dc_id)
                continue
        await account.session.set_pending_export(dc_id, None)


async def forget(session: StoredSession) -> None:
    """The session that was taken up is of no use: what was asked in it has to be asked anew."""
    for dc_id in session.pending_exports:
        await session.set_pending_export(dc_id, None)


async def export(account: ExportingAccount, link: Connection, dc_id: int) -> Any:
    """auth.exportAuthorization over the main connection. SourceBusy while exports are flooded, or too many."""
    async with account.floods.around_request("export"):
        account.floods.check_budget("export")
        await link.wait_open(within=LINK_WAIT)
        if not link.has_received:
            await link.call(WHO_AM_I)
        await account.session.backend.ensure()
        await account.floods.spend_budget("export")
        try:
            return await _ask(account, link, dc_id, asked=None, timeout=EXPORT_WAIT)
        except SourceError as error:
            await account.session.set_pending_export(dc_id, None)
            if isinstance(error, KeyRejected):  # the main connection's, which its owner hears of, too
                raise SourceUnavailable(str(error)) from error
            raise


async def _ask(
    account: ExportingAccount, link: Connection, dc_id: int, *, asked: PendingRequest | None, timeout: float
) -> Any:
    query = raw.functions.auth.ExportAuthorization(dc_id=dc_id)
    asking = partial(account.session.set_pending_export, dc_id)
    return await resend.invoke_once(link, query, timeout=timeout, pending=asked, store=asking)
