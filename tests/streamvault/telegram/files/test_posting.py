"""A message of an uploaded file is posted once, whatever becomes of the answers, and shows what it should."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.errors import PartsLost, SourceUnavailable, UploadFailed
from streamvault.media.uploads import PART, Audio, Original, Photo, Video
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.posting import with_photo
from streamvault.telegram.files.upload import AccountUploads
from tests.streamvault.telegram.conftest import Connect, Online
from tests.support.films import jpeg
from tests.support.logins import logged_in
from tests.support.media_files import png
from tests.support.stack import ENTRY_DC, HOME_DC, EmulatedWorld, chat_id_of, emulator_world, settings_for
from tests.support.uploading import Uploading, documents, random_data, since_now
from tests.support.waiting import until
from tgemulator.config import DcConfig, EmulatorConfig

SEND = "messages.sendMedia"
SIZE = 3 * PART + 5
Make = Callable[..., Uploading]


@pytest.fixture
async def make(world: EmulatedWorld, online: Online) -> Make:
    return partial(_made, world, AccountUploads(online.accounts.main))


def _made(world: EmulatedWorld, shared: AccountUploads, data: bytes | None = None, **rest: Any) -> Uploading:
    return Uploading(world, shared, random_data(SIZE) if data is None else data, **rest)


def _sent(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("calls", method=SEND)


@pytest.mark.parametrize("old_answer", [True, False])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("channel", ["films", "group"])
async def test_a_lost_answer_posts_nothing_twice(
    world: EmulatedWorld, make: Make, old_answer: bool, times: int, channel: str
) -> None:
    """U1: RANDOM_ID_DUPLICATE, or the old id again."""
    group = world.emulator.world.add_channel("Group", creator=world.owner, megagroup=True)
    world.emulator.world.add_member(group, world.bot, admin=True)
    target = {"films": world.films, "group": group}[channel]
    world.emulator.faults.lost_answer(method=SEND, times=times)
    if old_answer:
        world.emulator.faults.old_answer()
    message = await make().send(chat_id=chat_id_of(target))
    assert [one.id for one in target.messages.values() if one.file is not None] == [message]
    assert _sent(world) == 1 + times


async def test_a_process_that_was_killed_while_it_posted_finds_its_message(
    world: EmulatedWorld, connect: Connect
) -> None:
    """The next process has the same key, and neither the parts nor the answer."""
    async with connect() as online:
        job = Uploading(world, AccountUploads(online.accounts.main), random_data(SIZE))
        await job.save()
        lost = world.emulator.faults.lost_answer(method=SEND)
        posting = asyncio.create_task(job.uploads.post(job.post))
        await until(lambda: documents(world))
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        lost.lift()
    async with connect() as online:
        again = AccountUploads(online.accounts.main)
        assert await again.post(job.post) == documents(world)[0].id
        assert len(documents(world)) == 1


async def test_a_message_whose_parts_are_gone_is_found_before_anything_is_sent_again(
    world: EmulatedWorld, make: Make
) -> None:
    """A server that looks at the parts first says that they are missing: a message has used them."""
    job = make()
    job_post = replace(job.post, since=since_now())
    message = await job.send(since=job_post.since)
    world.emulator.faults.error(400, "FILE_PART_0_MISSING", method=SEND)
    assert await job.uploads.post(job_post) == message


@pytest.mark.parametrize("ahead", [-86_400, 86_400])
async def test_a_wrong_clock_hides_no_message(tmp_path: Path, ahead: int) -> None:
    """Messages bear Telegram's time, and jobs that of this machine."""
    dcs = (DcConfig(ENTRY_DC), DcConfig(HOME_DC))
    config = EmulatorConfig(dcs=dcs, clock=lambda: time.time() + ahead)
    async with emulator_world(config) as world, AccountPool(settings_for(world, tmp_path), Metrics()) as accounts:
        job = Uploading(world, AccountUploads(accounts.main), random_data(SIZE))
        world.emulator.faults.lost_answer(method=SEND, times=1)
        assert [await job.send(since=since_now())] == [one.id for one in documents(world)]


@pytest.mark.parametrize(
    "other", [{"name": "another.mp4"}, {"size": SIZE + 1}, {"since": since_now() + 10_000}, {"chat_id": "vault"}]
)
async def test_another_message_is_not_taken_for_the_lost_one(
    world: EmulatedWorld, make: Make, other: dict[str, Any]
) -> None:
    await make().send()
    job = make(file_id=8)
    if other.get("chat_id") == "vault":
        other = {"chat_id": chat_id_of(world.vault)}
    with pytest.raises(PartsLost):
        await job.uploads.post(replace(job.post, **{"since": since_now(), **other}))


