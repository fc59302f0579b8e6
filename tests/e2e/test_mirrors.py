"""Mirrors through the whole product: a target equals its source, live, after kills, protected or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pyrogram import raw

from streamvault.leech.mirror.model import State
from streamvault.leech.mirror.posts import LEFT_OUT
from streamvault.media.model import Origin
from streamvault.server.leech import leech
from tests.support.forks import run
from tests.support.http_client import opened, request
from tests.support.leech_stage import TOKEN
from tests.support.mirrored import fill, mirror, posted, reaches, shown, small
from tests.support.proof import sample
from tests.support.server import environment_for
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import SyntheticContent, synthetic_bytes
from tgemulator.world.drafts import Draft

SIZE, SEED = 6 * MIB + 5, 9


@asynccontextmanager
async def stage(folder: Path, **settings: Any) -> AsyncIterator[tuple[Whole, Any]]:
    """The product, and a channel to copy to."""
    async with emulator_world() as world:
        target = world.emulator.world.add_channel("Copy", creator=world.owner)
        world.emulator.world.add_member(target, world.bot, admin=True)
        async with whole_product(folder, world=world, **settings) as whole:
            yield whole, target


async def same(world: EmulatedWorld, target: Any) -> None:
    """Wait until the target has what the source has, its messages that cannot be copied aside."""
    await until(lambda: shown(posted(target)) == shown(_copied(world)), timeout=30, pause=0.05)


def _copied(world: EmulatedWorld) -> list[Any]:
    odd_kinds = (raw.types.MessageMediaPoll, raw.types.MessageMediaDice)
    return [one for one in posted(world.films) if not isinstance(one.other, odd_kinds) and one.view_once is None]


async def test_a_channel_is_copied_and_followed(tmp_path: Path) -> None:
    """Its past with albums, answers and holes; then posts, an album whose members come one by one, and edits."""
    async with stage(tmp_path) as (whole, target):
        world, emulated = whole.world, whole.world.emulator.world
        await fill(world, world.films, count=60)
        made = await mirror(whole.services, world.films, target)
        done = await reaches(whole.services, made.id, State.FOLLOWING)
        assert shown(posted(target)) == shown(_copied(world))
        assert done.copied == len(posted(target))
        assert done.left_out.keys() == {LEFT_OUT["quiz"], LEFT_OUT["dice"], LEFT_OUT["view once"], LEFT_OUT["service"]}
        assert (done.lag, done.behind_since) == (0, None)
        group = emulated.new_group_id()
        for number in range(4):
            await emulated.post(world.films, file=small(world, f"late {number}.pdf", number), grouped_id=group)
        answered = await emulated.post(world.films, text="an answer", reply_to=posted(world.films)[0].id)
        await same(world, target)
        requests = world.emulator.counters.value("calls", method="messages.editMessage")
        await emulated.edit(answered, text="another answer")
        member = next(one for one in posted(world.films) if one.grouped_id == group)
        await emulated.edit(member, text="its caption", file=small(world, "other.pdf", 99))
        await emulated.edit(posted(world.films)[0], reply_markup=raw.types.ReplyInlineMarkup(rows=[]))
        await same(world, target)
        await until(lambda: _settled(whole, made.id))
        assert world.emulator.counters.value("calls", method="messages.editMessage") - requests == 2


async def _settled(whole: Whole, id: str) -> bool:
    return not await whole.services.mirrors.store.changes(id)


async def test_the_command_copies_by_itself_where_no_server_runs(tmp_path: Path) -> None:
    async with emulator_world() as world:
        target = world.emulator.world.add_channel("Copy", creator=world.owner)
        world.emulator.world.add_member(target, world.bot, admin=True)
        await fill(world, world.films, count=10)
        environment = environment_for(world, tmp_path, entry=HOME_DC)
        words = ["mirror", str(chat_id_of(world.films)), str(chat_id_of(target)), "--once"]
        code, out, err = await run(words, cwd=tmp_path, env=environment)
        assert code == 0, err
        assert "done" in out.splitlines()[-1]
        assert shown(posted(target)) == shown(_copied(world))


async def test_what_telegram_refuses_costs_only_itself(tmp_path: Path) -> None:
    """A message that alone may not be forwarded is uploaded again, in its place; the others go as before."""
    async with stage(tmp_path) as (whole, target):
        world, emulated = whole.world, whole.world.emulator.world
        for number in range(1, 131):
            text = "protected" if number == 57 else f"text {number}"
            file = small(world, "own.pdf", 57) if number == 57 else None
            emulated.post_drafts(world.films, [Draft(text=text, file=file, noforwards=number == 57)])
        made = await mirror(whole.services, world.films, target, once=True)
        await reaches(whole.services, made.id, State.DONE)
        await same(world, target)
        originals = {one.file.id for one in posted(world.films) if one.file}
        assert not originals & {one.file.id for one in posted(target) if one.file}


async def test_answers_that_are_late_lost_or_refused_for_a_while_double_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as (whole, target):
        world, faults = whole.world, whole.world.emulator.faults
        made = await mirror(whole.services, world.films, target)
        kinds = (
            lambda method: faults.lost_answer(method=method, times=1),
            lambda method: faults.error(method=method, times=1),
            lambda method: faults.flood_wait(method=method, seconds=1, times=1),
        )
        cases = [(f"messages.{name}", make) for name in ("forwardMessages", "sendMessage") for make in kinds]
        for method, make in sample(cases):
            await reaches(whole.services, made.id, State.FOLLOWING)
            answered = posted(world.films)[0].id if method.endswith("sendMessage") else None
            with make(method) as fault:
                await world.emulator.world.post(world.films, text="the same text", reply_to=answered)
                await until(partial(getattr, fault, "used"))
                await same(world, target)


async def test_the_leech_bot_has_the_server_make_a_mirror_and_end_it(tmp_path: Path) -> None:
    """The bot's worker and the server share the database alone; what the server says is told in the chat."""
    async with stage(tmp_path, leech_bot_token=SecretStr(TOKEN), leech="external") as (whole, target):
        world, emulated = whole.world, whole.world.emulator.world
        bot = emulated.add_bot(TOKEN, home_dc=HOME_DC)
        await emulated.post(world.films, text="one")
        worker = asyncio.create_task(leech(whole.services.settings))
        try:
            await until(lambda: emulated.commands.get(bot.id), timeout=60, pause=0.05)

            async def told(text: str, begin: str) -> Any:
                await emulated.send_private(world.owner, bot, text=text)
                box = emulated.mailbox(world.owner.id).messages
                return (await until(lambda: [one for one in box.values() if one.text.startswith(begin)], pause=0.05))[0]

            source, copy = chat_id_of(world.films), chat_id_of(target)
            made = await told(f"/mirror {source} {copy}", "Copy becomes a copy of Films: ")
            await same(world, target)
            [mirrored] = await whole.services.mirrors.store.listed()
            assert mirrored.person == world.owner.id
            assert mirrored.id in made.text
            assert (await told(f"/mirror {copy} {source}", "Films is copied to Copy already")).text
            await told(f"/mirror remove {mirrored.id}", "The mirror is removed")
            assert await whole.services.mirrors.store.listed() == []
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


