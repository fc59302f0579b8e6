"""A stored session in a database: encrypted records under a lease with a heartbeat and a fencing token.

Each process that takes the lease gets a higher token, and every write names the token under which it is made, so that
a former holder cannot write any more. Another process may take the lease once it has expired by the database's clock,
or once it was not renewed for its whole duration by that process's own clock; either is enough, since one of the two
clocks may be wrong.

Known limit: a holder that has lost only the database keeps running (an outage of the database must not end streams),
and shares the session with a new holder until it reaches the database again.
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
from streamvault.telegram.sessions.record_cipher import Decrypted, RecordCipher

log = logging.getLogger(__name__)

TTL = 30.0
HEARTBEAT = 5.0
"""Seconds for which a lease is valid, and between two renewals."""
OUTAGE_HEARTBEAT, OUTAGE_TIMEOUT = 1.0, 0.25
"""During an outage of the database: seconds between two renewals, and for which a request waits for one of them."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as stored: its token, when it expires (each renewal changes this), and in how many seconds that is by
    the database's clock (0 or less: it is free).
    """

    token: int
    expires: float
    remaining: float
    holder: str


class Rows(Protocol):
    """One session in one kind of database. Every method raises CatalogError if the database does not answer."""

    async def lease(self) -> Lease | None: ...
    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        """Take the lease with `token` if its token is still `after` (0: no lease is stored)."""
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
        self._renewed_at = 0.0
        self._outage = False
        self._renewal: asyncio.Task[bool] | None = None
        self._heartbeat_task: asyncio.Task[None] | None = None

    @property
    def where(self) -> str:
        return f"the session {self._name} in the database"

    async def open(self) -> Records:
        """See Backend."""
        try:
            await self._claim()
            self._heartbeat_task = asyncio.create_task(self._run_heartbeat(), name=f"lease of {self._name}")
            return await self._read_renewing()
        except CatalogError as error:
            await self.close()
            raise StoreUnavailable(str(error)) from error
        except BaseException:
            await self.close()
            raise

    async def write(self, changes: Changes) -> None:
        """See Backend."""
        try:
            if self.lost.is_set() or not await self._rows.write(self._token, self._encrypted(changes)):
                self.lost.set()
                raise SessionHeld(self.where)
        except CatalogError as error:
            raise StoreUnavailable(str(error)) from error

    async def ensure(self) -> None:
        """See Backend. If the lease may have expired, because this process was suspended or the database does not
        answer, it is renewed first; during a known outage for OUTAGE_TIMEOUT only.
        """
        if self._clock() - self._renewed_at > self._ttl - self._heartbeat:
            await self._renew(OUTAGE_TIMEOUT if self._outage else self._heartbeat)
        if self.lost.is_set():
            raise SessionHeld(self.where)

    async def close(self) -> None:
        """See Backend."""
        if self._heartbeat_task is not None:
            self._heartbeat_task.cancel()
            await asyncio.gather(self._heartbeat_task, return_exceptions=True)
            self._heartbeat_task = None
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
                log.warning("the lease of %s could not be released: %s", self._name, error)

    async def peek(self) -> Records:
        """See Backend."""
        try:
            return {name: one.value for name, one in self._decrypted(await self._rows.read()).items()}
        except CatalogError as error:
            raise StoreUnavailable(str(error)) from error

    async def set_aside(self, suffix: str) -> str:
        """See Backend. The records stay encrypted under their old name."""
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
        """Take the lease, or raise SessionHeld."""
        found = await self._rows.lease()
        if found is not None and found.remaining > 0 and not self._is_abandoned(found):
            raise SessionHeld(self.where, holder=found.holder, remaining=min(found.remaining, self._ttl))
        after, self._renewed_at, self._outage = found.token if found is not None else 0, self._clock(), False
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        if not await self._rows.claim(after + 1, after=after, holder=holder, ttl=self._ttl):
            raise SessionHeld(self.where)
        self._token, self._seen = after + 1, None
        self.lost.clear()

    def _is_abandoned(self, found: Lease) -> bool:
        """Whether the lease was not renewed for its whole duration while this process tried to open the session."""
        if self._seen is None or (self._seen[0].token, self._seen[0].expires) != (found.token, found.expires):
            self._seen = (found, self._clock())
        return self._clock() - self._seen[1] > self._ttl

    async def _run_heartbeat(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(min(self._heartbeat, OUTAGE_HEARTBEAT) if self._outage else self._heartbeat)
            await self._renew(self._heartbeat)

    async def _renew(self, timeout: float) -> None:
        """Renew the lease, or wait for a renewal that has been sent. During an outage the holder keeps running.

        A renewal is not cancelled: that could leave the driver without its connection, or with a lock held.
        """
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._send_renewal())
        renewal = self._renewal
        done, _ = await asyncio.wait({renewal}, timeout=timeout)
        if not done:
            return self._note_outage("no answer")
        if self._renewal is renewal:
            self._renewal = None
        try:
            renewed = renewal.result()
        except (CatalogError, ConfigError) as error:
            return self._note_outage(error)
        self._outage = False
        if not renewed and not self.lost.is_set():
            log.error("%s was taken over by another process", self.where)
            self.lost.set()

    async def _send_renewal(self) -> bool:
        sent_at = self._clock()
        renewed = await self._rows.renew(self._token, ttl=self._ttl)
        self._renewed_at = sent_at
        return renewed

    def _note_outage(self, why: object) -> None:
        if not self._outage:
            log.warning("the lease of %s could not be renewed, continuing: %s", self._name, why)
        self._outage = True

    async def _read_renewing(self) -> Records:
        """All records. Those under an old secret are written again under the present one, all together."""
        decrypted = self._decrypted(await self._rows.read())
        old = {name: one.value for name, one in decrypted.items() if not one.present}
        if old:
            await self.write(old)
            log.info("%d records of %s were encrypted anew under SECRET_KEY", len(old), self.where)
        return {name: one.value for name, one in decrypted.items()}

    def _encrypted(self, changes: Changes) -> Changes:
        return {
            name: None if value is None else self._cipher.encrypt(self._name, name, value=value)
            for name, value in changes.items()
        }

    def _decrypted(self, encrypted: Records) -> dict[str, Decrypted]:
        return {name: self._cipher.decrypt(self._name, name, encrypted=value) for name, value in encrypted.items()}
