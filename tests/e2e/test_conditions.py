"""What cannot be done is said by /readyz, /api/stats and the log alike, from its beginning to its end."""

import asyncio
import contextlib
import json
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.links import LinkSigner
from tests.support.forks import run
from tests.support.http_client import request
from tests.support.programs import as_root
from tests.support.server import ServerProcess, server_process
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.emulator import Emulator

GET_MESSAGES = "channels.getMessages"
RAW = re.compile(r"Errno|Connect call failed|Telegram says|Traceback|pyrogram|ConnectionError|TimeoutError")
"""What errors of libraries look like."""


@asynccontextmanager
async def down(emulator: Emulator, *dc_ids: int) -> AsyncIterator[None]:
    """These data centres refuse connections inside the block; they come back on the same ports."""
    dcs = [emulator.data_centres._dcs[dc_id] for dc_id in dc_ids]
    await asyncio.gather(*(dc.close() for dc in dcs))
    try:
        yield
    finally:
        for dc in dcs:
            await dc.open()


async def degraded(server: ServerProcess) -> list[str]:
    found = await server.readyz()
    assert found is not None
    assert found["http_status"] == 200, found
    assert found["status"] == ("degraded" if found["degraded"] else "ready")
    assert sorted({one["what"] for one in found["conditions"]}) == found["degraded"]
    kinds: list[str] = found["degraded"]
    return kinds


async def said(server: ServerProcess, what: str) -> dict[str, Any]:
    """The condition of this kind, as soon as /readyz tells of it."""

    async def look() -> dict[str, Any] | None:
        await degraded(server)
        conditions = (await server.readyz() or {}).get("conditions", [])
        return next((one for one in conditions if one["what"] == what), None)

    return await until(look, timeout=30, pause=0.05)


async def nothing_said(server: ServerProcess) -> None:
    async def look() -> bool:
        return await degraded(server) == []

    await until(look, timeout=60, pause=0.05)


async def told(server: ServerProcess) -> dict[str, dict[str, Any]]:
    """The conditions of /api/stats by kind, as those who run the server read them."""
    secret = (Path(server._environment["DATA_DIR"]) / "secret_key").read_bytes()
    token = LinkSigner(secret).sign(None, scope="server", expires_at=None)
    answer = json.loads((await request(server.address, f"/api/stats?token={token}")).body)
    return {one["what"]: one for one in answer["conditions"]}


def lines(server: ServerProcess, what: str) -> list[str]:
    """The log's lines about this kind."""
    return [line for line in server.log().splitlines() if re.search(rf"conditions: {what}\b", line)]


async def read(server: ServerProcess, target: str) -> int:
    return (await request(server.address, target)).status


def path(origin: tuple[int, int]) -> str:
    return f"/stream/{origin[0]}/{origin[1]}"


@asynccontextmanager
async def running(folder: Path, **changes: str) -> AsyncIterator[tuple[EmulatedWorld, ServerProcess]]:
    """A server that keeps nothing in a cache, and follows `films`."""
    async with emulator_world() as world:
        settings = {"CACHE_DISK": "0", "CACHE_MEMORY": "0", "CHANNELS": str(chat_id_of(world.films)), **changes}
        async with server_process(world, folder, entry=HOME_DC, **settings) as server:
            await server.start()
            await server.ready()
            yield world, server


async def test_telegram_away_is_one_line_however_often_it_is_tried(tmp_path: Path) -> None:
    """6 and 18: Telegram killed while the server runs."""
    async with running(tmp_path, LOG_LEVEL="INFO") as (world, server):
        target = path(await world.post_synthetic(1000))
        await until(lambda: _reads(server, target))
        began = time.time()
        async with down(world.emulator, ENTRY_DC, HOME_DC, FOREIGN_DC):
            condition = await said(server, "telegram")
            assert began - 1 <= condition["since"] <= time.time()
            assert "PROXY_URL" in condition["reason"]
            assert "subject" not in condition
            assert await read(server, target) == 503
            assert (await told(server))["telegram"]["subject"] == "streamvault_v2"
            code, out = await doctor(server)
            assert (code, "FAILED   server, telegram: Telegram cannot be reached" in out) == (1, True), out
            assert (await request(server.address, "/healthz")).status == 200
        await until(lambda: _reads(server, target), timeout=60, pause=0.1)
        await nothing_said(server)
        assert len(lines(server, "telegram")) == 2
        assert len(lines(server, "data_centre")) in (0, 2)
        assert not RAW.search(server.log()), server.log()


@pytest.mark.parametrize("dead", ["now", "after a restart"])
async def test_a_flood_that_keeps_files_from_opening_is_said_with_its_end(tmp_path: Path, dead: str) -> None:
    """6: FLOOD_WAIT_300 on channels.getMessages, also after a restart."""
    async with running(tmp_path) as (world, server):
        target = path(await world.post_synthetic(1000))
        await until(lambda: _reads(server, target))
        await _restart(server)
        world.emulator.faults.flood_wait(300, method=GET_MESSAGES)
        asked = time.time()
        assert await read(server, target) == 503
        if dead == "after a restart":
            await said(server, "flood")
            await _restart(server)
        condition = await said(server, "flood")
        assert asked + 299 <= condition["until"] <= time.time() + 302
        assert "cannot be opened" in condition["reason"]
        assert (await told(server))["flood"]["subject"] == "streamvault_v2 messages"
        code, out = await doctor(server)
        assert (code, "FAILED   server, flood: files that were not opened lately" in out) == (1, True), out
        assert world.emulator.counters.value("early_calls") == 0
        assert len(lines(server, "flood")) == (1 if dead == "now" else 2)
        assert "(until 20" in lines(server, "flood")[0]


