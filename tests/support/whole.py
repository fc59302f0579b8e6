"""The whole product in one loop: an emulated Telegram, the bot connected to it, and the server on a free port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamvault.media.model import Origin
from streamvault.server.run import serve
from streamvault.server.services import Services
from tests.support.stack import EmulatedWorld, emulator_world, settings_for
from tests.support.waiting import until


@dataclass(frozen=True, slots=True)
class Whole:
    """`address` is the server's; `world` the Telegram behind it."""

    world: EmulatedWorld
    services: Services
    address: tuple[str, int]
    stop: asyncio.Event
    server: asyncio.Task[None]

    async def post(self, size: int, **where: Any) -> str:
        """The stream's path of a new file (see post_synthetic), once the bot has seen it."""
        chat_id, message_id = await self.world.post_synthetic(size, **where)
        await until(lambda: self.services.catalog.get(Origin(chat_id, message_id)))
        return f"/stream/{chat_id}/{message_id}"

    def getfile_bytes(self) -> int:
        """Bytes that Telegram has sent as file chunks so far."""
        return int(self.world.emulator.counters.value("getfile_bytes"))


@asynccontextmanager
async def whole_product(folder: Path, *, world: EmulatedWorld | None = None, **overrides: Any) -> AsyncIterator[Whole]:
    """Everything up and ready; at the end, unless it has ended before, it stops in order, which must raise nothing."""
    async with nullcontext(world) if world else emulator_world() as world:
        settings = settings_for(world, folder, **{"port": 0, "public_access": True, **overrides})
        ready: asyncio.Future[tuple[Services, int]] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        server = asyncio.create_task(
            serve(settings, stop=stop, on_ready=lambda services, port: ready.set_result((services, port)))
        )
        either: set[asyncio.Future[Any]] = {server, ready}
        await asyncio.wait(either, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            await server
        services, port = await ready
        try:
            yield Whole(world, services, (settings.host, port), stop, server)
        finally:
            if not server.done():
                stop.set()
                await server
