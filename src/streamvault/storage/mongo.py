"""One MongoDB database: its connection, time limits, transactions, and its errors as CatalogError and ConfigError.

Written for MongoDB 6 and later.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from datetime import UTC
from types import TracebackType
from typing import Any, Self, TypeVar

import pymongo
from bson.errors import BSONError
from pydantic import SecretStr
from pymongo import ReadPreference
from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure, PyMongoError

from streamvault.errors import CatalogError, ConfigError

log = logging.getLogger(__name__)

DEFAULT_DATABASE = "streamvault"
_WRONG_CREDENTIALS = frozenset({13, 18, 8000})
CALL_TIMEOUT = 4.5
"""Seconds for all commands of one call of `run`."""
_PING_TIMEOUT = 1.0
_DRAIN_TIMEOUT = 1.0
_CLOSE_TIMEOUT = 2.0
_NO_HOST_NAME = frozenset({"EmptyLabel", "LabelTooLong", "NameTooLong", "BadEscape", "IDNAException"})
"""Errors of dnspython about names that no server can hold."""
T = TypeVar("T")


class MongoDatabase:
    """An async context manager over the database that a URL names, or `streamvault` where it names none.

    Raises ConfigError for a malformed URL or wrong credentials, CatalogError while the server does not answer. With
    `connect` False, entering sends nothing to the server; `connect()` does later.
    """

    def __init__(self, url: SecretStr, *, connect: bool = True) -> None:
        self._url = url
        self._host = _host(url)
        self._connects_on_enter = connect
        self._client: Any = None
        self._reached = False
        self._transactions = False
        self._away = False
        self._running: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        try:
            self._client = pymongo.AsyncMongoClient(
                self._url.get_secret_value(),
                maxPoolSize=10,
                serverSelectionTimeoutMS=int(CALL_TIMEOUT * 1000),
                connectTimeoutMS=int(CALL_TIMEOUT * 1000),
                retryWrites=True,
                w="majority",
                journal=True,
                appname="streamvault",
            )
        except (PyMongoError, ValueError, TypeError):  # their texts may repeat the password
            raise ConfigError(
                "DATABASE_URL is no MongoDB address: write mongodb://user:password@host:27017/name or the "
                "mongodb+srv:// address that your provider gives, special characters in the password percent-encoded"
            ) from None
        try:
            if self._connects_on_enter:
                await self.connect()
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=_DRAIN_TIMEOUT)
        left = list(self._running)
        for task in left:
            task.cancel()
        # a cancelled command may leave the driver's pool locked, and close() would wait for it
        closing = asyncio.create_task(self._client.close())
        _, hanging = await asyncio.wait([closing, *left], timeout=_CLOSE_TIMEOUT)
        for task in hanging:
            task.cancel()
        if hanging:
            log.warning("MongoDB's driver did not close within %.0f s", _CLOSE_TIMEOUT)

    async def connect(self) -> None:
        """Check that the server answers and accepts the credentials. Raises as the class says."""
        with translated(host=self._host):
            hello = await self._client.admin.command("hello")
        self._transactions = self._has_transactions(hello)
        self._reached = True

    async def in_transaction(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """`work(session)` in a transaction where the deployment has them, else `work(None)`; it may run several times.

        Call it inside `run`.
        """
        if not self._transactions:
            return await work(None)
        async with self._client.start_session() as session:
            found: T = await session.with_transaction(work, read_preference=ReadPreference.PRIMARY)
        return found

    @staticmethod
    def _has_transactions(hello: Mapping[str, object]) -> bool:
        """Replica sets and sharded clusters have them; a single server refuses them."""
        return "setName" in hello or hello.get("msg") == "isdbgrid"

    async def run(
        self, work: Coroutine[Any, Any, T], *, within: float | None = None, lock: asyncio.Lock | None = None
    ) -> T:
        """The result of `work`. Raises CatalogError after `within` seconds; ConfigError only before the first success.

        `lock` is held meanwhile; waiting for it does not count. When the caller is cancelled, `work` runs to its end by
        itself: cancelled halfway, the driver may lose a connection or leave its pool locked. When the last call found
        no server, a ping comes first, which fails faster than `work` would.
        """
        task = asyncio.create_task(self._run(work, within, lock or asyncio.Lock()))
        self._running.add(task)
        task.add_done_callback(functools.partial(self._finished, work))
        return await asyncio.shield(task)

    async def _run(self, work: Coroutine[Any, Any, T], within: float | None, lock: asyncio.Lock) -> T:
        try:
            async with lock:
                if self._away:
                    await self._ping()
                with translated(within):
                    return await work
        except ConfigError as error:
            if not self._reached:
                raise
            raise CatalogError(str(error)) from error
        except CatalogError as error:
            self._away = isinstance(error.__cause__, ConnectionFailure)
            raise

    async def _ping(self) -> None:
        with translated(_PING_TIMEOUT):
            await self._client.admin.command("ping")
        self._away = False

    def _finished(self, work: Coroutine[Any, Any, Any], task: asyncio.Task[Any]) -> None:
        work.close()  # it may never have started
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as retrieved: the caller may have been cancelled

    @property
    def database(self) -> Any:
        """pymongo's AsyncDatabase. It reads from the primary whatever the URL prefers: a secondary may lag behind."""
        return self._client.get_default_database(DEFAULT_DATABASE, read_preference=ReadPreference.PRIMARY)

    async def stored_version(self, component: str, version: int) -> int:
        """The schema version of a component; `version` is stored where there is none. Call it inside `run`."""
        versions = self.database["versions"]
        await versions.update_one({"_id": component}, {"$setOnInsert": {"version": version}}, upsert=True)
        return int((await versions.find_one({"_id": component}))["version"])

    async def server_time(self) -> float:
        """Unix seconds by the server's clock."""
        with translated():
            answer = await self._client.admin.command("hello")
        return float(answer["localTime"].replace(tzinfo=UTC).timestamp())  # pymongo gives naive UTC


