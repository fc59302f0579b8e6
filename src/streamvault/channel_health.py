"""Looks at what the bot may do in each of our channels and in VAULT_CHANNEL, and reports conditions.

Each channel is looked at when the bot has connected, when its rights change, and every LOOK_AGAIN seconds. A channel
whose updates are not followed yet is followed from then on: nothing that is posted later is missed, even if the server
is stopped before the first post.
"""

import asyncio
import contextlib
import logging
from functools import partial

from streamvault.conditions import Cause, Conditions, What
from streamvault.errors import CatalogError, FileMissing, SourceBusy, SourceError
from streamvault.indexing.chats import Named, OurChats, plain_username
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.history.rights import Rights, channel_by_name, current_pts, rights_in

log = logging.getLogger(__name__)

LOOK_AGAIN = 600.0
"""Seconds between two looks at all channels."""
PAUSE, RETRY = 0.05, 5.0
"""Seconds between two channels, and before another look after one that failed."""

NO_SUCH_NAME = "Telegram knows no channel of a name in CHANNELS or VAULT_CHANNEL: correct it"
NOT_IN_CHANNEL = (
    "the bot is not in one of its channels, so nothing in it can be listed or played: add it there as an "
    "administrator, or take the channel out of CHANNELS"
)
NOT_ADMIN = "the bot is no administrator of one of its groups, so it does not see all messages there: make it one"
NOT_IN_VAULT = (
    "the bot is not in VAULT_CHANNEL, so it cannot keep files that are sent to it: add it there as an administrator "
    "who may post messages"
)
MAY_NOT_POST = "the bot may not post in VAULT_CHANNEL: make it an administrator there who may post messages"


def lacking(rights: Rights, *, vault: bool) -> str | None:
    """What the bot lacks in a channel, or in the vault channel, and how to mend it; None if it lacks nothing."""
    if not rights.member:
        return NOT_IN_VAULT if vault else NOT_IN_CHANNEL
    if vault:
        return None if rights.posts else MAY_NOT_POST
    return None if rights.reads else NOT_ADMIN


class ChannelHealth:
    """Reports the conditions of `chats`, and of the vault, which is one of them."""

    def __init__(
        self, accounts: AccountPool, chats: OurChats, conditions: Conditions, *, vault: Named | None = None
    ) -> None:
        self._accounts = accounts
        self._chats = chats
        self._conditions = conditions
        self._vault = vault
        self._wake = asyncio.Event()

    def look(self) -> None:
        """Look at all channels soon."""
        self._wake.set()

    async def watch(self) -> None:
        """Look until cancelled, beginning at the first `look`."""
        wait: float | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            self._wake.clear()
            wait = LOOK_AGAIN
            try:
                await self._look_at_all()
            except SourceBusy as busy:
                wait = busy.retry_after
            except (SourceError, CatalogError) as error:
                log.debug("the channels cannot be looked at now: %s", error)
                wait = RETRY

    async def _look_at_all(self) -> None:
        """Raises SourceError, CatalogError; what was found before counts."""
        account = self._accounts.main
        for username in sorted(self._chats.unresolved):
            await self._resolve(account, username)
        chats = await self._chats.all()
        for kind in ("channels", "vault"):
            for condition in [one for one in self._conditions.present if one.what == kind]:
                if condition.subject not in {*map(str, chats), *self._chats.unresolved}:
                    self._conditions.end(condition.what, subject=condition.subject)
        for chat_id in sorted(chats):
            await self._look_at(account, chat_id)
            await asyncio.sleep(PAUSE)

    async def _resolve(self, account: Account, username: str) -> None:
        chat_id = await channel_by_name(account, username)
        if chat_id is None:
            self._conditions.begin("channels", Cause(NO_SUCH_NAME), subject=username)
        else:
            self._chats.resolve(username, chat_id)

    async def _look_at(self, account: Account, chat_id: int) -> None:
        rights = await rights_in(account, chat_id)
        if rights.member and account.client.updates is not None:
            try:
                await account.client.updates.follow(chat_id, partial(current_pts, account, chat_id))
            except FileMissing:
                rights = Rights(member=False)
        vault = self._is_vault(chat_id)
        reason = lacking(rights, vault=vault)
        what: What = "vault" if vault else "channels"
        if reason is None:
            self._conditions.end(what, subject=str(chat_id))
        else:
            self._conditions.begin(what, Cause(reason), subject=str(chat_id))

    def _is_vault(self, chat_id: int) -> bool:
        if isinstance(self._vault, str):
            return self._chats.number_of(plain_username(self._vault)) == chat_id
        return self._vault == chat_id
