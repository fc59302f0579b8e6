"""The documents of the personal data in MongoDB, and their numbers."""

import json
from typing import Any

from pymongo import ReturnDocument

from streamvault.catalog.personal import Watched, WatchedRecord

_STATE = ("position", "duration", "finished", "updated")


def user_key(user: str) -> str:
    """The user as JSON: its end is unambiguous, and it has no NUL, at which some servers stop comparing."""
    return json.dumps(user)


def personal_id(user: str, file_unique_id: str) -> str:
    """The _id of a user's watch state or favourite."""
    return user_key(user) + file_unique_id


def watched_fields(record: WatchedRecord) -> dict[str, Any]:
    """The fields of a watch state's document, without _id."""
    state = {name: getattr(record.state, name) for name in _STATE}
    return state | {"user": user_key(record.user), "file": record.state.file_unique_id}


def watched_of(row: dict[str, Any]) -> Watched:
    """The watch state of a document."""
    position, duration, finished, updated = (row[name] for name in _STATE)
    return Watched(row["file"], position, duration, bool(finished), updated)


async def next_number(database: Any, name: str, *, by: int = 1) -> int:
    """The last of `by` consecutive numbers that were never given before."""
    found = await database["counters"].find_one_and_update(
        {"_id": name}, {"$inc": {"last": by}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    return int(found["last"])
