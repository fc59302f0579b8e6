"""What stores in a SQLite file have in common: they are opened and closed with it."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from streamvault.storage.sqlite import SqliteDatabase


class SqliteStore:
    """A store in `database`; an async context manager that opens and closes it, and raises as that does."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def _count(self, sql: str, parameters: Sequence[object]) -> int:
        """The number of rows that a statement inserts, changes or deletes."""
        async with self._database.transaction() as run:
            await run(sql, parameters)
            return int((await run("SELECT changes()"))[0][0])
