"""From /leech in a chat to the file in the channel and an answer with its links, through the death of the worker."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from streamvault.access.links import LinkSigner
from streamvault.access.people import People
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.access.usage_sqlite import SqliteUsage
from streamvault.datadir import secret_key
from streamvault.leech.appearance import UNREADABLE
from streamvault.leech.traffic import COUNTER, WINDOW
from streamvault.media.model import Origin
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.status import NOTHING
from tests.support.bot_stage import urls_in
from tests.support.http_client import request
from tests.support.leech_stage import MIB, SIZE, TOKEN, Held, Stage, film, leech_stage, worker_process
from tests.support.raw_server import ranged, raw_server
from tests.support.server import server_process
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.waiting import until


def said(world: Any, bot: Any, person: Any) -> list[Any]:
    """What the leech bot has written to a person."""
    box = world.emulator.world.mailbox(person.id)
    return [one for one in box.messages.values() if one.sender_id == bot.id and not one.deleted]


async def told(stage: Stage, begin: str, *, reader: Any = None) -> Any:
    """The one message of the leech bot that begins so, as soon as it is there."""

    def look() -> list[Any]:
        assert stage.worker is None or not stage.worker.done(), stage.worker
        messages = said(stage.world, stage.bot, reader or stage.world.owner)
        return [one for one in messages if one.text.startswith(begin)]

    found = await until(look, timeout=40, pause=0.05)
    assert len(found) == 1
    return found[0]


async def hears(world: Any, bot: Any) -> None:
    """Wait until the bot is connected for the first time: what was written before it does not get."""
    commands = world.emulator.world.commands
    await until(lambda: commands.get(bot.id, scope=("default",), lang=""), timeout=60, pause=0.05)


async def write(stage: Stage, text: str, sender: Any = None) -> None:
    await stage.world.emulator.world.send_private(sender or stage.world.owner, stage.bot, text=text)


async def test_a_link_in_a_chat_becomes_a_file_with_links(tmp_path: Path) -> None:
    """L3, L5: the name has markup in it and no ending, which is that of the source."""
    name = "a<b> &lt;_*[ Фильм"
    async with leech_stage(
        tmp_path, lambda asked: ranged(asked, film(), etag='"1"'), public_url="https://tv.example.org"
    ) as stage:
        stage.start()
        await hears(stage.world, stage.bot)
        await write(stage, f"/leech {stage.web.url('/film.mkv')} -n {name}")
        await told(stage, "Queued:")
        done = await told(stage, "Done:")
        assert stage.posts() == [(f"{name}.mkv", hashlib.sha256(film()).hexdigest())]
        vault = stage.world.vault
        number = max(vault.messages)
        assert done.text.startswith(
            f"Done: {name}.mkv\n12.0 MiB\n{UNREADABLE}\n\nPost: https://t.me/c/{vault.id}/{number}\n\nWatch: https://tv.example.org/"
        )
        _, watch, download = urls_in(done.text)
        signer = LinkSigner(secret_key(stage.settings))
        for url in (watch, download):
            [token] = parse_qs(urlsplit(url).query)["token"]
            signer.check(token, Origin(chat_id_of(vault), number))
        await stage.stop()
        async with SqliteUsage(stage.settings.database_path) as usage:
            counted = await usage.load(COUNTER, WINDOW, most=2)
        assert counted["upload"] == SIZE
        assert SIZE < counted["download"] < 2 * SIZE, "the head of the answer, and what is looked at in the middle"


async def test_a_status_goes_on_after_the_worker_was_killed(tmp_path: Path) -> None:
    web = Held(film(), 8 * MIB)
    async with leech_stage(tmp_path, web) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        await hears(stage.world, stage.bot)
        await write(stage, f"/leech {stage.web.url('/film.mkv')}")
        status = await told(stage, "1 job")
        [job] = await stage.queue.listed(limit=10)
        await stage.has_transferred(job, 7 * MIB)
        await worker.kill()
        web.stop = SIZE
        await worker.start()
        await told(stage, "Done: film.mkv")
        await until(lambda: status.text == NOTHING, timeout=60, pause=0.05)
        assert len(said(stage.world, stage.bot, stage.world.owner)) == 3
        assert [name for name, _ in stage.posts()] == ["film.mkv"]


async def test_a_member_leeches_with_the_right_for_it(tmp_path: Path) -> None:
    async with leech_stage(tmp_path, lambda asked: ranged(asked, film(), etag='"1"')) as stage:
        users = stage.world.emulator.world
        mia, eve = (users.add_user(f"+155502{n}", first_name=name, home_dc=HOME_DC) for n, name in ((1, "M"), (2, "E")))
        async with SqliteAccessRecords(stage.settings.database_path) as records:
            people = People(records, owners=stage.settings.owner_ids)
            await people.invite(mia.id, "Mia", can=["read", "leech"])
            await people.invite(eve.id, "Eve", can=["read"])
        stage.start()
        await hears(stage.world, stage.bot)
        for person in (mia, eve):
            await write(stage, f"/leech {stage.web.url('/film.mkv')}", person)
        await told(stage, wording.not_allowed(eve.id), reader=eve)
        done = await told(stage, "Done: film.mkv", reader=mia)
        [token] = parse_qs(urlsplit(urls_in(done.text)[1]).query)["token"]
        origin = Origin(chat_id_of(stage.world.vault), max(stage.world.vault.messages))
        grant = LinkSigner(secret_key(stage.settings)).claims(token, origin).grant
        assert grant is not None, "the link ends with the membership"
        assert len(stage.posts()) == 1


async def test_the_link_in_the_answer_streams_the_file(tmp_path: Path) -> None:
    async with (
        emulator_world() as world,
        raw_server(lambda asked: ranged(asked, film(), etag='"1"')) as web,
        server_process(
            world, tmp_path, entry=HOME_DC, VAULT_CHANNEL=str(chat_id_of(world.vault)), LEECH_BOT_TOKEN=TOKEN,
            LEECH_ALLOW_PRIVATE="127.0.0.0/8", PUBLIC_ACCESS="false",
        ) as server,
    ):  # fmt: skip
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        world.emulator.world.add_member(world.vault, bot, admin=True)
        await server.start()
        await server.ready()
        await hears(world, bot)
        await world.emulator.world.send_private(world.owner, bot, text=f"/leech {web.url('/Garden.mkv')}")

        def done() -> list[Any]:
            return [one for one in said(world, bot, world.owner) if one.text.startswith("Done: Garden.mkv")]

        [answer] = await until(done, timeout=90, pause=0.1)
        url = urlsplit(urls_in(answer.text)[2])
        reply = await request(server.address, f"{url.path}?{url.query}")
        assert (reply.status, hashlib.sha256(reply.body).digest()) == (200, hashlib.sha256(film()).digest())
        assert (await request(server.address, url.path)).status in (401, 403)
        assert await server.stop() == 0
