"""A user account beside the bot: logged in at a terminal or by a script, walking histories through kills, and ended."""

import asyncio
import contextlib
import math
import os
import pty
import random
import signal
import sys
import termios
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamvault.access.links import LinkSigner
from tests.support.backfills import expected, fill, held_after, index_command, newest, stored
from tests.support.forks import run
from tests.support.logins import CODE, PASSWORD, PHONE
from tests.support.proof import full
from tests.support.server import ServerProcess, environment_for, server_process
from tests.support.stack import ENTRY_DC, HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until

SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
MESSAGES = 40_000 if full() else 4_000
KEPT = 4
"""Every which message of the long history was not deleted, so that ids are mostly gaps."""

KILLS = 3


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    """An emulated Telegram whose owner has a password, and a history that is mostly gaps."""
    async with emulator_world() as made:
        made.owner.password = PASSWORD
        await fill(made, MESSAGES)
        posts = [post for post in made.films.messages.values() if post.action is None and not post.deleted]
        await made.emulator.world.delete([post for at, post in enumerate(posts) if at % KEPT])
        yield made


def messages(world: EmulatedWorld) -> int:
    return sum(not message.deleted for message in world.films.messages.values())


def calls(world: EmulatedWorld, method: str) -> int:
    return world.emulator.counters.value("calls", method=method)


