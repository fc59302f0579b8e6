"""Opens the store that SESSION_STORE names, and returns the backends of the sessions in it."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from streamvault.errors import CatalogError, ConfigError
from streamvault.storage.sqlite import SqliteDatabase
from streamvault.telegram.config import StoreSettings
from streamvault.telegram.sessions.backend import Backend, StoreUnavailable
from streamvault.telegram.sessions.database import DatabaseBackend, Rows
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.record_cipher import RecordCipher
from streamvault.telegram.sessions.sqlite_rows import COMPONENT, MIGRATIONS, SqliteRows

if TYPE_CHECKING:
    from streamvault.storage.mongo import MongoDatabase


class Stores:
    """An async context manager; `backend(name)` returns the backend of a stored session.

    Entering raises StoreUnavailable if the database does not answer.
    """

    def __init__(self, settings: StoreSettings, *, kind: str | None = None) -> None:
        """`kind`: "file" or "database", instead of SESSION_STORE."""
        self._settings = settings
        self._kind = kind or settings.session_store
        self._stack = AsyncExitStack()
        self._sqlite: SqliteDatabase | None = None
        self._mongo: MongoDatabase | None = None

    async def __aenter__(self) -> Self:
        if self._kind == "database":
            try:
                await self._open_database()
            except CatalogError as error:
                raise StoreUnavailable(str(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def backend(self, name: str) -> Backend:
        """The backend of the session called `name`, which need not exist yet."""
        if self._kind == "file":
            return FileBackend(self._settings.data_dir / "sessions", name)
        secret = self._settings.secret_key
        if secret is None:
            raise ConfigError("sessions in the database are encrypted with SECRET_KEY, which is not set")
        key, *old = (one.get_secret_value().encode() for one in (secret, *self._settings.old_secret_keys))
        return DatabaseBackend(self._rows_of(name), name, cipher=RecordCipher(key, old=old))

    async def _open_database(self) -> None:
        url = self._settings.mongodb_url
        if url is not None:
            from streamvault.storage.mongo import MongoDatabase

            self._mongo = await self._stack.enter_async_context(MongoDatabase(url))
            return
        self._sqlite = await self._stack.enter_async_context(
            SqliteDatabase(self._settings.database_path, MIGRATIONS, component=COMPONENT, durable=True)
        )

    def _rows_of(self, name: str) -> Rows:
        if self._sqlite is not None:
            return SqliteRows(self._sqlite, name)
        if self._mongo is None:
            raise RuntimeError("the stores are not open")
        from streamvault.telegram.sessions.mongo_rows import MongoRows

        return MongoRows(self._mongo, name)
