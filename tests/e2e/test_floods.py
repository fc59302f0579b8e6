"""Flood waits at the worst moments: nothing is asked before its time, whoever restarts or arrives meanwhile."""

import asyncio
import shutil
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.support.http_client import Reply, request
from tests.support.mongo import mongo_server
from tests.support.proof import full
from tests.support.server import LEASE, server_process, short_lease
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

LOGIN, EXPORT = "auth.importBotAuthorization", "auth.exportAuthorization"
SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
UNTIL_FREE = 35.0 if full() else LEASE
"""Seconds until a session in a database has no holder any more after that was killed."""


@dataclass
class Clock:
    """Unix seconds, `ahead` of the machine's."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.mark.timeout(1800 if full() else 120)
@pytest.mark.parametrize("store", ["file", "sqlite", "mongodb"])
async def test_an_impatient_supervisor_cannot_make_a_login_flood_worse(tmp_path: Path, store: str) -> None:
    """Restarts alternate between SIGTERM and, where no lease has to run out in a short run, SIGKILL."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        world.emulator.faults.flood_wait(2000, method=LOGIN, times=1)
        settings = {} if full() else short_lease()
        if store != "file":
            settings |= {"SESSION_STORE": "database", "SECRET_KEY": SECRET_KEY}
            settings["DATABASE_URL"] = f"sqlite:///{tmp_path}/elsewhere.db"
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(tmp_path, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        server = await stack.enter_async_context(server_process(world, tmp_path, entry=HOME_DC, **settings))
        began = time.time()
        told = []
        for number in range(21 if full() else 3):
            if store != "file":
                shutil.rmtree(tmp_path / "data")
                (tmp_path / "data").mkdir()
            await server.start()
            said = await server.waits_for("flood", 30 + UNTIL_FREE)
            told.append(said["until"])
            left = int(said["headers"]["retry-after"])  # whole seconds of some moment between `asked` and `answered`
            assert said["until"] - said["answered"] - 1 < left < said["until"] - said["asked"] + 1
            if number % 2 and (store == "file" or full()):
                await server.kill()
            else:
                assert await server.stop() == 0
        assert set(told) <= set(range(int(began) + 1999, int(time.time()) + 2002))
        assert len(set(told)) <= 2  # rounded up from the same moment
        counters = world.emulator.counters
        assert counters.by("keys_created", "dc") == {HOME_DC: 1}
        assert counters.value("calls", method=LOGIN) == 1
        assert counters.value("early_calls") == 0


async def test_after_a_login_flood_it_starts_by_itself(tmp_path: Path) -> None:
    async with emulator_world() as world:
        world.emulator.faults.flood_wait(1, method=LOGIN, times=1)
        async with server_process(world, tmp_path, entry=HOME_DC) as server:
            await server.start()
            await server.ready()
            assert server.log().count("Telegram allows the bot's next login only later") == 1
            assert "flood: over after" in server.log()
        counters = world.emulator.counters
        assert (counters.value("calls", method=LOGIN), counters.value("logins")) == (2, 1)
        assert counters.value("early_calls") == 0
        assert counters.by("keys_created", "dc") == {HOME_DC: 1}


async def viewers(whole: Whole, target: str) -> list[Reply]:
    return await asyncio.gather(*(request(whole.address, target) for _ in range(10)))


async def test_an_export_flood_is_one_key_one_export_and_the_right_retry_after(tmp_path: Path) -> None:
    async with whole_product(tmp_path) as whole:
        target = await whole.post(MIB, dc_id=FOREIGN_DC)
        whole.world.emulator.faults.flood_wait(300, method=EXPORT, times=1)
        began = time.time()
        for _ in range(3):
            for reply in await viewers(whole, target):
                assert reply.status == 503
                assert began + 299 - time.time() <= int(reply.headers["retry-after"]) <= 300
        counters = whole.world.emulator.counters
        assert counters.value("keys_created", dc=FOREIGN_DC) == 1
        assert counters.value("calls", method=EXPORT) == 1
        assert counters.value("early_calls") == 0


async def test_after_an_export_flood_it_works_by_itself(tmp_path: Path) -> None:
    async with whole_product(tmp_path, start_timeout=0.5) as whole:
        clock, faults = Clock(), whole.world.emulator.faults
        whole.services.accounts.main.floods._clock = faults.waits._clock = clock
        target = await whole.post(MIB, dc_id=FOREIGN_DC)
        faults.flood_wait(60, method=EXPORT, times=1)
        assert {reply.status for reply in await viewers(whole, target)} == {503}
        clock.ahead += 60

        async def works() -> bool:
            return (await request(whole.address, target)).body == synthetic_bytes(1, 0, MIB)

        await until(works)
        counters = whole.world.emulator.counters
        assert counters.value("keys_created", dc=FOREIGN_DC) == 1
        assert counters.value("calls", method=EXPORT) == 2
        assert counters.value("early_calls") == 0


async def test_another_account_reads_while_one_may_not_export(tmp_path: Path) -> None:
    token = "700000002:emulated-token-of-worker-2"
    async with emulator_world() as world:
        worker = world.emulator.world.add_bot(token, home_dc=HOME_DC)
        world.emulator.world.add_member(world.films, worker, admin=True)
        async with whole_product(tmp_path, world=world, worker_bot_tokens=(SecretStr(token),)) as whole:
            await until(lambda: len(whole.services.accounts.readers(0)) == 2)
            target = await whole.post(MIB, dc_id=FOREIGN_DC)
            world.emulator.faults.flood_wait(300, method=EXPORT, user=world.bot.id, times=1)
            for _ in range(3):
                for reply in await viewers(whole, target):
                    assert (reply.status, reply.body) == (200, synthetic_bytes(1, 0, MIB))
            calls = world.emulator.counters
            assert calls.value("calls", method=EXPORT, user=world.bot.id) <= 1
            assert calls.value("calls", method=EXPORT, user=worker.id) == 1
            assert calls.value("early_calls") == 0
