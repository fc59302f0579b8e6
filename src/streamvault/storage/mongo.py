"""One MongoDB database: connection, and its errors in our words. Written for MongoDB 6 and later."""

import contextlib
from collections.abc import Iterator
from datetime import UTC
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from streamvault.errors import CatalogError, ConfigError

try:
    import pymongo
    from bson.errors import BSONError
    from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
except ModuleNotFoundError as missing:  # the extra `mongodb` is not installed
    raise ConfigError("DATABASE_URL names a MongoDB server: install StreamVault with its extra, mongodb") from missing

DEFAULT_DATABASE = "streamvault"
_WRONG_CREDENTIALS = frozenset({13, 18, 8000})
_ANSWER_WITHIN = 5000  # milliseconds


class MongoDatabase:
    """An async context manager over the database that a URL names, or `streamvault` where it names none.

    Raises ConfigError for a malformed URL or wrong credentials, CatalogError while the server does not answer.
    """

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._client: Any = None

    async def __aenter__(self) -> Self:
        try:
            self._client = pymongo.AsyncMongoClient(
                self._url.get_secret_value(),
                maxPoolSize=10,
                serverSelectionTimeoutMS=_ANSWER_WITHIN,
                connectTimeoutMS=_ANSWER_WITHIN,
                timeoutMS=2 * _ANSWER_WITHIN,
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
            await self.server_time()
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    @property
    def database(self) -> Any:
        """pymongo's AsyncDatabase."""
        return self._client.get_default_database(DEFAULT_DATABASE)

    async def server_time(self) -> float:
        """Unix seconds by the server's clock."""
        with translated():
            answer = await self._client.admin.command("hello")
        return float(answer["localTime"].replace(tzinfo=UTC).timestamp())  # pymongo gives naive UTC


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """pymongo's errors and values that BSON cannot hold as CatalogError; ConfigError for wrong credentials."""
    try:
        yield
    except OperationFailure as error:
        if error.code in _WRONG_CREDENTIALS:
            raise ConfigError("DATABASE_URL's user is refused by MongoDB: correct user, password and rights") from error
        raise CatalogError(f"MongoDB failed (code {error.code}): {type(error).__name__}") from error
    except ConfigurationError as error:
        raise ConfigError("DATABASE_URL's server cannot be used: it is too old, or its address is wrong") from error
    except PyMongoError as error:
        raise CatalogError(f"MongoDB does not answer: {type(error).__name__}") from error
    except (BSONError, UnicodeError, OverflowError) as error:
        raise CatalogError(f"MongoDB cannot hold this: {type(error).__name__}") from error
