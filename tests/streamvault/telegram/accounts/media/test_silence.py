"""A connection that has gone silent without an end, with the bounds that hold in earnest."""

import asyncio
import time

import pytest

from streamvault.errors import SourceUnavailable
from tests.streamvault.telegram.conftest import Connect, right
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.waiting import until


async def test_half_open_connections_are_noticed_within_30_seconds(world: EmulatedWorld, connect: Connect) -> None:
    """The main one, on which nothing is asked, and a file connection, on which somebody waits."""
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        film = await online.file(place)
        await online.source.fetch(film, 0, MIB)
        main = online.accounts.main._main_link
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
