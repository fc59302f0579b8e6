"""The metrics that are read from the services of a server, or told by them."""

import asyncio

from streamvault.metrics import Metrics
from streamvault.playback.slots import Slots
from streamvault.reading.cells import Cells
from streamvault.reading.frames.service import FrameService


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