async def test_one_data_centre_lost_is_named_and_the_others_are_served(tmp_path: Path) -> None:
    """6: one data centre lost."""
    async with running(tmp_path) as (world, server):
        here, there = path(await world.post_synthetic(1000)), path(await world.post_synthetic(900, dc_id=FOREIGN_DC))
        await until(lambda: _reads(server, here))
        await until(lambda: _reads(server, there))
        async with down(world.emulator, FOREIGN_DC):
            assert await read(server, there) == 503
            condition = await said(server, "data_centre")
            assert condition["subject"] == str(FOREIGN_DC)
            assert await degraded(server) == ["data_centre"]
            assert await read(server, here) == 200
            assert (await told(server))["data_centre"]["subject"] == str(FOREIGN_DC)
        await until(lambda: _reads(server, there), timeout=60, pause=0.1)
        await nothing_said(server)
        async with down(world.emulator, FOREIGN_DC):
            await said(server, "data_centre")  # nobody reads, but its connections are lost
        await nothing_said(server)
        assert len(lines(server, "data_centre")) == 4
        assert not RAW.search(server.log()), server.log()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """DATA_DIR on a disk of 24 MiB."""
    as_root()
    folder = tmp_path / "small"
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24M,mode=700", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_said_and_posts_are_listed_once_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    """6: the disk of DATA_DIR is full, so that nothing can be stored."""
    async with running(tmp_path, DATA_DIR=str(small_disk)) as (world, server):
        ballast = small_disk / "of somebody else"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        origin = await world.post_synthetic(1000)
        assert "make room" in (await said(server, "updates"))["reason"]
        assert "make room" in (await said(server, "disk"))["reason"]
        assert await degraded(server) == ["disk", "updates"]
        assert (await told(server))["updates"]["subject"] == "storing"
        assert await read(server, path(origin)) == 200
        ballast.unlink()
        await until(lambda: _lists(server, origin), timeout=60, pause=0.1)
        await nothing_said(server)
        assert (len(lines(server, "disk")), len(lines(server, "updates"))) == (2, 2)
        assert not RAW.search(server.log()), server.log()


async def _lists(server: ServerProcess, origin: tuple[int, int]) -> bool:
    items = json.loads((await request(server.address, "/api/catalog")).body)["items"]
    return origin in [(item["chat_id"], item["message_id"]) for item in items]


async def test_rights_that_the_bot_lacks_are_said_until_it_has_them(tmp_path: Path) -> None:
    """13 and O: `serve` warns once for a channel that the bot is not in and a vault where it may not post."""
    async with emulator_world() as world:
        emulated = world.emulator.world
        strange = emulated.add_channel("Strange", creator=world.owner)
        emulated.add_member(world.vault, world.bot, rights={"delete_messages"})
        settings = {
            "CHANNELS": f"{chat_id_of(world.films)},{chat_id_of(strange)}",
            "VAULT_CHANNEL": str(chat_id_of(world.vault)),
        }
        async with server_process(world, tmp_path, entry=HOME_DC, **settings) as server:
            await server.start()
            await server.ready()
            channels, vault = await said(server, "channels"), await said(server, "vault")
            assert "add it there as an administrator" in channels["reason"]
            assert "make it an administrator there who may post" in vault["reason"]
            public = (await request(server.address, "/readyz")).body.decode()
            for secret in ("Strange", str(chat_id_of(strange)), str(strange.id)):
                assert secret not in public
            assert (await told(server))["channels"]["subject"] == str(chat_id_of(strange))
            code, out = await doctor(server)
            assert code == 1
            assert "FAILED   server, channels: the bot is not in one of its channels" in out
            assert "FAILED   server, vault: the bot may not post in VAULT_CHANNEL" in out
            emulated.add_member(strange, world.bot, admin=True)
            emulated.add_member(world.vault, world.bot, admin=True)
            await nothing_said(server)
            code, out = await doctor(server)
            assert code == 0, out
            assert "ok       server: everything can be done" in out
            emulated.remove_member(strange, world.bot)
            await said(server, "channels")
            assert (len(lines(server, "channels")), len(lines(server, "vault"))) == (3, 2)


async def test_a_name_that_no_channel_has_is_said_and_the_others_are_served(tmp_path: Path) -> None:
    """O: in CHANNELS or VAULT_CHANNEL; the name of a person is none of a channel."""
    async with emulator_world() as world:
        world.emulator.world.add_user("+15550001", first_name="Ada", username="ada_lovelace")
        message = await world.post_synthetic(1000)
        settings = {"CHANNELS": f"{message[0]},@nosuch_channel,@ada_lovelace", "VAULT_CHANNEL": "@nosuch_vault"}
        async with server_process(world, tmp_path, entry=HOME_DC, **settings) as server:
            await server.start()
            await server.ready()
            assert "correct it" in (await said(server, "channels"))["reason"]
            assert (await request(server.address, "/stream/{}/{}".format(*message))).status == 200
            assert await server.stop() == 0


async def doctor(server: ServerProcess) -> tuple[int, str]:
    """Exit code and output of `streamvault doctor` with the settings of a server that runs."""
    code, out, _ = await run(["doctor"], cwd=server._folder, env=server._environment)
    return code, out


async def _restart(server: ServerProcess) -> None:
    assert await server.stop() == 0
    await server.start()
    await server.ready()


async def _reads(server: ServerProcess, target: str) -> bool:
    return await read(server, target) == 200
