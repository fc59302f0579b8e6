"""The auth keys of one account: one per data centre, each made once and stored before it is used.

The handshake calls `store_before_use` after the key is computed and before set_client_DH_params is sent, which makes
the server keep the key (core.telegram.org/mtproto/auth_key). A crash after that leaves an unconfirmed key in the store;
its first use shows whether the server knows it. Concurrent callers share one handshake. The budget for new keys is
spent at the same moment: a handshake that breaks earlier costs nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.errors import translated
from streamvault.telegram.mtproto.handshake import Handshake, HandshakeFailed, NewKey, PaddingRefused
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.network.routes import Network, close_connection
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import StoredKey
from streamvault.telegram.single_flight import SingleFlight

EXCHANGE_TIMEOUT = 15.0
"""Seconds for one handshake."""
PAUSE_FIRST, PAUSE_MOST = 0.5, 8.0
"""Seconds between attempts to make the key of a data centre; they double."""
CdnKeys = Callable[[int], Awaitable[Mapping[int, Any]]]
"""Returns the RSA keys of a CDN data centre by fingerprint, and learns its addresses."""


class AuthKeys:
    """Makes, stores and drops the auth keys of one account."""

    def __init__(
        self, client: Any, session: StoredSession, *, network: Network, data_centres: DataCentres,
        floods: AccountFloodSchedule, created: Any, cdn_keys: CdnKeys,
    ) -> None:  # fmt: skip
        """`created` is the metric that counts new keys."""
        self._client = client
        self._session = session
        self._network = network
        self._data_centres = data_centres
        self._floods = floods
        self._created = created
        self._cdn_keys = cdn_keys
        self._flights: SingleFlight[int, StoredKey] = SingleFlight()
        self._pauses: dict[int, Backoff] = {}
        self._not_before: dict[int, float] = {}
        self._use_rsa_pad = False

    async def get(self, dc_id: int, *, cdn: bool = False) -> StoredKey:
        """The stored key of a data centre or CDN; if there is none, it is made once for all concurrent callers.

        After a crash it may be unconfirmed; if the server does not know it, its first use raises KeyRejected.
        Raises SourceUnavailable, SourceError, SourceBusy (the budget is spent), ConfigError (another RSA key).
        """
        return self._session.key(dc_id) or await self._flights.run(dc_id, lambda: self._make(dc_id, cdn=cdn))

    async def drop(self, key: StoredKey) -> None:
        """Delete a key that the server rejects. An unconfirmed one counts as a failed attempt."""
        if not key.confirmed:
            self._failed(key.dc_id)
        await self._session.drop_key(key)

    async def confirm(self, key: StoredKey) -> StoredKey:
        """Store that the server has answered under this key."""
        self._pauses.pop(key.dc_id, None)
        return key if key.confirmed else await self._put(replace(key, confirmed=True))

    async def store_exported(self, key: StoredKey, *, export_id: int, export_bytes: bytes) -> StoredKey:
        """Store the authorization that was exported for this key, before it is imported."""
        return await self._put(replace(key, export_id=export_id, export_bytes=export_bytes))

    async def mark_imported(self, key: StoredKey) -> StoredKey:
        """Store that the account is logged in with this key: no further export is needed."""
        return await self._put(StoredKey(key.dc_id, key.key, confirmed=True, imported=True))

    async def close(self) -> None:
        """Cancel handshakes in progress."""
        await self._flights.close()

    async def _put(self, key: StoredKey) -> StoredKey:
        await self._session.put_key(key)
        return key

    async def _make(self, dc_id: int, *, cdn: bool) -> StoredKey:
        stored = self._session.key(dc_id)
        if stored is not None:
            return stored
        cdn_keys = await self._cdn_keys(dc_id) if cdn else None
        self._floods.check_budget("key")
        await asyncio.sleep(self._not_before.get(dc_id, 0.0) - time.monotonic())
        async with asyncio.timeout(EXCHANGE_TIMEOUT) as bound:
            try:
                return await self._exchange_either_padding(dc_id, cdn_keys)
            except TimeoutError as error:
                self._failed(dc_id)
                if bound.expired():
                    raise SourceUnavailable(f"data centre {dc_id} did not finish the key exchange") from error
                raise
            except SourceError:
                self._failed(dc_id)
                raise

    def _failed(self, dc_id: int) -> None:
        pauses = self._pauses.setdefault(dc_id, Backoff(PAUSE_FIRST, PAUSE_MOST))
        self._not_before[dc_id] = time.monotonic() + pauses.next()

    async def _exchange_either_padding(self, dc_id: int, cdn_keys: Mapping[int, Any] | None) -> StoredKey:
        """Exchange a key with the RSA encryption that the server accepts: the older one first, then RSA_PAD."""
        try:
            return await self._exchange(dc_id, cdn_keys)
        except SourceUnavailable as error:
            if not isinstance(error.__cause__, PaddingRefused):
                raise
            self._use_rsa_pad = not self._use_rsa_pad
        return await self._exchange(dc_id, cdn_keys)

    async def _exchange(self, dc_id: int, cdn_keys: Mapping[int, Any] | None) -> StoredKey:
        """Run one handshake. A key that the server refused is dropped; one that it may know stays stored."""
        addresses = self._data_centres.find(dc_id, cdn=cdn_keys is not None)
        connection = await self._network.dial(dc_id, addresses, media=False, timeout=EXCHANGE_TIMEOUT)
        made: StoredKey | None = None

        async def store_before_use(key: NewKey) -> None:
            nonlocal made
            self._network.worked(connection)
            await self._floods.spend_budget("key")
            made = await self._put(StoredKey(dc_id, key.key))
            self._session.note_salt(dc_id, key.salt)

        try:
            with translated():
                clock, where = self._client.server_clock, f"data centre {dc_id}"
                rsa_pad_dc = dc_id if self._use_rsa_pad else None
                await Handshake(connection, clock, where=where, cdn_keys=cdn_keys, rsa_pad_dc=rsa_pad_dc).run(
                    store_before_use
                )
        except SourceUnavailable as error:
            if made is not None and isinstance(error.__cause__, HandshakeFailed):
                await self.drop(made)
            raise
        finally:
            await close_connection(connection)
        if made is None:
            raise RuntimeError("the handshake ended without a key")
        self._created.inc()
        return await self.confirm(made)
