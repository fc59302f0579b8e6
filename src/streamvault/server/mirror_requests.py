"""What the leech bot's process asks of mirrors, kept among the access records; see leech.mirror.asking."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from streamvault.access.store.base import AccessRecords, Kind, Record
from streamvault.errors import QuotaExceeded
from streamvault.leech.mirror.asking import AskedOf, Request

KIND: Kind = "mirror_request"
MOST, MOST_OF_PERSON = 200, 20
KEPT = 86_400.0
"""Seconds after which a request is forgotten, answered or not."""
TOO_MANY = f"{MOST_OF_PERSON} of your requests wait for the server: it does not run, or Telegram does not answer it."


class RecordedRequests:
    """The Requests among access records. `clock` gives Unix seconds."""

    def __init__(self, records: AccessRecords, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock

    async def add(self, request: Request) -> None:
        """See Requests."""
        expires = request.created + KEPT
        record = Record(KIND, request.id, request.created, _value(request), person=request.person, expires=expires)
        try:
            await self._records.add(record, most=MOST_OF_PERSON)
        except ValueError:
            raise QuotaExceeded(TOO_MANY) from None

    async def listed(self) -> Sequence[Request]:
        """See Requests."""
        found, now = await self._records.listed(KIND, limit=MOST), self._clock()
        return [_request(one) for one in reversed(found) if one.expires is None or one.expires > now]

    async def answer(self, request: Request, text: str, *, mirror: str | None) -> None:
        """See Requests."""
        after = replace(request, answer=text, mirror=mirror)
        await self._records.change(KIND, request.id, before=_value(request), after=_value(after))

    async def delete(self, id: str) -> None:
        """See Requests."""
        await self._records.delete(KIND, id)


def _value(request: Request) -> dict[str, Any]:
    value = asdict(request)
    for name in ("id", "person", "created"):
        del value[name]
    return value


def _request(record: Record) -> Request:
    value = dict(record.value)
    asked = AskedOf(**value.pop("asked"))
    return Request(id=record.id, person=record.person or 0, created=record.created, asked=asked, **value)
