"""Worlds from JSON: built as described, the same each time; errors name the object with the mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from tgemulator.config import EmulatorConfig
from tgemulator.control.world_file import DescriptionError, build_world
from tgemulator.emulator import Emulator
from tgemulator.world.content import synthetic_bytes
from tgemulator.world.model import Channel, User

OWNER = {"ref": "owner", "phone": "+15550100", "first_name": "Ada", "home_dc": 2}
BOT = {"ref": "bot", "token": "4242:secret"}
FILM = {"size": 5_000_000_000, "seed": 3, "name": "film.mkv", "kind": "video", "duration": 90, "width": 1920, "dc": 4}


def world(**channel: Any) -> dict[str, Any]:
    return {
        "users": [OWNER],
        "bots": [BOT],
        "channels": [{"ref": "films", "title": "Films", "creator": "owner", **channel}],
    }


async def test_a_world_is_built(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    posts = [{"text": "A film", "file": FILM, "date": 1_600_000_000}, {"file": {"path": "notes.txt"}}]
    described = world(members=[{"who": "bot", "admin": True}], posts=posts)
    described["groups"] = [{"title": "Friends", "creator": "owner", "members": [{"who": "bot"}]}]
    described["messages"] = [{"from": "owner", "to": "bot", "text": "/start"}]
    (tmp_path / "world.json").write_text(json.dumps(described))
    emulator = Emulator()
    made = await build_world(emulator, tmp_path / "world.json")
    films, bot = made["films"], made["bot"]
    assert isinstance(films, Channel)
    assert isinstance(bot, User)
    film, notes = films.messages[2], films.messages[3]
    assert (film.text, film.date, films.is_admin(bot.id)) == ("A film", 1_600_000_000, True)
    assert film.file is not None
    assert (film.file.dc_id, film.file.size, film.file.mime_type) == (4, 5_000_000_000, "video/x-matroska")
    assert film.file.content.read(4_999_999_990, 100) == synthetic_bytes(3, 4_999_999_990, 10)
    kinds = [type(item) for item in film.file.attributes]
    assert kinds == [raw.types.DocumentAttributeVideo, raw.types.DocumentAttributeFilename]
    assert notes.file is not None
    assert (notes.file.name, notes.file.mime_type) == ("notes.txt", "text/plain")
    assert notes.file.content.read(0, 10) == b"hello"
    assert [message.text for message in emulator.world.mailbox(bot.id).messages.values()][-1] == "/start"
    assert "Friends" in made


async def test_the_messages_of_an_old_channel_have_high_ids() -> None:
    emulator = Emulator()
    made = await build_world(emulator, world(first_id=400_000, posts=[{"text": "new"}]))
    films = made["films"]
    assert isinstance(films, Channel)
    assert [(one.id, one.text) for one in films.messages.values()] == [(400_000, ""), (400_001, "new")]
    assert films.journal.pts == 400_002
    with pytest.raises(DescriptionError, match="first_id is at least 1"):
        await build_world(Emulator(), world(first_id=0))


async def test_the_ids_are_the_same_after_a_restart(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        emulator = Emulator(EmulatorConfig(folder=tmp_path))
        made = await build_world(emulator, world(posts=[{"file": FILM}]))
        films, owner = made["films"], made["owner"]
        assert isinstance(films, Channel)
        file = films.messages[2].file
        assert file is not None
        hashes = [emulator.world.access_hash(owner.id, "channel", number=films.id)]
        hashes.append(emulator.files.access_hash(file, owner.id))
        seen.append((films.id, owner.id, file.id, hashes))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["document", "photo", "video", "video_note", "animation", "audio", "voice", "sticker"])
async def test_every_kind_of_file_can_be_described(kind: str) -> None:
    emulator = Emulator()
    made = await build_world(emulator, world(posts=[{"file": {"size": 10, "kind": kind}}]))
    films, owner = made["films"], made["owner"]
    assert isinstance(films, Channel)
    file = films.messages[2].file
    assert file is not None
    media = emulator.files.media_for(file, account_id=owner.id, origin=1)
    expected = raw.types.MessageMediaPhoto if kind == "photo" else raw.types.MessageMediaDocument
    assert isinstance(media, expected)


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"user": []}, "the world: unknown: user"),
        ({"users": {}}, "the world: users: {} is of the wrong kind"),
        ({"users": [{"first_name": "Ada"}]}, r"the world, users\[0\]: phone is missing"),
        ({"users": [OWNER, OWNER]}, r'users\[1\]: there are two entries "owner"'),
        ({"users": [{**OWNER, "home_dc": 9}]}, r"users\[0\]: there is no DC 9"),
        ({"users": [{**OWNER, "id": True}]}, r"users\[0\]: id: True is of the wrong kind"),
        ({"bots": [{"token": "x"}]}, r"bots\[0\]: a bot token is digits"),
        ({"bots": ["x"]}, r"bots\[0\]: a JSON object is expected"),
        (world(creator="nobody"), r'channels\[0\]: creator: there is no user or bot "nobody" above'),
        (world(members=[{"who": "bot", "rights": ["fly"]}]), r"members\[0\]: rights: unknown fly"),
        (world(members=[{"who": "bot", "rights": [1]}]), "rights is a list of names"),
        (world(posts=[{}]), r"posts\[0\]: needs a text or a file"),
        (world(posts=[{"file": {}}]), r"posts\[0\], file: needs one of path, size, base64"),
        (world(posts=[{"file": {"size": -1}}]), "size is a number from 0 to"),
        (world(posts=[{"file": {"size": 1, "kind": "film"}}]), "file: kind is one of animation, audio"),
        (world(posts=[{"file": {"size": 1, "dc": 7}}]), "there is no DC 7"),
        (world(posts=[{"file": {"path": "missing.mp4"}}]), "cannot read missing.mp4: No such file"),
        (world(posts=[{"file": {"size": 1, "colour": "red"}}]), "file: unknown: colour"),
    ],
)
async def test_an_error_names_the_object_with_the_mistake(described: dict[str, Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        await build_world(Emulator(), described)


@pytest.mark.parametrize("text", ["{", "[]", r'{"users": "\ud83d"}', "[" * 100_000])
async def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "world.json"
    file.write_text(text)
    with pytest.raises(DescriptionError, match=r"world\.json"):
        await build_world(Emulator(), file)
    with pytest.raises(DescriptionError, match=r"other\.json"):
        await build_world(Emulator(), tmp_path / "other.json")