async def test_a_source_that_becomes_protected_is_uploaded_again(tmp_path: Path) -> None:
    """With its albums, thumbnails aside; a caption that is too long goes on in an answer."""
    async with stage(tmp_path) as (whole, target):
        world, emulated = whole.world, whole.world.emulator.world
        made = await mirror(whole.services, world.films, target)
        await emulated.post(world.films, text="before", file=small(world, "before.pdf", 1))
        await same(world, target)
        world.films.noforwards = True
        long = "word " * 400
        content = SyntheticContent(SIZE, SEED)
        film = world.emulator.files.add(content, dc_id=HOME_DC, name="film.mkv", mime_type="video/x-matroska")
        await emulated.post(world.films, text=long, file=film)
        await emulated.post_album(world.films, [small(world, f"{number}.pdf", number) for number in range(3)])
        await emulated.post(world.films, text="only a text")
        await until(lambda: len(posted(target)) == 7, timeout=30, pause=0.05)
        await reaches(whole.services, made.id, State.FOLLOWING)
        _, main, rest, *album, text = posted(target)
        assert (main.text + rest.text).split() == long.split()
        assert rest.reply_to == main.id
        assert main.file.content.read(0, SIZE) == synthetic_bytes(SEED, 0, SIZE)
        assert len({one.grouped_id for one in album}) == 1
        assert text.text == "only a text"
        copies = await whole.services.mirrors.store.copies(made.id, [posted(world.films)[1].id])
        assert [copy.more for copy in copies.values()] == [(rest.id,)]


async def test_a_stream_goes_on_from_the_mirror_when_the_source_is_deleted_or_lost(tmp_path: Path) -> None:
    """Also where the copy is another file to Telegram, as it was uploaded again."""
    for protected, lost in ((False, False), (True, False), (False, True)):
        folder = tmp_path / f"{protected} {lost}"
        async with stage(folder, cache_memory=0, cache_disk=0, readahead=1) as (whole, target):
            world, emulated = whole.world, whole.world.emulator.world
            world.films.noforwards = protected
            file = world.emulator.files.add(SyntheticContent(SIZE, SEED), dc_id=FOREIGN_DC, name="film.mkv")
            message = await emulated.post(world.films, file=file)
            made = await mirror(whole.services, world.films, target)
            await reaches(whole.services, made.id, State.FOLLOWING)
            [copy] = posted(target)
            assert (copy.file is file) is not protected
            path = f"/stream/{chat_id_of(world.films)}/{message.id}"
            async with opened(whole.address, path, receive_buffer=4096) as exchange:
                begun = await exchange.reader.readexactly(1000)
                if lost:
                    emulated.remove_member(world.films, world.bot)
                    await until(lambda: _is_lost(whole))
                else:
                    await emulated.delete(message)
                world.emulator.faults.expire_references()
                rest = await exchange.reader.readexactly(SIZE - len(begun))
            assert begun + rest == synthetic_bytes(SEED, 0, SIZE)
            sample_of = whole.services.metrics.registry.get_sample_value
            assert sample_of("streamvault_failovers_total", {"reason": "origin"})
            again = await request(whole.address, path, headers={"Range": "bytes=5-104"})
            assert (again.status, again.body) == (206, synthetic_bytes(SEED, 5, 100))
            listed = await whole.services.catalog.get(Origin(chat_id_of(target), copy.id))
            assert listed is not None
            assert listed.forwarded_from == chat_id_of(world.films)


async def _is_lost(whole: Whole) -> bool:
    return not await whole.services.finder.chats.holds(chat_id_of(whole.world.films))
