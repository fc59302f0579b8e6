"""What becomes of uploads when they are sent: the rules of photos, thumbnails, animations, albums and repeats."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from pyrogram import raw

from tests.support.ffmpeg_films import run_ffmpeg
from tests.support.films import jpeg
from tests.support.muxed_films import muxed
from tests.support.offline import ALICE, SetClock, call_of, offline_emulator
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.faults.registry import DropConnection
from tgemulator.services.registry import METHODS, Call
from tgemulator.world.content import BytesContent
from tgemulator.world.uploads import MAX_PART

messages, types, upload = raw.functions.messages, raw.types, raw.functions.upload
_numbers: Iterator[int] = iter(range(1, 10**6))


@pytest.fixture
def emulator() -> Emulator:
    return offline_emulator(SetClock())


@pytest.fixture
def call(emulator: Emulator) -> Call:
    user = emulator.world.add_user("1000", first_name="Alice", id=ALICE, home_dc=2)
    emulator.world.add_channel("Films", creator=user, id=77)
    call = call_of(emulator)
    call.name = "messages.sendMedia"
    return call


def _peer(call: Call) -> Any:
    """The channel, as its owner names it."""
    access_hash = call.server.world.access_hash(ALICE, "channel", number=77)
    return types.InputPeerChannel(channel_id=77, access_hash=access_hash)


async def ask(call: Call, query: Any) -> Any:
    return await METHODS[query.ID].handler(call, query)


async def refusal(call: Call, query: Any) -> tuple[int, str]:
    with pytest.raises(RpcError) as error:
        await ask(call, query)
    return error.value.code, error.value.text


async def uploaded(call: Call, data: bytes, *, big: bool = False) -> Any:
    """The InputFile of uploaded bytes."""
    number, parts = next(_numbers), -(-len(data) // MAX_PART)
    for part in range(parts):
        piece = data[part * MAX_PART : (part + 1) * MAX_PART]
        if big:
            query = upload.SaveBigFilePart(file_id=number, file_part=part, file_total_parts=parts, bytes=piece)
        else:
            query = upload.SaveFilePart(file_id=number, file_part=part, bytes=piece)
        await ask(call, query)
    if big:
        return types.InputFileBig(id=number, parts=parts, name="file")
    return types.InputFile(id=number, parts=parts, name="file", md5_checksum="")


def send(call: Call, media: Any, *, random_id: int = 1, caption: str = "") -> Any:
    return messages.SendMedia(peer=_peer(call), media=media, message=caption, random_id=random_id)


def document(file: Any, *, mime_type: str = "video/mp4", attributes: Any = (), **flags: Any) -> Any:
    return types.InputMediaUploadedDocument(file=file, mime_type=mime_type, attributes=list(attributes), **flags)


def sent(call: Call) -> list[Any]:
    """The files in the channel."""
    posts = call.server.world.channel(77).messages.values()
    return [post.file for post in posts if post.file is not None]


def png(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size).save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_repeat_is_known_before_the_upload_is_looked_for(call: Call) -> None:
    query = send(call, document(await uploaded(call, b"content")))
    await ask(call, query)
    assert await refusal(call, query) == (500, "RANDOM_ID_DUPLICATE")
    assert len(sent(call)) == 1


async def test_a_repeat_may_be_answered_with_the_message_of_then(call: Call) -> None:
    query = send(call, document(await uploaded(call, b"content")))
    first = await ask(call, query)
    with call.server.faults.old_answer():
        assert str(await ask(call, query)) == str(first)
    assert len(sent(call)) == 1


async def test_a_refused_message_does_not_use_its_random_id(call: Call) -> None:
    file = await uploaded(call, b"content")
    assert await refusal(call, send(call, document(file), caption="x" * 1025)) == (400, "MEDIA_CAPTION_TOO_LONG")
    missing = types.InputFile(id=10**7, parts=1, name="x", md5_checksum="")
    assert await refusal(call, send(call, document(missing))) == (400, "FILE_PART_0_MISSING")
    await ask(call, send(call, document(file)))
    assert len(sent(call)) == 1


async def test_an_answer_may_be_lost_after_the_call_or_its_refusal(call: Call) -> None:
    query = send(call, document(await uploaded(call, b"content")))
    fault = call.server.faults.lost_answer(method="messages.sendMedia", times=1)
    call.server.faults.after_call(call, "messages.sendMessage", query)
    with pytest.raises(DropConnection):
        call.server.faults.after_call(call, "messages.sendMedia", query)
    call.server.faults.after_call(call, "messages.sendMedia", query)
    assert (fault.seen, fault.used) == (2, 1)


@pytest.mark.parametrize(
    ("units", "fits"), [("a" * 1024, True), ("a" * 1025, False), ("😀" * 512, True), ("😀" * 513, False)]
)
async def test_captions_are_counted_in_utf16_units(call: Call, units: str, fits: bool) -> None:
    query = send(call, document(await uploaded(call, b"content")), caption=units)
    if fits:
        await ask(call, query)
    else:
        assert await refusal(call, query) == (400, "MEDIA_CAPTION_TOO_LONG")


@pytest.mark.parametrize(
    ("size", "error"),
    [
        ((7000, 3000), None),
        ((7000, 3001), "PHOTO_INVALID_DIMENSIONS"),
        ((7000, 5400), "PHOTO_INVALID_DIMENSIONS"),
        ((2000, 100), None),
        ((2001, 100), "PHOTO_INVALID_DIMENSIONS"),
        ((20, 401), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_a_photo_of_wrong_dimensions_is_refused_and_its_upload_remains(
    call: Call, size: tuple[int, int], error: str | None
) -> None:
    """U7: the same upload goes as a document then."""
    file = await uploaded(call, png(size))
    photo = send(call, types.InputMediaUploadedPhoto(file=file))
    if error is None:
        await ask(call, photo)
        return
    assert await refusal(call, photo) == (400, error)
    await ask(call, send(call, document(file, mime_type="image/png")))
    assert [one.kind for one in sent(call)] == ["document"]


async def test_a_photo_above_ten_megabytes_is_refused(call: Call) -> None:
    file = await uploaded(call, jpeg((64, 64)) + bytes(10_000_000), big=True)
    assert await refusal(call, send(call, types.InputMediaUploadedPhoto(file=file))) == (400, "PHOTO_SAVE_FILE_INVALID")


@pytest.mark.parametrize(
    ("picture", "kept"),
    [
        (jpeg((320, 180)), True),
        (jpeg((180, 320)), True),
        (jpeg((321, 180)), False),
        (png((320, 180)), False),
        (b"\xff\xd8 no picture", False),
        (jpeg((320, 180)) + bytes(200_000), False),
    ],
)
async def test_a_thumbnail_that_breaks_a_rule_is_ignored(call: Call, picture: bytes, kept: bool) -> None:
    """U5"""
    media = document(await uploaded(call, b"content"), thumb=await uploaded(call, picture))
    await ask(call, send(call, media))
    assert ["m" in {thumb.type for thumb in file.thumbs} for file in sent(call)] == [kept]


def _animated(call: Call) -> bool:
    [file] = sent(call)
    return any(isinstance(one, types.DocumentAttributeAnimated) for one in file.attributes)


@pytest.fixture(scope="module")
def silent_film() -> bytes:
    picture = ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-an", "-movflags", "frag_keyframe+empty_moov"]
    return run_ffmpeg([*picture, "-f", "mp4", "pipe:1"])


@pytest.mark.parametrize(
    ("flags", "animated"), [({}, True), ({"nosound_video": True}, False), ({"force_file": True}, False)]
)
async def test_an_mp4_without_sound_becomes_an_animation(
    call: Call, silent_film: bytes, flags: dict[str, Any], animated: bool
) -> None:
    """U3"""
    await ask(call, send(call, document(await uploaded(call, silent_film), **flags)))
    assert _animated(call) is animated


async def test_a_film_with_sound_and_what_is_no_mp4_stay_what_they_are(call: Call, silent_film: bytes) -> None:
    film = muxed("mp4", [("aac", 48_000)], seconds=1)
    await ask(call, send(call, document(await uploaded(call, film))))
    await ask(call, send(call, document(await uploaded(call, silent_film), mime_type="video/x-matroska"), random_id=2))
    await ask(call, send(call, document(await uploaded(call, b"no film")), random_id=3))
    kinds = {type(one) for file in sent(call) for one in file.attributes}
    assert types.DocumentAttributeAnimated not in kinds


async def test_synthetic_bytes_are_judged_by_their_attributes(call: Call) -> None:
    video = types.DocumentAttributeVideo(duration=1.0, w=64, h=64, nosound=True)
    await ask(call, send(call, document(await uploaded(call, b"synthetic"), attributes=[video])))
    assert _animated(call)


_PHOTO, _VIDEO, _SONG, _PLAIN = "photo", "video", "song", "plain"


@pytest.mark.parametrize(
    ("kinds", "allowed"),
    [
        ((_PHOTO, _VIDEO), True),
        ((_SONG, _SONG), True),
        ((_PLAIN, _PLAIN), True),
        ((_PHOTO, _SONG), False),
        ((_VIDEO, _PLAIN), False),
        ((_SONG, _PLAIN), False),
        ((_PHOTO, _VIDEO, _PLAIN), False),
    ],
)
async def test_an_album_holds_kinds_that_go_together(call: Call, kinds: tuple[str, ...], allowed: bool) -> None:
    items = [
        types.InputSingleMedia(media=_stored(call, kind), random_id=number, message="")
        for number, kind in enumerate(kinds, start=1)
    ]
    query = messages.SendMultiMedia(peer=_peer(call), multi_media=items)
    if allowed:
        await ask(call, query)
        assert len(sent(call)) == len(kinds)
    else:
        assert await refusal(call, query) == (400, "MEDIA_INVALID")
        assert sent(call) == []


def _stored(call: Call, kind: str) -> Any:
    """InputMedia of a file that is on Telegram already."""
    attributes = {
        _VIDEO: [types.DocumentAttributeVideo(duration=1.0, w=64, h=64)],
        _SONG: [types.DocumentAttributeAudio(duration=1)],
    }.get(kind, [])
    files, photo = call.server.files, kind == _PHOTO
    file = files.add(
        BytesContent(jpeg((64, 64))), dc_id=2, kind="photo" if photo else "document", attributes=attributes
    )
    media = files.media_for(file, account_id=ALICE, origin=1)
    held = media.photo if photo else media.document
    keys = {"id": held.id, "access_hash": held.access_hash, "file_reference": held.file_reference}
    if photo:
        return types.InputMediaPhoto(id=types.InputPhoto(**keys))
    return types.InputMediaDocument(id=types.InputDocument(**keys))


async def test_premium_and_lowered_limits_count_at_once(call: Call) -> None:
    user = call.user
    query = upload.SaveBigFilePart(file_id=1, file_part=3, file_total_parts=4, bytes=b"x")
    user.api_limits["parts"] = 3
    assert await refusal(call, query) == (400, "FILE_PARTS_INVALID")
    user.api_limits["premium"] = True
    assert await ask(call, query) is True
    config = await ask(call, raw.functions.help.GetAppConfig(hash=0))
    assert [int(one.value.value) for one in config.config.value] == [3, 6]
    same = await ask(call, raw.functions.help.GetAppConfig(hash=config.hash))
    assert isinstance(same, types.help.AppConfigNotModified)


async def test_uploads_expire_together(call: Call) -> None:
    file = await uploaded(call, b"content")
    call.server.files.uploads.expire()
    assert await refusal(call, send(call, document(file))) == (400, "FILE_PART_0_MISSING")
