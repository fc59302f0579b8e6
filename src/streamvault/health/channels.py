"""Checks what the bot may do in each of our channels and in VAULT_CHANNEL, and reports conditions.

Each channel is checked when the bot has connected, when its rights change, and every CHECK_EVERY seconds. A channel
whose updates are not followed yet is followed from then on: nothing that is posted later is missed, even if the server
is stopped before the first post. A channel that cannot be checked delays no other: it alone is tried again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from streamvault.errors import CatalogError, FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.health.conditions import Cause, Conditions, What
from streamvault.indexing.chats import Named, OurChats, plain_username
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.history.rights import Rights, channel_by_name, current_pts, rights_in

log = logging.getLogger(__name__)

_One = TypeVar("_One", int, str)

CHECK_EVERY = 600.0
"""Seconds between two checks of all channels."""
PAUSE, RETRY = 0.05, 5.0
"""Seconds between two channels, and before those that failed are checked again; the second one doubles each time."""

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
        self._due: set[Named] = set()
        self._refused: set[Named] = set()

    def check_soon(self) -> None:
        """Check all channels soon."""
        self._wake.set()

    async def watch(self) -> None:
        """Check until cancelled, from the first `check_soon` on: all channels, and in between those that failed."""
        clock, backoff = asyncio.get_running_loop().time, Backoff(first=RETRY, longest=CHECK_EVERY)
        await self._wake.wait()
        all_at = clock()
        while True:
            if self._wake.is_set() or clock() >= all_at:
                self._wake.clear()
                backoff.reset()
                all_at = clock() + (CHECK_EVERY if await self._begin() else RETRY)
            try:
                wait = await self._check_due()
            except CatalogError as error:
                log.debug("the channels are looked at once the database is back: %s", error)
                backoff.reset()
                wait = RETRY
            else:
                wait = max(wait, backoff.next()) if self._due else CHECK_EVERY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait, all_at - clock())):
                    await self._wake.wait()

    async def _begin(self) -> bool:
        """Make all channels and names due; False if the database cannot tell which."""
        try:
            chats = await self._chats.all()
        except CatalogError as error:
            log.debug("the channels are not known now: %s", error)
            return False
        wanted: set[Named] = {*chats, *self._chats.unresolved}
        for condition in self._conditions.present:
            if condition.what in ("channels", "vault") and condition.subject not in {str(one) for one in wanted}:
                self._conditions.end(condition.what, subject=condition.subject)
        self._due, self._refused = wanted, self._refused & wanted
        return True

    async def _check_due(self) -> float:
        """Check once each name, and then each channel, that is due.

        Returns the seconds for which Telegram takes no question about channels; those about names may wait longer.
        Raises CatalogError at the first one that needs the database while it is away: that one stays due, with all
        behind it.
        """
        names = sorted(one for one in self._due if isinstance(one, str))
        await self._try_each(names, self._resolve)
        chats = sorted(one for one in self._due if isinstance(one, int))
        return await self._try_each(chats, self._check)

    async def _try_each(self, due: Sequence[_One], check: Callable[[_One], Awaitable[None]]) -> float:
        """Check each; those that fail stay due. A flood wait ends the pass: returns its seconds."""
        for one in due:
            try:
                await check(one)
            except SourceBusy as busy:
                return busy.retry_after
            except SourceError as error:
                self._note_failure(one, error)
            else:
                self._due.discard(one)
                self._refused.discard(one)
            await asyncio.sleep(PAUSE)
        return 0.0

    def _note_failure(self, one: Named, error: Exception) -> None:
        """Warn once of a channel that Telegram refuses to tell of; other failures have conditions of their own."""
        passing = one in self._refused or isinstance(error, SourceUnavailable)
        log.log(logging.DEBUG if passing else logging.WARNING, "channel %s cannot be looked at now: %s", one, error)
        if not passing:
            self._refused.add(one)

    async def _resolve(self, username: str) -> None:
        chat_id = await channel_by_name(self._accounts.main, username)
        if chat_id is None:
            self._conditions.begin("channels", Cause(NO_SUCH_NAME), subject=username)
        else:
            self._chats.resolve(username, chat_id)
            self._conditions.end("channels", subject=username)
            self._due.add(chat_id)

    async def _check(self, chat_id: int) -> None:
        account = self._accounts.main
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