@contextlib.contextmanager
def translated(within: float | None = None, *, host: str = "the server") -> Iterator[None]:
    """Raise pymongo's errors, also for values that BSON cannot hold, as CatalogError, wrong credentials as ConfigError.

    Everything awaited inside has `within` seconds in total, CALL_TIMEOUT where that is None. `host` is whose name a
    mongodb+srv:// address looks up.
    """
    try:
        with pymongo.timeout(CALL_TIMEOUT if within is None else within):
            yield
    except OperationFailure as error:
        if error.code in _WRONG_CREDENTIALS:
            raise ConfigError("DATABASE_URL's user is refused by MongoDB: correct user, password and rights") from error
        raise CatalogError(f"MongoDB failed (code {error.code}): {type(error).__name__}") from error
    except ConfigurationError as error:
        raise _of_configuration(error, host) from error
    except PyMongoError as error:
        raise CatalogError(f"MongoDB does not answer: {type(error).__name__}") from error
    except (BSONError, UnicodeError, OverflowError) as error:
        raise CatalogError(f"MongoDB cannot hold this: {type(error).__name__}") from error


def _of_configuration(error: ConfigurationError, host: str) -> ConfigError | CatalogError:
    """A lookup that failed may succeed later, also one of a name that does not exist: a paused cluster has none."""
    lookup = error.__cause__
    if lookup is None or not type(lookup).__module__.startswith("dns."):
        return ConfigError("DATABASE_URL's server cannot be used: it is too old, or its address is wrong")
    kind = type(lookup).__name__
    if kind in _NO_HOST_NAME:
        return ConfigError(f"DATABASE_URL is wrong: {host} is no name of a host: copy the address from your provider")
    if kind == "NoAnswer":
        return ConfigError(
            f"DATABASE_URL is wrong: {host} has no SRV record: copy the address from your provider, or write "
            "mongodb://HOST:27017/NAME for a server of your own"
        )
    return CatalogError(f"the name {host} cannot be resolved ({kind})")


def _host(url: SecretStr) -> str:
    """The host names of a MongoDB address, without the credentials."""
    return url.get_secret_value().partition("://")[2].rpartition("@")[2].partition("/")[0].partition("?")[0]
