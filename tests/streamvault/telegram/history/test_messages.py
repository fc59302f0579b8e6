"""Messages become MediaFiles: every kind of media, and messages without any."""

import math
from typing import Any

import pytest
from pyrogram import raw
from telethon.utils import stripped_photo_to_jpg

from streamvault.errors import FileMissing, SourceBusy
from streamvault.media.model import Sent
from streamvault.media.placeholder import expand, placeholder
from streamvault.telegram import message_media
from streamvault.telegram.history.messages import media_file
from tests.streamvault.telegram.conftest import Online
from tests.support.films import jpeg
from tests.support.stack import FOREIGN_DC, EmulatedWorld, chat_id_of
from tgemulator.world.content import BytesContent
from tgemulator.world.stored_file import Thumb
from tgemulator.world.stripped_thumbnails import stripped_thumbnail
from tgemulator.world.thumbs import with_stripped

Video, Audio = raw.types.DocumentAttributeVideo, raw.types.DocumentAttributeAudio
NAME = raw.types.DocumentAttributeFilename(file_name="name 'of' \u202e\n🎬.bin")
STICKER = raw.types.DocumentAttributeSticker(alt="🙂", stickerset=raw.types.InputStickerSetEmpty())


def message(held: Any, text: str = "a caption", **extra: Any) -> Any:
    return raw.types.Message(
        id=7, peer_id=raw.types.PeerChannel(channel_id=55), date=1000, message=text, media=held, **extra
    )


def document(*attributes: Any, mime_type: str = "application/octet-stream", size: int = 10, thumbs: Any = None) -> Any:
    return raw.types.MessageMediaDocument(
        document=raw.types.Document(
            id=1234567890123, access_hash=-5, file_reference=b"ref", date=1, mime_type=mime_type, size=size,
            dc_id=4, attributes=list(attributes), thumbs=thumbs,
        )
    )  # fmt: skip


def photo(*sizes: Any) -> Any:
    return raw.types.MessageMediaPhoto(
        photo=raw.types.Photo(id=99, access_hash=5, file_reference=b"ref", date=1, sizes=list(sizes), dc_id=2)
    )


@pytest.mark.parametrize(
    ("attributes", "mime_type", "kind", "name"),
    [
        ([], "application/pdf", "document", "document-7.pdf"),
        ([], "", "document", "document-7.bin"),
        ([NAME], "application/pdf", "document", NAME.file_name),
        ([Video(duration=61.5, w=1920, h=1080)], "video/x-matroska", "video", "video-7.mkv"),
        ([Video(duration=3, w=240, h=240, round_message=True)], "video/mp4", "video_note", "video_note-7.mp4"),
        ([Video(duration=3, w=2, h=2), raw.types.DocumentAttributeAnimated()], "video/mp4", "animation",
         "animation-7.mp4"),
        ([Audio(duration=180, title="T", performer="P"), NAME], "audio/flac", "audio", NAME.file_name),
        ([Audio(duration=2, voice=True)], "audio/ogg", "voice", "voice-7.ogg"),
        ([STICKER, raw.types.DocumentAttributeImageSize(w=512, h=512)], "image/webp", "sticker", "sticker-7.webp"),
        ([STICKER, Video(duration=1, w=512, h=512)], "video/webm", "sticker", "sticker-7.webm"),
        ([STICKER], "application/x-tgsticker", "sticker", "sticker-7.tgs"),
    ],
)  # fmt: skip
def test_kinds_and_names(attributes: list[Any], mime_type: str, kind: str, name: str) -> None:
    file = message_media.describe(message(document(*attributes, mime_type=mime_type), text=""))
    assert file is not None
    assert (file.kind, file.name) == (kind, name)
    assert file.mime_type == (mime_type or "application/octet-stream")
    assert file.sent == Sent(kind, NAME.file_name if any(item is NAME for item in attributes) else "", mime_type)  # type: ignore[arg-type]


def test_what_a_file_is_is_decided_at_once() -> None:
    """A film that was sent as a document without a name, and without a type that tells anything."""
    held = document(raw.types.DocumentAttributeFilename(file_name="movie.mkv"))
    file = message_media.describe(message(held, text="Cold Ledger 2009 1080p BluRay"))
    assert file is not None
    assert (file.kind, file.mime_type) == ("video", "video/x-matroska")
    assert file.name == "Cold Ledger 2009 1080p BluRay.mkv"
    assert file.sent == Sent("document", "movie.mkv", "application/octet-stream")


