"""Exports an account for another data centre: asked for once, whatever breaks before the answer is stored.

The question is written down before it is asked. A process that was killed in between asks again, in the same MTProto
session and under the same number, and so gets the same answer.
"""

import time
from functools import partial
from typing import Any, Protocol

from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.errors import KeyRejected
from streamvault.telegram.floods import Floods
from streamvault.telegram.link import Link
from streamvault.telegram.once import ask_once
from streamvault.telegram.stored.session import StoredSession
from streamvault.telegram.stored.values import Question

LINK_WAIT, EXPORT_WAIT = 10.0, 20.0
"""Seconds that the main connection may take to come back, and then the answer."""

FRESH = 240.0
"""Seconds for which a question may be asked again: a server takes messages of the last 300 (mtproto/description)."""

WHO_AM_I = raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()])


class Exporting(Protocol):
    """What an export needs of its account."""

    session: StoredSession
    floods: Floods


def take_up(link: Link, session: StoredSession) -> None:
    """Before the main connection is opened: go on with the session in which an earlier process asked, if it did."""
    now = time.time()
    fresh = [question for question in session.export_asks.values() if 0 <= now - question.asked <= FRESH]
    if fresh:
        link.take_up(fresh)


async def export(account: Exporting, link: Link, dc_id: int) -> Any:
    """auth.exportAuthorization over the main connection. SourceBusy while exports are flooded, or too many."""
    session, floods = account.session, account.floods
    async with floods.watching("export"):
        asked = _asked(link, session, dc_id)
        if asked is None:
            floods.afford("export")
        await link.started(within=LINK_WAIT)
        if not link.proven:
            await link.call(WHO_AM_I)
        await session.backend.ensure()
        if asked is None:
            await floods.spend("export")
        query = raw.functions.auth.ExportAuthorization(dc_id=dc_id)
        asking = partial(session.ask_export, dc_id)
        try:
            return await ask_once(link, query, timeout=EXPORT_WAIT, asked=asked, asking=asking)
        except KeyRejected as error:
            await session.ask_export(dc_id, None)
            raise SourceUnavailable(str(error)) from error
        except SourceError:
            await session.ask_export(dc_id, None)
            raise


def _asked(link: Link, session: StoredSession, dc_id: int) -> Question | None:
    """The question that was asked in this session and not answered."""
    question = session.export_asks.get(dc_id)
    return question if question is not None and question.session_id == link.session_id else None
