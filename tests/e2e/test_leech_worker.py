"""The leech worker as it runs: from a web server into a channel of Telegram, through deaths and lost connections."""

import hashlib
import random
from pathlib import Path

from streamvault.leech.model import State
from streamvault.media.manifest import read_manifest
from tests.support.leech_stage import MIB, SIZE, Films, Held, film, leech_stage, worker_process
from tests.support.proof import full
from tests.support.raw_server import ranged
from tests.support.waiting import until


async def test_a_file_of_a_web_server_is_posted_byte_for_byte(tmp_path: Path) -> None:
    async with leech_stage(tmp_path, lambda request: ranged(request, film(), etag='"1"')) as stage:
        stage.start()
        job = await stage.ended(await stage.add("/A%20film.mkv"))
        assert (job.state, job.reason) == (State.DONE, None)
        assert stage.posts() == [("A film.mkv", hashlib.sha256(film()).hexdigest())]
        assert (job.bytes_done, job.bytes_total) == (SIZE, SIZE)
        assert [piece.message_id for piece in job.transfer.pieces] == [max(stage.world.vault.messages)]


async def test_a_file_above_the_limit_of_a_message_is_cut(tmp_path: Path) -> None:
    async with leech_stage(tmp_path, lambda request: ranged(request, film(), etag='"1"')) as stage:
        stage.bot.api_limits["parts"] = 10
        stage.start()
        job = await stage.ended(await stage.add())
        assert job.state is State.DONE, job.reason
        *pieces, manifest = stage.posts()
        cuts = [film()[start : start + 5 * MIB] for start in range(0, SIZE, 5 * MIB)]
        assert pieces == [
            (f"film.mkv.{number:03d}", hashlib.sha256(data).hexdigest()) for number, data in enumerate(cuts, 1)
        ]
        listed = read_manifest(stage.data(manifest[0]))
        assert (listed.name, listed.size) == ("film.mkv", SIZE)
        assert [part.message_id for part in listed.parts] == [piece.message_id for piece in job.transfer.pieces]


async def test_a_worker_that_is_killed_costs_a_few_parts_and_posts_nothing_twice(tmp_path: Path) -> None:
    web = Held(film(), 8 * MIB)
    async with leech_stage(tmp_path, web) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        job = await stage.add()
        await stage.has_transferred(job, 7 * MIB)
        await worker.kill()
        fetched, web.sent = web.sent, 0
        web.stop = SIZE
        await worker.start()
        assert (await stage.ended(job)).state is State.DONE
        assert stage.posts() == [("film.mkv", hashlib.sha256(film()).hexdigest())]
        assert fetched + web.sent <= SIZE + 5 * MIB


async def test_a_worker_that_is_killed_while_it_posts_finds_its_message(tmp_path: Path) -> None:
    web = Held(film(), SIZE)
    async with leech_stage(tmp_path, web) as stage, worker_process(stage, tmp_path) as worker:
        held = stage.world.emulator.faults.slow_answer(method="messages.sendMedia")
        await worker.start()
        job = await stage.add()
        await until(lambda: held.used, timeout=60, pause=0.05)
        await worker.kill()
        stage.world.emulator.faults.lift_all()
        await until(lambda: len(stage.posts()) == 1, timeout=20, pause=0.05)
        await worker.start()
        assert (await stage.ended(job)).state is State.DONE
        assert stage.posts() == [("film.mkv", hashlib.sha256(film()).hexdigest())]


async def test_jobs_arrive_once_through_kills_and_cuts(tmp_path: Path) -> None:
    """Kills of the worker, and cuts of the web server's or of Telegram's connections, while several jobs run."""
    jobs, size, kills, cuts = (30, 100 * MIB, 10, 10) if full() else (4, 6 * MIB, 2, 2)
    chosen = random.Random(31)
    sizes = [size + chosen.randrange(-MIB, MIB) for _ in range(jobs)]
    web = Films({f"/{number}.mkv": film(length, number) for number, length in enumerate(sizes)}, pause=0.002)
    async with leech_stage(tmp_path, web) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        added = [await stage.add(target) for target in web.films]
        total = sum(sizes)
        steps = ["kill"] * kills + ["cut"] * cuts
        chosen.shuffle(steps)
        for number, step in enumerate(steps, 1):
            await stage.has_transferred_in_all(total * number // (len(steps) + 1))
            if step == "kill":
                await worker.kill()
                await worker.start()
            elif chosen.random() < 0.5:
                web.cut()
            else:
                await stage.world.emulator.drop_connections()
        for job in added:
            assert (await stage.ended(job, seconds=600)).state is State.DONE
        expected = {target.strip("/"): hashlib.sha256(data).hexdigest() for target, data in web.films.items()}
        assert sorted(stage.posts()) == sorted(expected.items())
        if full():
            assert web.sent <= total * 1.05
