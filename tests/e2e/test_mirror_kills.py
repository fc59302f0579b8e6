"""A mirror through kills of the server: each message is copied once, in order."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from streamvault.media.uploads import PART
from streamvault.telegram.mirroring.uploading import RECORDED
from tests.support.forks import run
from tests.support.mirrored import fill, posted, shown
from tests.support.proof import full
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, MIB, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent, synthetic_bytes

COUNT, KILLS = (1_000, 5) if full() else (60, 5)


async def command(server: ServerProcess, *words: str) -> tuple[int, str, str]:
    """`streamvault mirror` with the settings of a server."""
    return await run(["mirror", *words], cwd=server._folder, env=server._environment)


async def test_each_message_is_copied_once_through_five_kills(tmp_path: Path) -> None:
    """Killed while a request is on its way, which takes effect later, or has; what was sent is found in the target, or
    Telegram says that it has sent it.
    """
    async with emulator_world() as world, server_process(world, tmp_path, entry=HOME_DC) as server:
        target = world.emulator.world.add_channel("Copy", creator=world.owner)
        world.emulator.world.add_member(target, world.bot, admin=True)
        copied = await fill(world, world.films, count=COUNT)
        await server.start()
        await server.ready()
        held = _hold(world)
        code, out, err = await command(server, str(chat_id_of(world.films)), str(chat_id_of(target)))
        assert code == 0, err
        assert "Films -> Copy" in out
        for number in range(KILLS):
            await until(partial(getattr, held, "used"), timeout=60, pause=0.02)
            if number % 2:  # it takes effect before the server is killed, which may not have recorded it
                world.emulator.faults.lift_all()
                await _more_than(target, len(posted(target)))
            await server.kill()
            world.emulator.faults.lift_all()
            held = _hold(world)
            await server.start()
        world.emulator.faults.lift_all()
        await _same(server, target, copied)


async def test_an_upload_goes_on_at_its_part(tmp_path: Path) -> None:
    """The source may not be copied from, and the server is killed in the middle of a file."""
    size, after = 14 * MIB + 5, RECORDED + 4
    async with emulator_world() as world, server_process(world, tmp_path, entry=HOME_DC) as server:
        target = world.emulator.world.add_channel("Copy", creator=world.owner)
        world.emulator.world.add_member(target, world.bot, admin=True)
        world.films.noforwards = True
        file = world.emulator.files.add(SyntheticContent(size, 3), dc_id=HOME_DC, name="film.mkv")
        await world.emulator.world.post(world.films, file=file)
        await server.start()
        await server.ready()
        held = world.emulator.faults.slow_answer(method="upload.saveBigFilePart", after=after)
        code, _, err = await command(server, str(chat_id_of(world.films)), str(chat_id_of(target)))
        assert code == 0, err
        await until(lambda: held.used, timeout=60, pause=0.02)
        await server.kill()
        world.emulator.faults.lift_all()
        await server.start()
        await until(lambda: posted(target), timeout=60, pause=0.05)
        [copy] = posted(target)
        assert copy.file.content.read(0, size) == synthetic_bytes(3, 0, size)
        total = -(-size // PART)
        assert total <= world.emulator.counters.value("parts_saved") < total + RECORDED


async def _more_than(target: Any, count: int) -> None:
    await until(lambda: len(posted(target)) > count, timeout=60, pause=0.001)


def _hold(world: EmulatedWorld) -> Any:
    """The next request that sends something is held; in `make proof`, where there are many, one after it."""
    return world.emulator.faults.slow_answer(method="messages.", after=10 if full() else 0, times=1)


async def _same(server: ServerProcess, target: Any, copied: list[Any]) -> None:
    await server.ready()
    await until(lambda: len(posted(target)) >= len(copied), timeout=120, pause=0.05)

    async def all_there() -> bool:
        code, out, _ = await command(server, "list")
        return code == 0 and "following" in out

    await until(all_there, timeout=60, pause=0.5)
    assert shown(posted(target)) == shown(copied)
    assert json.dumps([one.text for one in posted(target)]) == json.dumps([one.text for one in copied])