async def test_of_several_like_it_the_one_with_its_caption_is_the_lost_one(world: EmulatedWorld, make: Make) -> None:
    first = await make().send(caption="part 1")
    await make(file_id=8).send(caption="part 2")
    again = make()
    assert await again.uploads.post(replace(again.post, caption="part 1")) == first


async def test_a_user_account_posts_with_premium_s_limits_into_a_channel_that_it_has_not_met(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    await logged_in(world, tmp_path)
    world.owner.api_limits["premium"] = True
    world.emulator.faults.lost_answer(method=SEND, times=1)
    async with connect() as online:
        account = await online.accounts.user.wait_connected(10)
        assert account is not None
        job = Uploading(world, AccountUploads(account), random_data(SIZE))
        assert (await job.uploads.limits()).piece == 4_194_304_000
        message = await job.send()
    assert [(one.id, one.sender_id) for one in documents(world)] == [(message, world.owner.id)]


async def test_two_jobs_of_the_same_file_post_two_messages(world: EmulatedWorld, make: Make) -> None:
    assert await make().send() != await make(file_id=8).send()
    assert len(documents(world)) == 2


async def test_a_message_that_was_deleted_since_is_not_posted_again_by_itself(world: EmulatedWorld, make: Make) -> None:
    job = make()
    await job.send()
    world.emulator.world.delivery.delete(documents(world))
    with pytest.raises(UploadFailed, match="begin a new job"):
        await job.uploads.post(job.post)


async def test_a_message_that_a_read_shows_late_is_found(world: EmulatedWorld, make: Make) -> None:
    world.emulator.faults.lost_answer(method=SEND, times=1)
    empty = world.emulator.faults.empty_answer(times=2)
    assert [await make().send()] == [one.id for one in documents(world)]
    assert empty.used == 2


async def test_many_newer_messages_do_not_hide_it(world: EmulatedWorld, make: Make) -> None:
    job = make()
    message = await job.send()
    for number in range(250):
        await world.emulator.world.post(world.films, text=f"post {number}")
    assert await job.uploads.post(job.post) == message


async def test_a_message_in_a_channel_of_many_messages_is_found(world: EmulatedWorld, make: Make) -> None:
    """U2: ids from 399,990."""
    old = world.emulator.world.add_channel("Old", creator=world.owner, first_id=399_990)
    world.emulator.world.add_member(old, world.bot, admin=True)
    world.emulator.faults.lost_answer(method=SEND, times=1)
    message = await make().send(chat_id=chat_id_of(old))
    assert message == 399_991
    assert list(await make().uploads.posted(chat_id_of(old), name="film.mp4", size=SIZE)) == [message]


@pytest.mark.parametrize("slice_size", [1, 100])
async def test_a_message_in_private_is_found_again(world: EmulatedWorld, make: Make, slice_size: int) -> None:
    world.emulator.world.slice_size = slice_size
    await world.emulator.world.send_private(world.owner, world.bot, text="/start")
    world.emulator.faults.lost_answer(method=SEND, times=1)
    number = await make().send(chat_id=world.owner.id)
    mailbox = world.emulator.world.mailbox(world.bot.id).messages
    assert [one.id for one in mailbox.values() if one.file is not None] == [number]


async def test_parts_that_expired_are_told(world: EmulatedWorld, make: Make) -> None:
    job = make()
    await job.save()
    world.emulator.files.uploads.expire()
    with pytest.raises(PartsLost, match="part 0") as raised:
        await job.uploads.post(replace(job.post, since=since_now()))
    assert raised.value.part == 0
    assert await job.send() == documents(world)[0].id


async def test_a_part_that_was_never_sent_is_told(world: EmulatedWorld, make: Make) -> None:
    job = make()
    await job.save(stop=2)
    with pytest.raises(PartsLost, match="part 2") as raised:
        await job.uploads.post(job.post)
    assert raised.value.part == 2
    await job.save(first=2)
    assert await job.uploads.post(job.post) == documents(world)[0].id


async def test_a_lost_connection_is_waited_for(world: EmulatedWorld, make: Make) -> None:
    job = make()
    await job.save()
    await world.emulator.restart_dc(HOME_DC, down_for=1.0)
    assert await job.uploads.post(job.post) == documents(world)[0].id


async def test_without_any_answer_the_caller_is_told_and_may_ask_again(world: EmulatedWorld, make: Make) -> None:
    job = make()
    await job.save()
    job.uploads._requests.sleep = partial(asyncio.sleep, 0)
    lost = world.emulator.faults.error(500, "RPC_CALL_FAIL", method=SEND)
    with pytest.raises(SourceUnavailable):
        await job.uploads.post(job.post)
    lost.lift()
    assert await job.uploads.post(job.post) == documents(world)[0].id


@pytest.mark.parametrize("text", ["FLOOD_WAIT_1", "FLOOD_PREMIUM_WAIT_1", "SLOWMODE_WAIT_1"])
async def test_a_wait_before_the_message_is_waited_for(world: EmulatedWorld, make: Make, text: str) -> None:
    world.emulator.faults.error(420, text, method=SEND, times=1)
    assert await make().send() == documents(world)[0].id
    assert _sent(world) == 2


def _leave(world: EmulatedWorld) -> None:
    world.emulator.world.remove_member(world.films, world.bot)


def _demote(world: EmulatedWorld) -> None:
    world.emulator.world.add_member(world.films, world.bot, admin=True, rights={"edit_messages"})


@pytest.mark.parametrize(("change", "how"), [(_leave, "add it there"), (_demote, "who may post messages")])
async def test_a_chat_that_the_account_may_not_post_in_is_named_with_the_way_out(
    world: EmulatedWorld, make: Make, change: Callable[[EmulatedWorld], None], how: str
) -> None:
    change(world)
    with pytest.raises(UploadFailed, match=how):
        await make().send()


@pytest.mark.parametrize(
    ("code", "text", "how"),
    [
        (403, "CHAT_WRITE_FORBIDDEN", "administrator there who may post"),
        (400, "CHAT_ADMIN_REQUIRED", "administrator there who may post"),
        (400, "CHAT_RESTRICTED", "administrator there who may post"),
        (403, "CHAT_SEND_DOCS_FORBIDDEN", "administrator there who may post"),
        (400, "CHANNEL_PRIVATE", "add it there"),
        (406, "CHANNEL_PRIVATE", "add it there"),
        (400, "CHANNEL_INVALID", "add it there"),
        (400, "MEDIA_CAPTION_TOO_LONG", "1,024"),
        (420, "FROZEN_METHOD_INVALID", "@SpamBot"),
        (400, "PEER_FLOOD", "@SpamBot"),
        (400, "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
async def test_a_refusal_is_a_sentence_for_people(
    world: EmulatedWorld, make: Make, code: int, text: str, how: str
) -> None:
    world.emulator.faults.error(code, text, method=SEND)
    with pytest.raises(UploadFailed, match=how) as raised:
        await make().send()
    assert str(raised.value).endswith(".")
    assert documents(world) == []


async def test_a_person_who_never_wrote_to_the_bot_is_named(world: EmulatedWorld, make: Make) -> None:
    with pytest.raises(UploadFailed, match="write to it first"):
        await make().send(chat_id=world.owner.id)


def _attribute(world: EmulatedWorld, kind: type[Any]) -> Any:
    return next((one for one in documents(world)[0].file.attributes if isinstance(one, kind)), None)


@pytest.mark.parametrize("sound", [True, False])
async def test_a_video_stays_one_with_or_without_sound(world: EmulatedWorld, make: Make, sound: bool) -> None:
    """U3, U15: no animation; its size and duration; streaming only where the caller says so."""
    await make().send(shown_as=Video(duration=90.5, width=1080, height=1920, streaming=sound, sound=sound))
    video = _attribute(world, raw.types.DocumentAttributeVideo)
    assert (video.duration, video.w, video.h) == (90.5, 1080, 1920)
    assert (bool(video.supports_streaming), bool(video.nosound)) == (sound, not sound)
    assert _attribute(world, raw.types.DocumentAttributeAnimated) is None
    assert documents(world)[0].file.name == "film.mp4"


async def test_a_document_and_a_song(world: EmulatedWorld, make: Make) -> None:
    await make().send(name="a.flac", mime_type="audio/flac", shown_as=Audio(61.4, "Title", "Somebody"))
    song = _attribute(world, raw.types.DocumentAttributeAudio)
    assert (song.duration, song.title, song.performer) == (61, "Title", "Somebody")
    await make(file_id=9).send(name="c.flac", mime_type="audio/flac", shown_as=Audio(0.2))
    assert documents(world)[1].file.attributes[0].duration == 1, "0 would be unknown"
    await make(file_id=8).send(name="b.bin", mime_type="application/octet-stream")
    plain = documents(world)[2].file
    assert (plain.name, plain.mime_type, len(plain.attributes)) == ("b.bin", "application/octet-stream", 1)


async def test_a_file_of_another_message_looks_as_it_did_there(world: EmulatedWorld, make: Make) -> None:
    """M7: its attributes, and of the entities those that the caption still has."""
    bold, gone = raw.types.MessageEntityBold(offset=0, length=9), raw.types.MessageEntityItalic(offset=7, length=2)
    voice = raw.types.DocumentAttributeAudio(duration=5, voice=True, waveform=b"wave")
    other_name = raw.types.DocumentAttributeFilename(file_name="other.ogg")
    original = Original((voice, other_name), (bold, gone))
    await make().send(name="a.ogg", mime_type="audio/ogg", caption="\U0001f3ac two", original=original)
    kept = _attribute(world, raw.types.DocumentAttributeAudio)
    assert (kept.voice, kept.waveform, documents(world)[0].file.name) == (True, b"wave", "a.ogg")
    [entity] = documents(world)[0].entities
    assert (type(entity), entity.offset, entity.length) == (raw.types.MessageEntityBold, 0, 6)
    assert (bold.length, gone.offset) == (9, 7), "those of the message itself stay"


def photos(world: EmulatedWorld) -> list[Any]:
    return [one for one in world.films.messages.values() if one.file is not None and one.file.kind == "photo"]


async def test_a_photo_is_posted_and_found_again_after_a_lost_answer(world: EmulatedWorld, make: Make) -> None:
    await make(jpeg()).send(shown_as=Photo(640, 640), mime_type="image/jpeg", caption="a.jpg", thumb=jpeg((320, 180)))
    [first] = photos(world)
    assert first.file.content.read(0, 1 << 20) == jpeg()
    world.emulator.faults.lost_answer(method=SEND, times=1)
    photo = {"shown_as": Photo(300, 200), "mime_type": "image/jpeg", "caption": "b.jpg"}
    second = await make(jpeg((300, 200)), file_id=8).send(**photo, since=since_now())
    assert [one.id for one in photos(world)] == [first.id, second]


def photo_message(id: int, *sides: tuple[int, int], caption: str = "a.jpg", out: bool = True) -> Any:
    sizes = [raw.types.PhotoSize(type="x", w=width, h=height, size=9) for width, height in sides]
    photo = raw.types.Photo(id=id, access_hash=0, file_reference=b"", date=0, sizes=sizes, dc_id=2)
    media = raw.types.MessageMediaPhoto(photo=photo)
    peer = raw.types.PeerChannel(channel_id=5)
    return raw.types.Message(id=id, peer_id=peer, date=0, message=caption, media=media, out=out)


def test_a_photo_is_known_by_its_caption_and_its_shape_which_telegram_keeps() -> None:
    messages = [
        photo_message(1, (90, 60), (2560, 1706)),
        photo_message(2, (1706, 2560)),
        photo_message(3, (2560, 1800)),
        photo_message(4, (2560, 1706), caption="b.jpg"),
        photo_message(5, (2560, 1706), out=False),
        photo_message(6),
        raw.types.Message(id=7, peer_id=raw.types.PeerChannel(channel_id=5), date=0, message="a.jpg", out=True),
    ]
    assert [one.id for one in with_photo(messages, Photo(5000, 3333), caption="a.jpg")] == [1, 2]


async def test_a_photo_that_telegram_does_not_take_is_posted_as_a_document(world: EmulatedWorld, make: Make) -> None:
    """U7, also where its header promised something else."""
    for number, data in enumerate((png(7000, 5400), png(2100, 100), jpeg()[:20]), 20):
        id = await make(data, file_id=number).send(
            shown_as=Photo(7000, 5400), name="a.png", mime_type="image/png", caption="a.png"
        )
        assert (world.films.messages[id].file.kind, world.films.messages[id].file.name) == ("document", "a.png")
    assert photos(world) == []


async def test_a_thumbnail_goes_with_it_also_after_a_lost_answer(world: EmulatedWorld, make: Make) -> None:
    """U5; the first request has used the uploaded picture."""
    picture = jpeg((320, 180))
    world.emulator.faults.error(500, "RPC_CALL_FAIL", method=SEND, times=1)
    await make().send(thumb=picture)
    [thumb] = [one for one in documents(world)[0].file.thumbs if one.type == "m"]
    assert (thumb.width, thumb.height, thumb.content.read(0, 1 << 20)) == (320, 180, picture)


@pytest.mark.parametrize("thumb", [b"\x89PNG\r\n\x1a\n" + bytes(500), b"\xff\xd8" + bytes(200_000), b""])
async def test_a_thumbnail_that_telegram_would_ignore_is_left_out(
    world: EmulatedWorld, make: Make, thumb: bytes
) -> None:
    await make().send(thumb=thumb)
    assert documents(world)[0].file.thumbs == []
    assert world.emulator.counters.value("parts_saved") == 4


@pytest.mark.parametrize(
    ("caption", "shown"),
    [
        ("😀" * 512, "😀" * 512),
        ("e\u0301 **not bold** <b>&amp;", "e\u0301 **not bold** <b>&amp;"),
        ("half \ud83d", "half \ufffd"),
        ("whole \ud83d\ude00", "whole 😀"),
    ],
)
async def test_captions_and_names_go_as_they_are_in_whole_characters(
    world: EmulatedWorld, make: Make, caption: str, shown: str
) -> None:
    message = await make().send(caption=caption, name=f"{caption[-7:]}.mkv")
    [post] = documents(world)
    assert (post.id, post.text) == (message, shown)
    assert post.file.name == f"{caption[-7:]}.mkv".encode("utf-16", "surrogatepass").decode("utf-16", "replace")


async def test_a_caption_beyond_the_limit_in_utf16_units_is_refused(world: EmulatedWorld, make: Make) -> None:
    with pytest.raises(UploadFailed, match="1,024"):
        await make().send(caption="😀" * 513)


async def test_a_reply_is_one(world: EmulatedWorld, make: Make) -> None:
    first = await world.emulator.world.post(world.films, text="asked for")
    await make().send(reply_to=first.id)
    assert documents(world)[0].reply_to == first.id


async def test_what_was_posted_is_listed_the_newest_first(world: EmulatedWorld, make: Make) -> None:
    ids = [await make(file_id=number).send() for number in (1, 2, 3)]
    await make(file_id=4).send(name="other.mp4")
    uploads, chat_id = make().uploads, chat_id_of(world.films)
    assert list(await uploads.posted(chat_id, name="film.mp4", size=SIZE)) == ids[::-1]
    assert list(await uploads.posted(chat_id, name="film.mp4", size=SIZE, newest=2)) == ids[2:]
    assert list(await uploads.posted(chat_id, name="film.mp4", size=1)) == []


async def test_nobody_else_s_documents_are_listed_of_a_group(world: EmulatedWorld, make: Make) -> None:
    group = world.emulator.world.add_channel("Group", creator=world.owner, megagroup=True)
    world.emulator.world.add_member(group, world.bot, admin=True)
    mine = await make().send(chat_id=chat_id_of(group))
    file = group.messages[mine].file
    await world.emulator.world.post(group, sender=world.owner, file=file)
    assert list(await make().uploads.posted(chat_id_of(group), name="film.mp4", size=SIZE)) == [mine]


@pytest.mark.parametrize("seed", range(2))
async def test_several_files_through_a_bad_network_arrive_once_and_whole(
    world: EmulatedWorld, make: Make, seed: int
) -> None:
    """Connections that break, answers that are lost, errors and waits, in an order that the seed tells."""
    order, faults = random.Random(seed), world.emulator.faults
    faults.old_answer(times=order.randrange(3))
    for method in ("upload.saveBigFilePart", "upload.saveFilePart", SEND):
        for _ in range(3):
            kinds: list[Callable[..., Any]] = [
                faults.drop,
                faults.lost_answer,
                partial(faults.error, 500, "RPC_CALL_FAIL"),
                partial(faults.error, -503, "Timeout"),
                partial(faults.flood_wait, 1, premium=order.random() < 0.5),
            ]
            kind = order.choice(kinds)
            kind(method=method, after=order.randrange(12 if method != SEND else 3), times=order.randrange(1, 3))
    sizes = [order.randrange(1, 24 * PART) for _ in range(4)]
    jobs = [make(random_data(size, seed=size), file_id=number) for number, size in enumerate(sizes)]
    found = await asyncio.gather(*(job.send(name=f"{job.file_id}.mp4") for job in jobs))
    files = {message.id: message.file for message in documents(world)}
    assert sorted(files) == sorted(found)
    for number, job in zip(found, jobs, strict=True):
        assert files[number].name == f"{job.file_id}.mp4"
        assert files[number].content.read(0, 1 << 30) == job.data
