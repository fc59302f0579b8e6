"""Bytes from one connection to another, both ways at once, counted and bounded in time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

BLOCK = 64 * 1024

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Silent(Exception):
    """Nothing came in time."""


async def relay(
    child: Stream, host: Stream, *, count: Callable[[int], None], silence: float,
    before: Callable[[], Awaitable[None]] | None = None,
) -> None:  # fmt: skip
    """Until the host has ended, or both are silent for `silence` seconds. `before` reads what comes from the host
    before bytes are passed on. `count` may raise to end it. Raises OSError, Silent, and what those two raise.
    """
    moved = asyncio.Event()

    def counted(size: int) -> None:
        moved.set()
        count(size)

    async def down() -> None:
        if before is not None:
            await before()
        await _pump(host[0], child[1], counted)

    up = asyncio.create_task(_pump(child[0], host[1], counted))
    ends = asyncio.create_task(down())
    watch = asyncio.create_task(_watch(moved, silence))
    try:
        await asyncio.wait({up, ends, watch}, return_when=asyncio.FIRST_COMPLETED)
        if up.done() and not ends.done() and not watch.done():
            up.result()
            await asyncio.wait({ends, watch}, return_when=asyncio.FIRST_COMPLETED)
        for task in (up, ends, watch):
            if task.done():
                task.result()
    finally:
        for task in (up, ends, watch):
            task.cancel()
        await asyncio.gather(up, ends, watch, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]) -> None:
    """Until the reader ends; the writer is told, if that goes."""
    while data := await reader.read(BLOCK):
        count(len(data))
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()


async def _watch(moved: asyncio.Event, silence: float) -> None:
    while True:
        moved.clear()
        try:
            async with asyncio.timeout(silence):
                await moved.wait()
        except TimeoutError:
            raise Silent from None
