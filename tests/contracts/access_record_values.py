"""What the tests of access records share."""

from collections.abc import Mapping
from typing import Any

from streamvault.access.store.base import MAX_LISTED, AccessRecords, Kind, Record

ANNA, BERT = 7_000_000_001, (1 << 52) - 1
KINDS: tuple[Kind, ...] = (
    "person", "session", "token", "link", "login", "invitation", "audit", "offer", "mirror_request",
)  # fmt: skip


def link(id: str, *, created: float = 1000.0, value: Mapping[str, Any] | None = None, **more: Any) -> Record:
    return Record("link", id, created, {} if value is None else value, **more)


async def ids(records: AccessRecords, kind: Kind = "link", **wanted: Any) -> list[str]:
    """The ids of one page."""
    return [one.id for one in await records.listed(kind, **{"limit": MAX_LISTED, **wanted})]