def logins(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("logins", user=world.owner.id)


async def login(environment: Mapping[str, str], folder: Path, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `streamvault login` in a script."""
    return await run(["login", *words], cwd=folder, env=environment, typed=typed)


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


async def test_a_script_logs_in_and_needs_it_once(tmp_path: Path) -> None:
    async with emulator_world() as world:
        world.owner.password = PASSWORD
        environment = environment_for(world, tmp_path, entry=ENTRY_DC)
        code, out, err = await login(environment, tmp_path, typed=typed(PHONE, CODE))
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith("streamvault: the input ended before the login was complete")
        code, out, err = await login(environment, tmp_path, typed=typed(PHONE, CODE, "wrong", PASSWORD))
        assert (code, out.splitlines()[0]) == (0, f"logged in as Owner, id {world.owner.id}"), err
        assert PASSWORD not in out + err
        code, out, err = await login(environment, tmp_path)
        assert (code, err) == (0, "")
        assert out.startswith("already logged in as Owner")
        code, out, err = await login(environment, tmp_path, "--print")
        assert (code, len(out.strip())) == (0, 362)
        assert err.startswith("whoever has this string is you")
        assert logins(world) == 1
        elsewhere = environment_for(world, tmp_path / "elsewhere", entry=HOME_DC, USER_SESSION=out.strip())
        async with index_command(world, elsewhere, folder=tmp_path) as command:
            assert await command.ends() == 0
        assert calls(world, "messages.getHistory") == 1
        assert logins(world) == 1


class Screen:
    """A terminal with `streamvault login` in it, and all that it has shown."""

    def __init__(self, process: asyncio.subprocess.Process, fd: int) -> None:
        self.process = process
        self.fd = fd
        self.shown = bytearray()

    def has(self, text: str) -> bool:
        with contextlib.suppress(OSError):  # nothing yet, or the other end is closed
            self.shown.extend(os.read(self.fd, 65536))
        return text in self.shown.decode(errors="replace")

    async def answer(self, question: str, text: str) -> None:
        await until(partial(self.has, question), timeout=30, pause=0.01)
        os.write(self.fd, typed(text).encode())


@contextlib.asynccontextmanager
async def terminal(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Screen]:
    """It does not outlive the block."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streamvault", "login"),
        cwd=folder,
        env=dict(environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    try:
        yield Screen(process, ours)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        os.close(theirs)
        os.close(ours)


async def test_at_a_terminal_the_password_is_not_shown_and_the_command_may_be_stopped(tmp_path: Path) -> None:
    async with emulator_world() as world:
        world.owner.password = PASSWORD
        environment = environment_for(world, tmp_path, entry=HOME_DC)
        async with terminal(environment, tmp_path) as screen:
            await screen.answer("phone number", PHONE)
            await screen.answer("code: ", CODE)
            await until(partial(screen.has, "password of the"), timeout=30, pause=0.01)
            await until(lambda: not termios.tcgetattr(screen.fd)[3] & termios.ECHO)
            screen.process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(screen.process.wait(), 10) == 130
            assert termios.tcgetattr(screen.fd)[3] & termios.ECHO
        assert CODE.encode() in screen.shown
        async with terminal(environment, tmp_path) as screen:
            await screen.answer("password of the", PASSWORD)
            await until(partial(screen.has, "logged in as Owner"), timeout=30, pause=0.01)
            assert await asyncio.wait_for(screen.process.wait(), 30) == 0
        assert PASSWORD.encode() not in screen.shown
        assert (calls(world, "auth.sendCode"), logins(world)) == (1, 1)


async def test_a_flood_wait_on_codes_outlives_the_command(tmp_path: Path) -> None:
    async with emulator_world() as world:
        environment = environment_for(world, tmp_path, entry=HOME_DC)
        world.emulator.faults.flood_wait(2000, method="auth.sendCode")
        for _ in range(3):
            code, out, err = await login(environment, tmp_path, typed=typed(PHONE, CODE))
            assert (code, out) == (1, "")
            assert "streamvault: no login before " in err
        assert calls(world, "auth.sendCode") == 1
        assert world.emulator.counters.value("early_calls") == 0


def api(server: ServerProcess) -> httpx.AsyncClient:
    token = LinkSigner(SECRET_KEY.encode()).sign(None, scope="server", expires_at=None)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url="http://{}:{}".format(*server.address), headers=headers)


async def finished(server: ServerProcess) -> dict[str, Any] | None:
    async with api(server) as client:
        walks = (await client.get("/api/index")).json()["walks"]
    return dict(walks[0]) if walks and walks[0]["state"] == "finished" else None


async def begin(world: EmulatedWorld, server: ServerProcess) -> None:
    async with api(server) as client:
        begun = await client.post("/api/index", json={"chat_id": chat_id_of(world.films)})
    assert begun.status_code == 202, begun.text


@pytest.mark.timeout(600 if full() else 120)
async def test_a_server_walks_by_pages_through_kills(world: EmulatedWorld, tmp_path: Path) -> None:
    environment = environment_for(world, tmp_path, entry=HOME_DC, SECRET_KEY=SECRET_KEY)
    assert (await login(environment, tmp_path, typed=typed(PHONE, CODE, PASSWORD)))[0] == 0
    least = math.ceil(messages(world) / 100)
    assert least < math.ceil(newest(world) / 100) / (KEPT - 1)
    server = ServerProcess(tmp_path, environment)
    try:
        await server.start()
        await server.ready()
        await begin(world, server)

        for moment in sorted(random.Random(7).sample(range(1, least - 1), KILLS)):
            async with held_after(world, moment, method="messages.getHistory"):
                await server.kill()
            await server.start()  # and nobody asks again
        await server.ready()
        over = await until(lambda: finished(server), timeout=300, pause=0.05)
        assert over["done"] == over["top"] == newest(world)
        assert await server.stop() == 0
    finally:
        await server.kill()
    assert least <= calls(world, "messages.getHistory") <= least + 3 * KILLS
    assert calls(world, "channels.getMessages") == 0
    assert logins(world) == 1
    assert await stored(tmp_path / "data", chat_id_of(world.films)) == expected(world)
    made = world.emulator.counters.by("keys_created", "dc")
    assert made == {HOME_DC: 2}  # the bot's and the user's


def told(server: ServerProcess) -> int:
    return server.log().count("`streamvault login` makes a new one")


@pytest.mark.timeout(120)
async def test_an_ended_account_holds_nothing_up(world: EmulatedWorld, tmp_path: Path) -> None:
    changes = {"SECRET_KEY": SECRET_KEY, "LOG_LEVEL": "WARNING"}
    environment = environment_for(world, tmp_path, entry=HOME_DC, **changes)
    assert (await login(environment, tmp_path, typed=typed(PHONE, CODE, PASSWORD)))[0] == 0
    async with server_process(world, tmp_path, entry=HOME_DC, **changes) as server:
        await server.start()
        await server.ready()
        await begin(world, server)
        async with held_after(world, 2, method="messages.getHistory"):
            world.emulator.faults.dead_key(401, "SESSION_REVOKED", user=world.owner.id)
        await until(lambda: finished(server), timeout=60, pause=0.05)
        await until(lambda: told(server) == 1, timeout=30, pause=0.05)
        found = await server.readyz()
        assert found is not None
        assert found["http_status"] == 200
        assert await server.stop() == 0
        await server.start()
        await server.ready()
        await until(lambda: told(server) == 2, timeout=30, pause=0.05)  # once a start
        assert await server.stop() == 0
    assert told(server) == 2
    assert await stored(tmp_path / "data", chat_id_of(world.films)) == expected(world)
    assert logins(world) == 1
