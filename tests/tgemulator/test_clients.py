"""Two clients that share no code, over every transport they offer: log in, get an update, fetch its file.

What keeps the emulator from being a mirror of the one client that it was written beside.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import telethon.network.connection as telethon_transports
from pyrogram import filters, handlers
from pyrogram.connection.transport import (
    TCP,
    TCPAbridged,
    TCPAbridgedO,
    TCPFull,
    TCPIntermediate,
    TCPIntermediateO,
    TCPIntermediatePadded,
)
from telethon import events

from tests.support.clients import kurigram, telethon, telethon_login
from tests.support.emulation import trusted
from tests.support.waiting import until
from tests.tgemulator.conftest import HOME
from tgemulator.emulator import Emulator
from tgemulator.world.content import SyntheticContent, synthetic_bytes

ABROAD = 1
SIZE = 2 * 1024 * 1024 + 12_345
KURIGRAM = [TCPAbridged, TCPAbridgedO, TCPFull, TCPIntermediate, TCPIntermediateO, TCPIntermediatePadded]
TELETHON = ["ConnectionTcpFull", "ConnectionTcpAbridged", "ConnectionTcpIntermediate", "ConnectionTcpObfuscated"]


@pytest.fixture(autouse=True)
def trust(emulator: Emulator) -> Iterator[None]:
    with trusted(emulator):
        yield


async def _send_file(emulator: Emulator, *, dc_id: int) -> str:
    """A person sends the bot a file that is stored on `dc_id`; returns the SHA-256 of its content."""
    world = emulator.world
    bot = world.users[4242]
    ada = next((user for user in world.users.values() if not user.is_bot), None)
    ada = ada or world.add_user("+15550100", first_name="Ada", home_dc=HOME)
    file = emulator.files.add(SyntheticContent(SIZE, seed=dc_id), dc_id=dc_id, name="film.bin")
    await world.send_private(ada, bot, text="here you are", file=file)
    return hashlib.sha256(synthetic_bytes(dc_id, 0, SIZE)).hexdigest()


@pytest.mark.parametrize("transport", KURIGRAM, ids=lambda transport: transport.__name__)
async def test_kurigram(emulator: Emulator, tmp_path: Path, transport: type[TCP]) -> None:
    received: asyncio.Queue[Any] = asyncio.Queue()

    async def keep(_: Any, message: Any) -> None:
        received.put_nowait(message)

    client = kurigram(emulator, emulator.world.users[4242], tmp_path, protocol_factory=transport)
    client.add_handler(handlers.MessageHandler(keep, filters.document))
    async with client, asyncio.timeout(60):
        assert client.me.id == 4242
        for dc_id in (HOME, ABROAD):
            digest = await _send_file(emulator, dc_id=dc_id)
            message = await received.get()
            data = await client.download_media(message, in_memory=True)
            assert hashlib.sha256(data.getbuffer()).hexdigest() == digest
        for session in client.sessions.values():  # those of other DCs, which the library forgets to stop
            await session.stop()
    assert received.empty()
    _nothing_was_wrong(emulator)


@pytest.mark.parametrize("transport", TELETHON)
async def test_telethon(emulator: Emulator, tmp_path: Path, transport: str) -> None:
    received: asyncio.Queue[Any] = asyncio.Queue()
    bot = emulator.world.users[4242]
    client = telethon(emulator, bot, tmp_path, connection=getattr(telethon_transports, transport))
    client.add_event_handler(lambda event: received.put(event.message), events.NewMessage(incoming=True))
    await client.start(**telethon_login(bot))
    try:
        async with asyncio.timeout(60):
            assert (await client.get_me()).id == 4242
            for dc_id in (HOME, ABROAD):
                digest = await _send_file(emulator, dc_id=dc_id)
                message = await received.get()
                data = await client.download_media(message, bytes)
                assert hashlib.sha256(data).hexdigest() == digest
    finally:
        await client.disconnect()
    assert received.empty()
    _nothing_was_wrong(emulator)


async def test_clients_reconnect_after_a_drop_and_a_restart(emulator: Emulator, tmp_path: Path) -> None:
    received: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    bots = {"kurigram": emulator.world.users[4242], "telethon": emulator.world.add_bot("4243:b", username="other_bot")}
    ada = emulator.world.add_user("+15550100", first_name="Ada", home_dc=HOME)

    async def keep(_: Any, message: Any) -> None:
        received.put_nowait(("kurigram", message.text))

    async def keep_event(event: Any) -> None:
        received.put_nowait(("telethon", event.message.message))

    def listens(user_id: int) -> bool:
        sessions = [session for key in emulator.keys.of_user(user_id) for session in emulator.keys.sessions(key)]
        return any(session.subscribed and session.connection is not None for session in sessions)

    def ready() -> bool:
        return all(listens(bot.id) for bot in bots.values())

    first = kurigram(emulator, bots["kurigram"], tmp_path)
    first.add_handler(handlers.MessageHandler(keep))
    second = telethon(emulator, bots["telethon"], tmp_path)
    second.add_event_handler(keep_event, events.NewMessage(incoming=True))
    await second.start(**telethon_login(bots["telethon"]))
    try:
        async with first, asyncio.timeout(60):
            for text in ("dropped", "restarted"):
                await (emulator.drop_connections() if text == "dropped" else emulator.restart_dc(HOME))
                await until(ready, timeout=30, pause=0.05)
                for bot in bots.values():
                    await emulator.world.send_private(ada, bot, text=text)
                assert {await received.get() for _ in bots} == {(name, text) for name in bots}
    finally:
        await second.disconnect()


def _nothing_was_wrong(emulator: Emulator) -> None:
    """The client broke no rule and called no unknown method; a first message with a wrong salt is usual for clients."""
    counters = emulator.counters
    assert counters.value("rejected") == counters.value("rejected", why="salt")
    assert counters.value("unknown_methods") == 0
    assert counters.value("errors", code=500) == 0
    assert counters.value("errors", code=406) == 0
    assert counters.value("errors", text="transport") == 0
