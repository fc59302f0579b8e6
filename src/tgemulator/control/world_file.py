"""Worlds described in JSON, so that an emulator can be started with accounts, chats and files.

    {
      "users": [{"ref": "owner", "phone": "+15550100", "first_name": "Ada", "username": "ada_l",
                 "password": "", "code": "12345", "home_dc": 2, "id": 500000001}],
      "bots": [{"ref": "bot", "token": "4242:secret", "name": "Vault", "username": "vault_bot", "home_dc": 2}],
      "channels": [{"ref": "films", "title": "Films", "creator": "owner", "username": "", "megagroup": false,
                    "id": 1500000001, "members": [{"who": "bot", "admin": true}],
                    "posts": [{"text": "A film", "file": {"path": "film.mp4", "kind": "video", "duration": 90,
                                                          "width": 1920, "height": 1080, "dc": 4}}]}],
      "groups": [{"ref": "friends", "title": "Friends", "creator": "owner", "members": [{"who": "bot"}]}],
      "messages": [{"from": "owner", "to": "bot", "text": "/start"}]
    }

`ref` is the name of an entry in the rest of the file; the default is its username, or title. A file
has a `path` (relative to the JSON file) or a `size` and `seed` (synthetic); `kind` is document,
video, audio, voice, animation, photo, sticker or video_note, described further by duration (s),
width, height (pixels), title, performer, emoji; `name`, `mime_type` and `dc` have defaults; `thumb`
is the path of a JPEG; `cdn` true puts it on the CDN DC. Ids are given in the order of the
file, so they are the same after every restart.
"""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyrogram import raw

from tgemulator.control.file_kinds import KINDS, attributes_of
from tgemulator.control.json_object import JsonObject, WorldFileError
from tgemulator.control.json_text import JsonError, parse_json
from tgemulator.emulator import Emulator
from tgemulator.world.content import Content, DiskContent, SyntheticContent
from tgemulator.world.images import image_size
from tgemulator.world.model import Channel, Chat, User
from tgemulator.world.stored_file import StoredFile, Thumb
from tgemulator.world.thumbs import with_stripped

__all__ = ["WorldFileError", "build_world"]

_DEFAULT_MIME = {
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "photo": "image/jpeg",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}


async def build_world(
    emulator: Emulator, description: Mapping[str, Any] | Path, *, folder: Path | None = None
) -> dict[str, User | Chat]:
    """Make everything that a description names; returns it by `ref`.

    `description` is the JSON object, or the path of a file with one; `folder` is where relative
    paths of files begin (the JSON file's own, or the working directory). WorldFileError names the
    entry that is wrong.
    """
    if isinstance(description, Path):
        folder = folder or description.parent
        description = _read(description)
    builder = _Builder(emulator, folder or Path())
    await builder.build(JsonObject("the world", description))
    return builder.made


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = parse_json(path.read_bytes())
    except OSError as error:
        raise WorldFileError(f"{path}: {error.strerror}") from error
    except JsonError as error:
        raise WorldFileError(f"{path} {error}") from error
    if not isinstance(found, dict):
        raise WorldFileError(f"{path}: a world is a JSON object")
    return found


