"""Logs a bot in, in our own way: Kurigram's forgets its key on a flood, its server, and the entry DC's key."""

import logging
from typing import Any

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.dc import DcAddress, Directory, from_config
from streamvault.telegram.errors import Elsewhere, KeyRejected
from streamvault.telegram.floods import Floods
from streamvault.telegram.keys import KeyRing
from streamvault.telegram.link import Link
from streamvault.telegram.session_store import Home, SessionStore, StoredKey

log = logging.getLogger(__name__)

_HOPS = 3


async def learn_addresses(link: Link, store: SessionStore, *, directory: Directory) -> None:
    """Ask help.getConfig on an open link and keep what it says."""
    config = await link.call(raw.functions.help.GetConfig())
    addresses = from_config(config.dc_options)
    await store.set_addresses(addresses)
    directory.learn(addresses)


async def connect(client: Any, addresses: tuple[DcAddress, ...], *, key: StoredKey, on_lost: Any) -> Link:
    """An open main connection to the first address that answers. SourceUnavailable when none does."""
    error: Exception = SourceUnavailable(f"no address of data centre {key.dc_id} is known")
    for address in addresses:
        link = Link(client, address, key=key.key, media=False, on_lost=on_lost)
        try:
            await link.open()
        except SourceUnavailable as failure:
            error = failure
            continue
        return link
    raise error


class Login:
    """The first login of one bot; a store that knows its home needs none."""

    def __init__(
        self,
        client: Any,
        store: SessionStore,
        *,
        keys: KeyRing,
        directory: Directory,
        floods: Floods,
        api_hash: SecretStr,
        token: SecretStr,
    ) -> None:
        self._client = client
        self._store = store
        self._keys = keys
        self._directory = directory
        self._floods = floods
        self._api_hash = api_hash
        self._token = token

    async def run(self) -> Home:
        """Log in where Telegram sends us; the keys of all data centres on the way stay in the store.

        Raises ConfigError for a wrong token or application, SourceBusy during a flood, SourceUnavailable.
        """
        self._floods.check("login")
        dc_id = self._directory.entry.dc_id
        for _ in range(_HOPS):
            try:
                return await self._log_in_at(dc_id)
            except Elsewhere as hint:
                log.info("the account lives in data centre %d", hint.dc_id)
                dc_id = hint.dc_id
        raise SourceError("Telegram sends the login from one data centre to the next")

    async def _log_in_at(self, dc_id: int) -> Home:
        key = await self._keys.get(dc_id)
        link = await connect(self._client, self._directory.find(dc_id), key=key, on_lost=lambda _: None)
        try:
            await learn_addresses(link, self._store, directory=self._directory)
            answer = await self._authorise(link)
        except KeyRejected as error:
            await self._keys.drop(key)  # the server forgot a key that was made for a login that never happened
            raise SourceUnavailable(f"data centre {dc_id} does not know our key; the next try makes another") from error
        finally:
            await link.close()
        home = Home(dc_id, answer.user.id)
        await self._store.set_home(home)
        return home

    async def _authorise(self, link: Link) -> Any:
        query = raw.functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=self._client.api_id,
            api_hash=self._api_hash.get_secret_value(),
            bot_auth_token=self._token.get_secret_value(),
        )
        async with self._floods.watching("login"):
            return await link.call(query)
