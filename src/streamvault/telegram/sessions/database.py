"""A stored session in a database: sealed records behind a lease with heartbeat and fencing token.

Whoever takes a lease over gets a higher token, and every write names the token that it was made under, so a former
holder can write nothing any more. A newcomer waits until the lease has run out by the database's clock, or has not
moved for its whole length by the newcomer's own; either suffices, since one of two clocks may be wrong.

What remains: a holder that is cut off from the database alone goes on (an outage of the database must not end
streams) and shares the session with a newcomer until it hears of that.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from streamvault.errors import CatalogError, ConfigError
from streamvault.telegram.mtproto.clock import boot_time
from streamvault.telegram.sessions.backend import Changes, Records, SessionHeld, StoreUnavailable
from streamvault.telegram.sessions.record_cipher import RecordCipher

log = logging.getLogger(__name__)

TTL = 30.0
HEARTBEAT = 5.0
AWAY_HEARTBEAT, AWAY_PATIENCE = 1.0, 0.25
"""Seconds between two attempts to reach a database that is away, and for which a request waits for one of them."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a database says of a lease: its token, when it ends (any two renewals differ in this), and how many
    seconds that is from now by the database's clock (0 or less: it is free).
    """

    token: int
    expires: float
    remaining: float
    holder: str


class Rows(Protocol):
    """One session in one kind of database. Every method raises CatalogError when the database is away."""

    async def lease(self) -> Lease | None: ...
    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        """Take the lease with `token` if its token still is `after` (0: there is none)."""
        ...

    async def renew(self, token: int, *, ttl: float) -> bool: ...
    async def free(self, token: int) -> None: ...
    async def read(self) -> Records: ...
    async def write(self, token: int, changes: Changes) -> bool: ...
    async def rename(self, token: int, name: str) -> bool:
        """Move all records to a session called `name`."""
        ...


class DatabaseBackend:
    """See Backend."""

    def __init__(
        self, rows: Rows, name: str, *, cipher: RecordCipher, ttl: float = TTL, heartbeat: float = HEARTBEAT,
        clock: Callable[[], float] = boot_time,
    ) -> None:  # fmt: skip
        self.lost = asyncio.Event()
        self._rows = rows
        self._name = name
        self._cipher = cipher
        self._ttl, self._heartbeat, self._clock = ttl, heartbeat, clock
        self._token = 0
        self._seen: tuple[Lease, float] | None = None
        self._kept_at = 0.0
        self._away = False
        self._renewal: asyncio.Task[bool] | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def where(self) -> str:
        return f"the session {self._name} in the database"

    async def open(self) -> Records:
        """See Backend."""
        try:
            await self._claim()
            self._beating = asyncio.create_task(self._beat(), name=f"lease of {self._name}")
            return self._decrypted(await self._rows.read())
        except CatalogError as error:
            await self.close()
            raise StoreUnavailable(str(error)) from error
        except BaseException:
            await self.close()
            raise

    async def write(self, changes: Changes) -> None:
        """See Backend."""
        encrypted = {
            name: None if value is None else self._cipher.encrypt(self._name, name, value=value)
            for name, value in changes.items()
        }
        try:
            if self.lost.is_set() or not await self._rows.write(self._token, encrypted):
                self.lost.set()
                raise SessionHeld(self.where)
        except CatalogError as error:
            raise StoreUnavailable(str(error)) from error

    async def ensure(self) -> None:
        """See Backend. Once the lease may have run out, because this process was stopped or the database is away, the
        database is asked first; one that is known to be away is not waited for.
        """
        if self._clock() - self._kept_at > self._ttl - self._heartbeat:
            await self._renew(AWAY_PATIENCE if self._away else self._heartbeat)
        if self.lost.is_set():
            raise SessionHeld(self.where)

    async def close(self) -> None:
        """See Backend."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
            self._beating = None
        if self._renewal is not None:
            await asyncio.wait({self._renewal}, timeout=self._heartbeat)
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)
            self._renewal = None
        token, self._token = self._token, 0
        if token and not self.lost.is_set():
            try:
                async with asyncio.timeout(self._heartbeat):
                    await self._rows.free(token)
            except (CatalogError, TimeoutError) as error:
                log.warning("the lease of %s could not be given back: %s", self._name, error)

    async def peek(self) -> Records:
        """See Backend."""
        try:
            return self._decrypted(await self._rows.read())
        except CatalogError as error:
            raise StoreUnavailable(str(error)) from error

    async def set_aside(self, suffix: str) -> str:
        """See Backend. The records stay sealed under their old name."""
        try:
            await self._claim()
            try:
                if not await self._rows.rename(self._token, f"{self._name}.{suffix}"):
                    raise ConfigError(f"there is no {self.where.removeprefix('the ')}")
            finally:
                await self.close()
        except CatalogError as error:
            raise StoreUnavailable(str(error)) from error
        return f"{self.where}, under the name {self._name}.{suffix}"

    async def _claim(self) -> None:
        """The lease is ours on return, or SessionHeld."""
        found = await self._rows.lease()
        if found is not None and found.remaining > 0 and not self._stands_still(found):
            raise SessionHeld(self.where, holder=found.holder, remaining=min(found.remaining, self._ttl))
        after, self._kept_at, self._away = found.token if found is not None else 0, self._clock(), False
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        if not await self._rows.claim(after + 1, after=after, holder=holder, ttl=self._ttl):
            raise SessionHeld(self.where)
        self._token, self._seen = after + 1, None
        self.lost.clear()

    def _stands_still(self, found: Lease) -> bool:
        """Whether nobody has renewed the lease for its whole length while we watched."""
        if self._seen is None or (self._seen[0].token, self._seen[0].expires) != (found.token, found.expires):
            self._seen = (found, self._clock())
        return self._clock() - self._seen[1] > self._ttl

    async def _beat(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(min(self._heartbeat, AWAY_HEARTBEAT) if self._away else self._heartbeat)
            await self._renew(self._heartbeat)

    async def _renew(self, patience: float) -> None:
        """Ask for more time, or wait for an answer that is on its way. While the database is away the holder goes on.

        The attempt itself is not cancelled: a driver may be left without its connection, or worse, its lock.
        """
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._ask())
        renewal = self._renewal
        done, _ = await asyncio.wait({renewal}, timeout=patience)
        if not done:
            return self._missed("no answer")
        if self._renewal is renewal:
            self._renewal = None
        try:
            kept = renewal.result()
        except (CatalogError, ConfigError) as error:
            return self._missed(error)
        self._away = False
        if not kept and not self.lost.is_set():
            log.error("%s was taken over by another process", self.where)
            self.lost.set()

    async def _ask(self) -> bool:
        began = self._clock()
        kept = await self._rows.renew(self._token, ttl=self._ttl)
        self._kept_at = began
        return kept

    def _missed(self, why: object) -> None:
        if not self._away:
            log.warning("the lease of %s could not be renewed, going on: %s", self._name, why)
        self._away = True

    def _decrypted(self, encrypted: Records) -> Records:
        return {name: self._cipher.decrypt(self._name, name, encrypted=value) for name, value in encrypted.items()}
