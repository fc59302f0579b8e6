"""What was read of media files, in the catalog's SQLite file; a trigger removes it with the last message of a file."""

import json
from collections.abc import Collection, Mapping

from streamvault.catalog.probes import MOST_LISTED, StoredProbe
from streamvault.storage.sqlite import SqliteDatabase

_PUT = """
INSERT INTO probes (unique_id, version, facts, keys)
SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM contents WHERE unique_id = ?)
ON CONFLICT DO UPDATE SET version = excluded.version, facts = excluded.facts, keys = excluded.keys
WHERE excluded.version >= probes.version
"""

_FACTS = """
SELECT unique_id, facts FROM probes
WHERE unique_id IN (SELECT value FROM json_each(?)) AND version = ? AND length(facts) <= ?
"""


class SqliteProbes:
    """Probes in the open database of a SqliteCatalog."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def get(self, file_unique_id: str) -> StoredProbe | None:
        """See Probes."""
        sql = "SELECT version, facts, keys FROM probes WHERE unique_id = ?"
        rows = await self._database.read(sql, (file_unique_id,))
        return StoredProbe(*rows[0]) if rows else None

    async def facts(self, file_unique_ids: Collection[str], *, version: int) -> Mapping[str, str]:
        """See Probes."""
        wanted = json.dumps(sorted(file_unique_ids))
        return dict(await self._database.read(_FACTS, (wanted, version, MOST_LISTED)) if file_unique_ids else ())

    async def put(self, file_unique_id: str, probe: StoredProbe) -> None:
        """See Probes."""
        row = (file_unique_id, probe.version, probe.facts, probe.keys, file_unique_id)
        await self._database.write(_PUT, row)
