"""The metrics that are read from the services of a server, or told by them."""

import asyncio
import logging

from streamvault.access.usage import UsageStore
from streamvault.errors import CatalogError
from streamvault.leech.model import State
from streamvault.leech.store.base import JobStore
from streamvault.leech.traffic import COUNTER, DIRECTIONS, WINDOW
from streamvault.metrics import Metrics
from streamvault.playback.slots import Slots
from streamvault.reading.cells import Cells
from streamvault.reading.frames.service import FrameService

log = logging.getLogger(__name__)

READING = 1.0
"""Seconds that the database has to answer before metrics are shown with older figures."""


class JobFigures:
    """Figures of leech jobs, which the workers share with this server through the database: read by `refresh`, before
    the metrics are shown. While the database does not answer, those of the last time are shown.
    """

    def __init__(self, jobs: JobStore, totals: UsageStore, metrics: Metrics) -> None:
        self._jobs, self._totals = jobs, totals
        self._states, self._bytes = dict[str, float](), dict[str, float]()
        metrics.gauges("jobs", "Leech jobs, by their state", label="state", values=lambda: self._states)
        metrics.count(
            "job_bytes", "Bytes of leech jobs: read from sources (download), sent to Telegram (upload)",
            label="direction", values=lambda: self._bytes,
        )  # fmt: skip

    async def refresh(self) -> None:
        """Read the figures."""
        try:
            async with asyncio.timeout(READING):
                counts = await self._jobs.counts()
                totals = await self._totals.load(COUNTER, WINDOW, most=len(DIRECTIONS))
        except (CatalogError, TimeoutError) as error:
            log.debug("the metrics of leech jobs are older ones: %s", error)
            return
        self._states = {state.value: counts.get(state, 0) for state in State}
        self._bytes = {direction: totals.get(direction, 0) for direction in DIRECTIONS}


def add_cell_metrics(cells: Cells, metrics: Metrics) -> None:
    counts = cells.counts
    metrics.count(
        "cells", "Cells of 128 KiB that readers took, by where they were found", label="tier",
        values=lambda: {"memory": counts.memory, "disk": counts.disk, "telegram": counts.telegram},
    )  # fmt: skip
    metrics.count(
        "shared_reads", "Cells on their way that another reader took too, was promoted to, or gave up", label="what",
        values=lambda: {
            "coalesced": counts.coalesced, "promoted": counts.promoted, "cancelled": counts.cancelled,
        },
    )  # fmt: skip
    metrics.gauge("requests_in_flight", "Requests that wait for Telegram's answer", lambda: cells.in_flight)
    metrics.gauge("tasks", "Tasks of the event loop", lambda: len(asyncio.all_tasks()))
    metrics.gauge("requests_waiting", "Requests that wait for their turn", lambda: cells.waiting)


def add_frame_metrics(frames: FrameService | None, metrics: Metrics) -> None:
    if frames is not None:
        metrics.count(
            "stills", "Files whose picture we tried to make, by what became of it", label="result",
            values=lambda: {"made": frames.counts.made, "none": frames.counts.none, "failed": frames.counts.failed},
        )  # fmt: skip


def measured_slots(count: int, metrics: Metrics) -> Slots:
    """So many slots for repackaging films, whose use and times are measured."""
    slots = Slots(count, observe=lambda stage, seconds: metrics.playback_seconds.labels(stage).observe(seconds))
    metrics.gauge("playback_slots_used", "Films that are being repackaged right now", lambda: slots.used)
    return slots
