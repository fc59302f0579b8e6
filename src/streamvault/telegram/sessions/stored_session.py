"""The stored session of one account: auth keys, home DC, imported authorizations, flood waits and budgets."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from streamvault.errors import ConfigError, SourceError
from streamvault.telegram.mtproto.pending import PendingRequest
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Backend, Changes, Records
from streamvault.telegram.sessions.peers import PeerStore
from streamvault.telegram.sessions.values import Flood, Home, Identity, SentCode, StoredKey

log = logging.getLogger(__name__)

FLUSH_INTERVAL = 2.0

T = TypeVar("T")


class StoredSession:
    """One account's stored session. Values are read from memory; a value that a method sets is durable on its return.

    Exceptions are peers, update states, salts and the route: they are written within FLUSH_INTERVAL seconds. All
    methods but `open` need an open session. Writing raises SessionHeld once the lease is lost, StoreUnavailable if the
    database does not answer.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.peers = PeerStore({}, changed=self._flush_soon)
        self._records: Records = {}
        self._deferred: dict[str, bytes] = {}
        self._behind = False
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: set[asyncio.Task[None]] = set()
        self._open = False

    async def open(self, identity: Identity) -> None:
        """Take the lease and read; see Backend.open. ConfigError for another account's session, left unchanged."""
        if self._open:
            return
        records = await self.backend.open()
        try:
            with self._checked():
                if codec.IDENTITY in records:
                    self._check(codec.unpack(Identity, records[codec.IDENTITY]), identity)
                elif records:
                    raise ValueError("the record `identity` is missing")
                else:
                    await self.backend.write({codec.IDENTITY: codec.pack(identity)})
                self._load(records)
        except BaseException:
            await self.backend.close()
            raise
        self._open = True

    async def close(self) -> None:
        """Write what is pending and release the lease; does nothing if the session is not open."""
        if not self._open:
            return
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await asyncio.gather(*self._flushing)
        await self.flush()
        await self.backend.close()

    @property
    def home(self) -> Home | None:
        """The home DC and id of the account; None before its first login."""
        return self._get(codec.HOME, Home)

    async def set_home(self, home: Home) -> None:
        """Store that the account has logged in; its key there counts as imported from now on."""
        key = self.key(home.dc_id)
        changes: dict[str, bytes | None] = {codec.HOME: codec.pack(home), codec.LOGIN: None}
        if key is not None:
            changes[codec.key_name(home.dc_id)] = codec.pack(StoredKey(key.dc_id, key.key, True, True))
        await self._put(changes)

    async def forget_home(self) -> None:
        """After Telegram has ended the session: delete the key of the home DC; the account must log in again."""
        home = self.home
        if home is not None:
            await self._put({codec.HOME: None, codec.key_name(home.dc_id): None, codec.salt_name(home.dc_id): None})

    @property
    def login_sent_to(self) -> int | None:
        """The data centre to which a login was sent whose answer has not been stored."""
        value = self._records.get(codec.LOGIN)
        return None if value is None else int(codec.unpack_plain(value))

    async def set_login_sent_to(self, dc_id: int, *, token: str | None = None) -> None:
        """Store that a login is about to be sent, a bot's with the token of this digest."""
        await self._put({codec.LOGIN: codec.pack(dc_id), codec.TOKEN: None if token is None else codec.pack(token)})

    @property
    def code(self) -> SentCode | None:
        """The login code that was sent last, until it is used or expired."""
        return self._get(codec.CODE, SentCode)

    async def set_code(self, code: SentCode | None) -> None:
        """Store a login code that was sent; None: it is used or expired."""
        await self._put({codec.CODE: None if code is None else codec.pack(code)})

    @property
    def imported(self) -> str | None:
        """A digest of the session string that was imported last."""
        value = self._records.get(codec.IMPORTED)
        return None if value is None else str(codec.unpack_plain(value))

    async def set_imported(self, digest: str) -> None:
        """Store the digest of an imported session string."""
        await self._put({codec.IMPORTED: codec.pack(digest)})

    def key(self, dc_id: int) -> StoredKey | None:
        """The auth key of a data centre, if one was created."""
        return self._get(codec.key_name(dc_id), StoredKey)

    def all_keys(self) -> tuple[StoredKey, ...]:
        """The auth keys of all data centres."""
        names = sorted(name for name in self._records if name.startswith("key:"))
        return tuple(codec.unpack(StoredKey, self._records[name]) for name in names)

    async def put_key(self, key: StoredKey) -> None:
        """Store a key, in place of an older one of that data centre, and end the pending export for it."""
        await self._put({codec.key_name(key.dc_id): codec.pack(key), codec.export_name(key.dc_id): None})

    async def drop_key(self, key: StoredKey) -> None:
        """Delete a dead key; a newer one of the same data centre stays."""
        stored = self.key(key.dc_id)
        if stored is not None and stored.key == key.key:
            await self._put({codec.key_name(key.dc_id): None, codec.salt_name(key.dc_id): None})

    @property
    def pending_exports(self) -> dict[int, PendingRequest]:
        """The exports that were requested and whose answers are not stored yet, by data centre."""
        prefix = codec.export_name(0)[:-1]
        found = [name for name in self._records if name.startswith(prefix)]
        return {int(name.removeprefix(prefix)): codec.unpack(PendingRequest, self._records[name]) for name in found}

    async def set_pending_export(self, dc_id: int, request: PendingRequest | None) -> None:
        """Store that an export is about to be requested; None: it failed."""
        await self._put({codec.export_name(dc_id): None if request is None else codec.pack(request)})

    def salt(self, dc_id: int) -> int:
        """The last server salt of a data centre; 0 if none is known."""
        value = self._deferred.get(codec.salt_name(dc_id)) or self._records.get(codec.salt_name(dc_id))
        return 0 if value is None else int(codec.unpack_plain(value))

    def note_salt(self, dc_id: int, salt: int) -> None:
        """Store a salt within FLUSH_INTERVAL."""
        if salt and salt != self.salt(dc_id):
            self._deferred[codec.salt_name(dc_id)] = codec.pack(salt)
            self._flush_soon()

    @property
    def addresses(self) -> tuple[DcAddress, ...]:
        """The addresses of the last help.getConfig, in its order."""
        value = self._records.get(codec.ADDRESSES)
        return () if value is None else tuple(DcAddress(*row) for row in codec.unpack_plain(value))

    async def set_addresses(self, addresses: tuple[DcAddress, ...]) -> None:
        """Replace all addresses, if they differ."""
        if addresses != self.addresses:
            await self._put({codec.ADDRESSES: codec.pack_all(addresses)})

    @property
    def floods(self) -> dict[str, Flood]:
        """The stored flood waits, by family of methods (with dashes for dots)."""
        prefix = codec.flood_name("")
        return {
            name.removeprefix(prefix): codec.unpack(Flood, value)
            for name, value in self._records.items()
            if name.startswith(prefix)
        }

    async def set_flood(self, family: str, flood: Flood) -> None:
        """Store a flood wait, in place of an earlier one of its family."""
        await self._put({codec.flood_name(family): codec.pack(flood)})

    def spent(self, kind: str) -> tuple[float, ...]:
        """When (Unix seconds) requests of a kind with a budget were sent."""
        value = self._records.get(codec.spent_name(kind))
        return () if value is None else tuple(codec.unpack_plain(value))

    async def set_spent(self, kind: str, times: tuple[float, ...]) -> None:
        """Replace the times of one kind."""
        await self._put({codec.spent_name(kind): codec.pack(times)})

    @property
    def route(self) -> str | None:
        """The name of the route that worked last."""
        value = self._records.get(codec.NETWORK)
        return None if value is None else str(codec.unpack_plain(value))

    def note_route(self, name: str) -> None:
        """Store the name of the route that works, within FLUSH_INTERVAL."""
        if name != self.route:
            self._deferred[codec.NETWORK] = codec.pack(name)
            self._flush_soon()

    async def flush(self) -> None:
        """Write what is pending; what cannot be written stays pending."""
        deferred, self._deferred = self._deferred, {}
        peers = self.peers.take_changes()
        if not deferred and not peers:
            return
        try:
            await self._put({**deferred, **peers})
        except (SourceError, ConfigError) as error:
            log.debug("%s could not be updated: %s", self.backend.where, error)
            if not self._behind:
                log.warning("%s cannot be updated, which is tried again with each change", self.backend.where)
            self._behind = True
            self._deferred = {**deferred, **self._deferred}
            if self._open:
                self.peers.put_back(peers)
        else:
            if self._behind:
                log.warning("%s is up to date again", self.backend.where)
            self._behind = False

    def _get(self, name: str, kind: type[T]) -> T | None:
        value = self._records.get(name)
        return None if value is None else codec.unpack(kind, value)

    async def _put(self, changes: Changes) -> None:
        await self.backend.write(changes)
        for name, value in changes.items():
            if value is None:
                self._records.pop(name, None)
            elif not name.startswith(("peer:", "state:")):
                self._records[name] = value

    def _load(self, records: Mapping[str, bytes]) -> None:
        self._records = {name: value for name, value in records.items() if not name.startswith(("peer:", "state:"))}
        self.peers = PeerStore(dict(records), changed=self._flush_soon)
        _ = self.home, self.all_keys(), self.addresses, self.floods  # raises at once if one is damaged
        _ = self.login_sent_to, self.pending_exports, self.code

    def _check(self, stored: Identity, expected: Identity) -> None:
        account = expected.account_id or stored.account_id  # the id of a user is not known before the login
        for what, required, found in (
            ("another bot or user", account, stored.account_id),
            ("another API_ID", expected.api_id, stored.api_id),
            ("another Telegram server", expected.server, stored.server),
        ):
            if required != found:
                raise ConfigError(
                    f"{self.backend.where} belongs to {what}: set SESSION_NAME to a name of its own, or begin anew "
                    "with `streamvault session set-aside`, which keeps it under another name"
                )

    @contextlib.contextmanager
    def _checked(self) -> Any:
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self.backend.where} is damaged ({type(error).__name__}: {error}): restore it from a backup, or "
                "begin anew with `streamvault session set-aside`, which keeps it under another name"
            ) from error

    def _flush_soon(self) -> None:
        if self._open and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_INTERVAL, self._flush_now)

    def _flush_now(self) -> None:
        self._timer = None
        task = asyncio.create_task(self.flush())
        self._flushing.add(task)
        task.add_done_callback(self._flushing.discard)
