"""Statistics as JSON: the figures of /metrics for people and web pages."""

import dataclasses
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.access import identity_of
from streamvault.http.middleware.readiness import without_names

router = APIRouter(tags=["operations"])


class Streams(BaseModel):
    """Active streams, films that are played by HLS among them, and aborted ones.

    Seconds to the first byte of the latest ones, null before the first.
    """

    active: int
    aborted: int
    first_byte_p50: float | None
    first_byte_p95: float | None


class Cells(BaseModel):
    """Cells of 128 KiB by where they were found; requests that were shared, promoted and cancelled."""

    memory: int
    disk: int
    telegram: int
    coalesced: int
    promoted: int
    cancelled: int


class Requests(BaseModel):
    """Requests to Telegram that wait for an answer, and those that wait to be sent."""

    in_flight: int
    waiting: int


class DataCentre(BaseModel):
    """One account at one data centre: recent seconds per chunk of 1 MiB (null before the first), and counts.

    `hedged` requests were slow and sent elsewhere too; `lost` and `silent` ones were sent again on another connection.
    """

    model_config = ConfigDict(from_attributes=True)

    account: str
    dc_id: int
    connections: int
    in_flight: int
    p50: float | None
    p95: float | None
    chunks: int
    hedged: int
    lost: int
    silent: int
    reference_refreshes: int
    key_rebuilds: int


class Condition(BaseModel):
    """What cannot be done; `subject` is the account, data centre or chat. Unix seconds, null where not known."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    subject: str
    since: float
    until: float | None
    detail: str


class Stats(BaseModel):
    """A snapshot of this server."""

    streams: Streams
    cells: Cells
    requests: Requests
    telegram: list[DataCentre]
    conditions: list[Condition]


@get_and_head(router, "/api/stats")
async def stats(request: Request) -> Stats:
    """The present statistics of this server."""
    services = services_of(request)
    metrics, cells = services.metrics, services.cells
    p50, p95 = metrics.first_bytes.quantiles()
    counts: dict[str, Any] = dataclasses.asdict(cells.counts)
    return Stats(
        streams=Streams(
            active=len(services.active_streams),
            aborted=metrics.value("streams_aborted_total"),
            first_byte_p50=p50,
            first_byte_p95=p95,
        ),
        cells=Cells(**counts),
        requests=Requests(in_flight=cells.in_flight, waiting=cells.waiting),
        telegram=[DataCentre.model_validate(one) for one in services.telegram()],
        conditions=_conditions(services, request),
    )


def _conditions(services: HttpServices, request: Request) -> list[Condition]:
    """The conditions, with accounts, chats and paths for those who hold a token for the whole server only."""
    present = services.readiness.conditions.present
    if "index" not in identity_of(request.scope).can:
        present = tuple(without_names(present))
    return [Condition.model_validate(one) for one in present]