def test_every_field_of_a_video_and_an_audio_file() -> None:
    thumbs = [
        raw.types.PhotoStrippedSize(type="i", bytes=b"\x01\x16\x28tiny"),
        raw.types.PhotoSize(type="m", w=320, h=180, size=9),
        raw.types.PhotoSize(type="s", w=90, h=50, size=3),
    ]
    video = message_media.describe(message(document(Video(duration=61.5, w=1920, h=1080), size=1 << 33, thumbs=thumbs)))
    assert video is not None
    assert (video.origin.chat_id, video.origin.message_id, video.dc_id) == (-1000000000055, 7, 4)
    assert (video.size, video.duration, video.width, video.height) == (1 << 33, 61.5, 1920, 1080)
    assert (video.date, video.edit_date, video.caption) == (1000, None, "a caption")
    assert video.thumb_sizes == ("s", "m")
    assert video.stripped == b"\x01\x16\x28tiny"
    audio = message_media.describe(message(document(Audio(duration=180, title="T", performer="P")), edit_date=2000))
    assert audio is not None
    assert (audio.duration, audio.title, audio.performer, audio.edit_date) == (180.0, "T", "P", 2000)
    assert (audio.width, audio.height, audio.thumb_sizes, audio.stripped) == (None, None, (), b"")


@pytest.mark.parametrize("duration", [math.nan, math.inf, -math.inf])
def test_a_duration_that_is_no_number_is_unknown(duration: float) -> None:
    file = message_media.describe(message(document(Video(duration=duration, w=2, h=2))))
    assert file is not None
    assert (file.kind, file.duration) == ("video", None)


def test_a_hidden_edit_has_no_edit_date() -> None:
    file = message_media.describe(message(document(), edit_date=2000, edit_hide=True))
    assert file is not None
    assert file.edit_date is None


@pytest.mark.parametrize(("post", "sender", "in_group"), [
    (True, None, False),
    (True, 7, False),  # signed
    (None, None, False),  # servers that leave the flag out
    (None, 7, True),
])  # fmt: skip
def test_only_a_channels_posts_are_not_in_a_group(post: bool | None, sender: int | None, in_group: bool) -> None:
    file = message_media.describe(
        message(document(), post=post, from_id=None if sender is None else raw.types.PeerUser(user_id=sender))
    )
    assert file is not None
    assert file.in_group is in_group


def test_a_photo_is_its_largest_size() -> None:
    sizes = [
        raw.types.PhotoStrippedSize(type="i", bytes=b"x"),
        raw.types.PhotoSizeProgressive(type="y", w=1280, h=720, sizes=[1000, 5000, 70000]),
        raw.types.PhotoSize(type="m", w=320, h=180, size=900),
        raw.types.PhotoCachedSize(type="s", w=90, h=50, bytes=b"tiny"),
    ]
    held = photo(*sizes)
    file = message_media.describe(message(held))
    assert file is not None
    assert (file.kind, file.name, file.mime_type) == ("photo", "a caption.jpg", "image/jpeg")
    assert (file.size, file.width, file.height, file.thumb_sizes) == (70000, 1280, 720, ("m",))
    assert file.stripped == b""  # one byte is no picture
    assert message_media.input_location(held.photo, "") == message_media.input_location(held.photo, "y")
    assert message_media.input_location(held.photo, "m").thumb_size == "m"


@pytest.mark.parametrize(
    "held",
    [
        None,
        raw.types.MessageMediaUnsupported(),
        raw.types.MessageMediaDocument(ttl_seconds=5),
        raw.types.MessageMediaDocument(document=raw.types.DocumentEmpty(id=1)),
        raw.types.MessageMediaPhoto(),
        photo(raw.types.PhotoStrippedSize(type="i", bytes=b"x")),
        raw.types.MessageMediaGeo(geo=raw.types.GeoPointEmpty()),
    ],
)
def test_a_message_without_a_file(held: Any) -> None:
    assert message_media.describe(message(held)) is None


