"""Makes auth keys, each exactly once: a key is on disk before anything is sent with it."""

import asyncio
from io import BytesIO
from typing import Any

from pyrogram import raw
from pyrogram.crypto import rsa
from pyrogram.session import Auth

from streamvault.errors import ConfigError, SourceUnavailable
from streamvault.telegram.dc import DcAddress, Directory
from streamvault.telegram.errors import translated
from streamvault.telegram.flight import SingleFlight
from streamvault.telegram.session_store import SessionStore, StoredKey

EXCHANGE_TIMEOUT = 15.0
_EXPECTED = (raw.types.ResPQ, raw.types.ServerDHParamsOk, raw.types.DhGenOk)


class _Exchange(Auth):  # type: ignore[misc]
    """Kurigram's key exchange without its own retries (each could make one more key) and with checked answers."""

    MAX_RETRIES = 0

    async def invoke(self, data: Any) -> Any:
        """One step. ConnectionError for anything but the answer that this step needs."""
        await self.connection.send(self.pack(data, server_time=self.client.server_time))
        packet = await self.connection.recv()
        if packet is None or len(packet) < 24:
            raise ConnectionError("the key exchange was refused")
        answer = self.unpack(BytesIO(packet))
        if not isinstance(answer, _EXPECTED):
            raise ConnectionError(f"the key exchange failed with {type(answer).__name__}")
        if isinstance(answer, raw.types.ResPQ) and not set(answer.server_public_key_fingerprints) & set(
            rsa.server_public_keys
        ):
            raise ConfigError(
                f"the Telegram server at {self.server_address}:{self.port} has another RSA key than TELEGRAM_SERVER_KEY"
                " says: give the PEM file that belongs to it"
            )
        return answer


class KeyRing:
    """The auth keys of one account."""

    def __init__(self, client: Any, store: SessionStore, *, directory: Directory, created: Any) -> None:
        """`created` is the metric that counts new keys."""
        self._client = client
        self._store = store
        self._directory = directory
        self._created = created
        self._flights: SingleFlight[int, StoredKey] = SingleFlight()

    async def get(self, dc_id: int) -> StoredKey:
        """The key of a data centre; made now, once for all who ask, if there is none.

        Raises SourceUnavailable, SourceError, or ConfigError for a server with another RSA key.
        """
        return await self._store.key(dc_id) or await self._flights.run(dc_id, lambda: self._make(dc_id))

    async def drop(self, key: StoredKey) -> None:
        """Forget a dead key."""
        await self._store.drop_key(key)

    async def mark_imported(self, key: StoredKey) -> StoredKey:
        """The account is logged in with this key, so it need never be exported to it again."""
        imported = StoredKey(key.dc_id, key.key, imported=True)
        await self._store.put_key(imported)
        return imported

    async def close(self) -> None:
        """Abandon what is under way."""
        await self._flights.close()

    async def _make(self, dc_id: int) -> StoredKey:
        stored = await self._store.key(dc_id)
        if stored is not None:
            return stored
        error: Exception = SourceUnavailable(f"no address of data centre {dc_id} is known")
        for address in self._directory.find(dc_id):
            try:
                key = StoredKey(dc_id, await self._exchange(address))
            except SourceUnavailable as failure:
                error = failure
                continue
            await self._store.put_key(key)
            self._created.inc()
            return key
        raise error

    async def _exchange(self, address: DcAddress) -> bytes:
        exchange = _Exchange(self._client, address.dc_id, address.host, address.port, False)
        with translated():
            async with asyncio.timeout(EXCHANGE_TIMEOUT):
                return bytes(await exchange.create())
