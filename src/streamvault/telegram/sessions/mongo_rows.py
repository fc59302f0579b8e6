"""Stored sessions as MongoDB documents: one per session, so that a write and the check of its token are one update."""

from typing import Any

from pymongo.errors import DuplicateKeyError

from streamvault.storage.mongo import MongoDatabase, translated
from streamvault.telegram.sessions.backend import Changes, Records
from streamvault.telegram.sessions.database import Lease

COLLECTION = "sessions"


class MongoRows:
    """See Rows. Leases expire by the clock of the database server."""

    def __init__(self, database: MongoDatabase, session: str) -> None:
        self._server = database
        self._session = session

    @property
    def _documents(self) -> Any:
        return self._server.database[COLLECTION]

    async def lease(self) -> Lease | None:
        """See Rows."""
        with translated():
            found = await self._documents.find_one({"_id": self._session}, {"records": 0})
        if found is None:
            return None
        remaining = found["expires"] - await self._server.server_time()
        return Lease(found["token"], found["expires"], remaining, found["holder"])

    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        """See Rows."""
        values = {"token": token, "holder": holder, "expires": await self._server.server_time() + ttl}
        with translated():
            if after:
                answer = await self._documents.update_one({"_id": self._session, "token": after}, {"$set": values})
                return bool(answer.matched_count)
            try:
                answer = await self._documents.update_one(
                    {"_id": self._session}, {"$setOnInsert": {**values, "records": {}}}, upsert=True
                )
            except DuplicateKeyError:  # another process inserted it between MongoDB's lookup and its insertion
                return False
            return answer.upserted_id is not None

    async def renew(self, token: int, *, ttl: float) -> bool:
        """See Rows."""
        return await self._update(token, {"$set": {"expires": await self._server.server_time() + ttl}})

    async def free(self, token: int) -> None:
        """See Rows."""
        await self._update(token, {"$set": {"expires": 0.0}})

    async def read(self) -> Records:
        """See Rows."""
        with translated():
            found = await self._documents.find_one({"_id": self._session}, {"records": 1})
        return {name: bytes(value) for name, value in (found or {}).get("records", {}).items()}

    async def write(self, token: int, changes: Changes) -> bool:
        """See Rows."""
        put = {f"records.{name}": value for name, value in changes.items() if value is not None}
        gone = {f"records.{name}": "" for name, value in changes.items() if value is None}
        operations = {name: fields for name, fields in (("$set", put), ("$unset", gone)) if fields}
        return await self._update(token, operations) if operations else True

    async def rename(self, token: int, name: str) -> bool:
        """See Rows. The copy is made first, so that a crash in between loses nothing."""
        records = await self.read()
        if not records:
            return False
        with translated():
            await self._documents.insert_one(
                {"_id": name, "token": 1, "holder": "", "expires": 0.0, "records": records}
            )
        return await self._update(token, {"$set": {"records": {}}})

    async def _update(self, token: int, operations: dict[str, Any]) -> bool:
        with translated():
            answer = await self._documents.update_one({"_id": self._session, "token": token}, operations)
        return bool(answer.matched_count)