class _Builder:
    """Builds a description, once, from top to bottom."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.made: dict[str, User | Chat] = {}
        self._emulator = emulator
        self._world = emulator.world
        self._folder = folder

    async def build(self, world: JsonObject) -> None:
        """Build everything, in an order in which entries refer to earlier ones only."""
        for item in world.items("users"):
            self._user(item)
        for item in world.items("bots"):
            self._bot(item)
        channels, groups = world.items("channels"), world.items("groups")
        for item in channels:
            await self._channel(item)
        for item in groups:
            await self._group(item)
        for item in world.items("messages"):
            await self._message(item)
        world.finish()

    def _user(self, item: JsonObject) -> None:
        phone, first_name = item.text("phone"), item.text("first_name")
        ref = item.text("ref", item.text("username", first_name))
        optional = item.optional(last_name=str, username=str, password=str, code=str, home_dc=int, id=int)
        self._keep(item, ref, make=lambda: self._world.add_user(phone, first_name=first_name, **optional))

    def _bot(self, item: JsonObject) -> None:
        token = item.text("token")
        ref = item.text("ref", item.text("username", token.partition(":")[0]))
        optional = item.optional(name=str, username=str, home_dc=int)
        reads_all = item.flag("reads_all")
        bot = self._keep(item, ref, make=lambda: self._world.add_bot(token, **optional))
        assert isinstance(bot, User)
        bot.reads_all = reads_all

    async def _channel(self, item: JsonObject) -> None:
        title, creator = item.text("title"), self._account(item, "creator")
        ref = item.text("ref", item.text("username", title))
        optional = item.optional(username=str, megagroup=bool, id=int)
        members, posts, about = item.items("members"), item.items("posts"), item.text("about", "")
        noforwards = item.flag("noforwards")
        chat = self._keep(item, ref, make=lambda: self._world.add_channel(title, creator=creator, **optional))
        assert isinstance(chat, Channel)
        chat.about, chat.noforwards = about, noforwards
        await self._fill(chat, members, posts=posts)

    async def _group(self, item: JsonObject) -> None:
        title, creator = item.text("title"), self._account(item, "creator")
        ref, optional = item.text("ref", title), item.optional(id=int)
        members, posts = item.items("members"), item.items("posts")
        chat = self._keep(item, ref, make=lambda: self._world.add_group(title, creator=creator, **optional))
        assert isinstance(chat, Chat)
        await self._fill(chat, members, posts=posts)

    async def _fill(self, chat: Chat, members: list[JsonObject], *, posts: list[JsonObject]) -> None:
        """Add members first, so that they get updates of the posts."""
        for member in members:
            user, admin, rights = self._account(member, "who"), member.flag("admin"), member.names("rights")
            member.finish()
            unknown = (rights or set()) - set(raw.types.ChatAdminRights.__slots__)
            if unknown:
                raise member.wrong(f"rights: unknown {', '.join(sorted(unknown))}")
            self._world.add_member(chat, user, admin=admin, rights=rights)
        for post in posts:
            sender = self._account(post, "sender") if post.has("sender") else None
            content = self._content(post)
            await self._world.post(chat, sender=sender, **content)

    async def _message(self, item: JsonObject) -> None:
        sender, recipient = self._account(item, "from"), self._account(item, "to")
        await self._world.send_private(sender, recipient, **self._content(item))

    def _content(self, item: JsonObject) -> dict[str, Any]:
        """Text, file and date of a post or message. WorldFileError if it has neither text nor file."""
        text, date = item.text("text", ""), item.optional(date=int)
        file = self._file(item.object("file")) if item.has("file") else None
        if not text and file is None:
            raise item.wrong("needs a text or a file")
        item.finish()
        return {"text": text, "file": file, **date}

    def _file(self, item: JsonObject) -> StoredFile:
        kind = item.text("kind", "document")
        if kind not in KINDS:
            raise item.wrong(f"kind is one of {', '.join(sorted(KINDS))}")
        content, default_name = self._bytes(item)
        name = item.text("name", default_name)
        mime_type = item.text("mime_type", mimetypes.guess_type(name)[0] or _DEFAULT_MIME[kind])
        dc_id = item.number("dc", self._emulator.config.dcs[0].id)
        if dc_id not in [dc.id for dc in self._emulator.config.dcs if not dc.cdn]:
            raise item.wrong(f"there is no DC {dc_id}")
        thumbs = with_stripped([self._thumb(item)] if item.has("thumb") else [])
        attributes, cdn = attributes_of(kind, item), item.flag("cdn")
        item.finish()
        stored_as = "photo" if kind == "photo" else "document"
        return self._emulator.files.add(
            content,
            dc_id=dc_id,
            name=name,
            mime_type=mime_type,
            kind=stored_as,
            attributes=attributes,
            thumbs=thumbs,
            cdn=cdn,
        )

    def _bytes(self, item: JsonObject) -> tuple[Content, str]:
        """The content of a file, and a name for it."""
        if item.has("path") == item.has("size"):
            raise item.wrong("needs either a path or a size")
        if item.has("path"):
            path = self._folder / item.text("path")
            return self._disk(item, path), path.name
        size, seed = item.number("size"), item.number("seed", 0)
        if size < 0:
            raise item.wrong("size is not negative")
        return SyntheticContent(size, seed), f"synthetic-{seed}.bin"

    def _thumb(self, item: JsonObject) -> Thumb:
        content = self._disk(item, self._folder / item.text("thumb"))
        width, height = image_size(content.read(0, 256 * 1024)) or (320, 180)
        return Thumb(type="m", width=width, height=height, content=content)

    def _disk(self, item: JsonObject, path: Path) -> DiskContent:
        try:
            return DiskContent(path)
        except OSError as error:
            raise item.wrong(f"cannot read {path}: {error.strerror}") from error

    def _account(self, item: JsonObject, key: str) -> User:
        """The user or bot that an entry refers to."""
        ref = item.text(key)
        found = self.made.get(ref)
        if not isinstance(found, User):
            raise item.wrong(f'{key}: there is no user or bot "{ref}" above')
        return found

    def _keep(self, item: JsonObject, ref: str, *, make: Any) -> User | Chat:
        """Make an entry under its ref. WorldFileError for a second one, unknown keys, or what World refuses."""
        item.finish()
        if ref in self.made:
            raise item.wrong(f'there are two entries "{ref}"')
        try:
            self.made[ref] = made = make()
        except ValueError as error:
            raise item.wrong(str(error)) from error
        assert isinstance(made, User | Chat)
        return made
