"""One MongoDB database: connection, and its errors in our words. Written for MongoDB 6 and later."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from datetime import UTC
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import SecretStr

from streamvault.errors import CatalogError, ConfigError

try:
    import pymongo
    from bson.errors import BSONError
    from pymongo import ReadPreference
    from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure, PyMongoError
except ModuleNotFoundError as missing:  # the extra `mongodb` is not installed
    raise ConfigError("DATABASE_URL names a MongoDB server: install StreamVault with its extra, mongodb") from missing

log = logging.getLogger(__name__)

DEFAULT_DATABASE = "streamvault"
_WRONG_CREDENTIALS = frozenset({13, 18, 8000})
ANSWER_WITHIN = 4.5
"""Seconds that the server has for all that one call asks."""
_AWAY_PATIENCE = 1.0
_LEAVE_WITHIN = 1.0
_CLOSE_WITHIN = 2.0
_NO_SUCH_NAME = frozenset({"NXDOMAIN", "NoAnswer", "EmptyLabel", "LabelTooLong", "NameTooLong"})
T = TypeVar("T")


class MongoDatabase:
    """An async context manager over the database that a URL names, or `streamvault` where it names none.

    Raises ConfigError for a malformed URL or wrong credentials, CatalogError while the server does not answer;
    not `at_once`: entering asks the server nothing, `reach` does.
    """

    def __init__(self, url: SecretStr, *, at_once: bool = True) -> None:
        self._url = url
        self._at_once = at_once
        self._client: Any = None
        self._reached = False
        self._transactions = False
        self._away = False
        self._asked: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        try:
            self._client = pymongo.AsyncMongoClient(
                self._url.get_secret_value(),
                maxPoolSize=10,
                serverSelectionTimeoutMS=int(ANSWER_WITHIN * 1000),
                connectTimeoutMS=int(ANSWER_WITHIN * 1000),
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
            if self._at_once:
                await self.reach()
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._asked:
            await asyncio.wait(self._asked, timeout=_LEAVE_WITHIN)
        left = list(self._asked)
        for task in left:
            task.cancel()
        # what was cut off may have left the driver's pool locked: it must not hold up the end
        closing = asyncio.create_task(self._client.close())
        _, hanging = await asyncio.wait([closing, *left], timeout=_CLOSE_WITHIN)
        for task in hanging:
            task.cancel()
        if hanging:
            log.warning("MongoDB's driver did not close within %.0f s", _CLOSE_WITHIN)

    async def reach(self) -> None:
        """The server answers, and lets us in; raises as the class says."""
        with translated():
            hello = await self._client.admin.command("hello")
        self._transactions = self._has_transactions(hello)
        self._reached = True

    async def together(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """`work(session)` in a transaction where the deployment has them, else `work(None)`; it may run several times.

        To be called inside `ask`.
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

    async def ask(
        self, work: Coroutine[Any, Any, T], *, within: float | None = None, turn: asyncio.Lock | None = None
    ) -> T:
        """What `work` gives `within` seconds, or CatalogError; ConfigError only before the server was ever reached.

        `turn` is held meanwhile; the time until it is free is not counted. A caller who is cancelled leaves the work to
        end by itself: cut off in the middle, the driver may be left without a connection, or with a locked pool. A
        server that is known to be away is asked for a life sign first, which costs less time than the work.
        """
        task = asyncio.create_task(self._done(work, within, turn or asyncio.Lock()))
        self._asked.add(task)
        task.add_done_callback(functools.partial(self._landed, work))
        return await asyncio.shield(task)

    async def _done(self, work: Coroutine[Any, Any, T], within: float | None, turn: asyncio.Lock) -> T:
        try:
            async with turn:
                if self._away:
                    await self._life_sign()
                with translated(within):
                    return await work
        except ConfigError as error:
            if not self._reached:
                raise
            raise CatalogError(str(error)) from error
        except CatalogError as error:
            self._away = isinstance(error.__cause__, ConnectionFailure)
            raise

    async def _life_sign(self) -> None:
        with translated(_AWAY_PATIENCE):
            await self._client.admin.command("ping")
        self._away = False

    def _landed(self, work: Coroutine[Any, Any, Any], task: asyncio.Task[Any]) -> None:
        work.close()  # it may never have begun
        self._asked.discard(task)
        if not task.cancelled():
            task.exception()  # told to the caller, who may have left

    @property
    def database(self) -> Any:
        """pymongo's AsyncDatabase. Its primary is read whatever the URL prefers: others may not have what we wrote."""
        return self._client.get_default_database(DEFAULT_DATABASE, read_preference=ReadPreference.PRIMARY)

    async def server_time(self) -> float:
        """Unix seconds by the server's clock."""
        with translated():
            answer = await self._client.admin.command("hello")
        return float(answer["localTime"].replace(tzinfo=UTC).timestamp())  # pymongo gives naive UTC


@contextlib.contextmanager
def translated(within: float | None = None) -> Iterator[None]:
    """pymongo's errors and values that BSON cannot hold as CatalogError; ConfigError for wrong credentials.

    What is awaited inside has `within` seconds together, else ANSWER_WITHIN.
    """
    try:
        with pymongo.timeout(ANSWER_WITHIN if within is None else within):
            yield
    except OperationFailure as error:
        if error.code in _WRONG_CREDENTIALS:
            raise ConfigError("DATABASE_URL's user is refused by MongoDB: correct user, password and rights") from error
        raise CatalogError(f"MongoDB failed (code {error.code}): {type(error).__name__}") from error
    except ConfigurationError as error:
        if _is_name_service_away(error):
            raise CatalogError(
                f"the address of MongoDB cannot be looked up: {type(error.__cause__).__name__}"
            ) from error
        raise ConfigError("DATABASE_URL's server cannot be used: it is too old, or its address is wrong") from error
    except PyMongoError as error:
        raise CatalogError(f"MongoDB does not answer: {type(error).__name__}") from error
    except (BSONError, UnicodeError, OverflowError) as error:
        raise CatalogError(f"MongoDB cannot hold this: {type(error).__name__}") from error


def _is_name_service_away(error: ConfigurationError) -> bool:
    """Whether a mongodb+srv:// address could not be looked up just now; pymongo calls that a wrong configuration."""
    cause = error.__cause__
    return cause is not None and type(cause).__module__.startswith("dns.") and type(cause).__name__ not in _NO_SUCH_NAME
