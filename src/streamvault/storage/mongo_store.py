"""What stores in MongoDB have in common: a schema version of their own, indexes, and documents written as a whole."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from streamvault.errors import ConfigError
from streamvault.storage.mongo import MongoDatabase


class MongoStore:
    """A store of a MongoDatabase; an async context manager that creates its indexes.

    `component` names its schema version, `what` what is in it, `collection` the main one of `indexes`.
    """

    component: ClassVar[str]
    what: ClassVar[str]
    version: ClassVar[int] = 1
    indexes: ClassVar[Mapping[str, Sequence[IndexModel]]]
    collection: ClassVar[str]

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        """Raises ConfigError for what a newer version has written, CatalogError while the server does not answer."""
        await self._server.connect()
        found = await self._server.run(self._server.stored_version(self.component, self.version))
        if found > self.version:
            raise ConfigError(
                f"{self.what} in MongoDB were written by a newer version of StreamVault (schema {found}, this one "
                f"knows {self.version}): update StreamVault, or name another database in DATABASE_URL"
            )
        for name, indexes in self.indexes.items():
            await self._server.run(self._server.database[name].create_indexes(list(indexes)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to do: the connection is the MongoDatabase's."""

    @property
    def _in(self) -> Any:
        """The main collection."""
        return self._server.database[self.collection]

    async def _insert(self, document: Mapping[str, Any]) -> bool:
        """Insert a document into the main collection; False where a unique index holds another one like it."""

        async def insert() -> bool:
            try:
                await self._in.insert_one(document)
            except DuplicateKeyError:
                return False
            return True

        return await self._server.run(insert())
