"""Half-open connections, with the timeouts of production."""

import asyncio
import time

import pytest

from streamvault.errors import SourceUnavailable
from tests.streamvault.telegram.conftest import Connect, right
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.steady_loop import wait_faster
from tests.support.waiting import until


async def test_half_open_connections_are_lost_within_30_seconds(world: EmulatedWorld, connect: Connect) -> None:
    """The main connection, without requests, and a media connection with a request in flight."""
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        film = await online.file(place)
        await online.source.fetch(film, 0, MIB)
        main = online.accounts.main._main_connection
        wait_faster(10.0)
        with world.emulator.faults.half_open():
            began = time.monotonic()
            viewer = asyncio.create_task(online.source.fetch(film, MIB, MIB))
            await until(lambda: main.failure is not None, timeout=30, pause=0.1)
            with pytest.raises(SourceUnavailable):
                await viewer
            assert time.monotonic() - began < 30

        async def fetched() -> bytes:
            try:
                chunk: bytes = await online.source.fetch(film, MIB, MIB)
            except SourceUnavailable:
                return b""
            return chunk

        assert await until(fetched, timeout=30) == right(1)