async def test_a_file_from_kurigrams_message_equals_the_one_read(world: EmulatedWorld, online: Online) -> None:
    attributes = [Video(duration=12.5, w=640, h=360)]
    chat_id, message_id = await world.post_file(
        BytesContent(b"film"), dc_id=FOREIGN_DC, attributes=attributes, name="Фильм.mp4"
    )
    file = await online.file((chat_id, message_id))
    seen = await online.accounts.main.client.get_messages(chat_id, message_id)
    assert media_file(seen) == file
    assert (file.kind, file.name, file.size) == ("video", "Фильм.mp4", 4)
    assert seen.video.file_unique_id == file.key.file_unique_id


async def test_photos_can_be_read_and_fetched(world: EmulatedWorld, online: Online) -> None:
    attributes = [raw.types.DocumentAttributeImageSize(w=800, h=600)]
    origin = await world.post_file(BytesContent(b"jpeg"), dc_id=FOREIGN_DC, kind="photo", attributes=attributes)
    file = await online.file(origin)
    assert (file.kind, file.size, file.width, file.height) == ("photo", 4, 800, 600)
    assert await online.source.fetch(file, 0, 4096) == b"jpeg"
    assert await online.source.thumbnail(file) == b"jpeg"


async def test_the_stripped_thumbnail_comes_with_the_message(world: EmulatedWorld, online: Online) -> None:
    thumbs = with_stripped([Thumb("m", 320, 180, BytesContent(jpeg((320, 180))))])
    file = await online.file(await world.post_file(BytesContent(b"film"), thumbs=thumbs))
    assert file.thumb_sizes == ("m",)
    assert expand(file.stripped) == stripped_photo_to_jpg(stripped_thumbnail(jpeg((320, 180))))
    assert placeholder(file.stripped).startswith("data:image/jpeg;base64,")


async def test_a_file_sent_to_the_bot_in_private_can_be_read(world: EmulatedWorld, online: Online) -> None:
    file = world.emulator.files.add(BytesContent(b"private"), dc_id=FOREIGN_DC, name="private.txt")
    sent = await world.emulator.world.send_private(world.owner, world.bot, file=file)
    found = await online.file((world.owner.id, sent.id))
    assert (found.name, found.origin.chat_id) == ("private.txt", world.owner.id)
    assert await online.source.fetch(found, 0, 4096) == b"private"


async def test_a_message_that_the_bot_cannot_read_is_missing(world: EmulatedWorld, online: Online) -> None:
    text = await world.emulator.world.post(world.films, text="no file")
    other = world.emulator.world.add_channel("Other", creator=world.owner)
    hidden = await world.post_file(BytesContent(b"hidden"), channel=other)
    films = chat_id_of(world.films)
    for chat_id, message_id in ((films, text.id), (films, 4711), (4242, 1), (-4242, 1)):
        assert await online.messages.read(chat_id, [message_id]) == {}
    for chat_id, message_id in (hidden, (-1009999999999, 1)):
        with pytest.raises(FileMissing):
            await online.messages.read(chat_id, [message_id])


async def test_messages_of_a_channel_are_read_in_one_request(world: EmulatedWorld, online: Online) -> None:
    """8: those that hold a file; what is no message, or holds none, is left out."""
    places = [await world.post_file(BytesContent(bytes([number]))) for number in range(3)]
    text = await world.emulator.world.post(world.films, text="no file")
    films = chat_id_of(world.films)
    asked = [place[1] for place in places] + [text.id, *range(100_000, 100_096)]
    before = world.emulator.counters.value("calls", method="channels.getMessages")
    found = await online.messages.read(films, asked)
    assert world.emulator.counters.value("calls", method="channels.getMessages") == before + 1
    assert sorted(found) == [place[1] for place in places]
    for number, (_, message_id) in enumerate(places):
        assert await online.source.fetch(found[message_id], 0, 4096) == bytes([number])
    assert world.emulator.counters.value("calls", method="channels.getMessages") == before + 1


async def test_no_message_is_read_during_a_flood_wait(world: EmulatedWorld, online: Online) -> None:
    origin = await world.post_file(BytesContent(b"film"))
    world.emulator.faults.flood_wait(60, method="channels.getMessages")
    for _ in range(3):
        with pytest.raises(SourceBusy):
            await online.file(origin)
    assert world.emulator.counters.value("calls", method="channels.getMessages") == 1
