"""Worlds described in JSON, so that an emulator can be started with accounts, chats and files.

    {
      "users": [{"ref": "owner", "phone": "+15550100", "first_name": "Ada", "username": "ada_l",
                 "password": "", "code": "12345", "home_dc": 2, "id": 500000001}],
      "bots": [{"ref": "bot", "token": "4242:secret", "name": "Vault", "username": "vault_bot", "home_dc": 2}],
      "channels": [{"ref": "films", "title": "Films", "creator": "owner", "username": "", "megagroup": false,
                    "forum": false, "topics": [], "id": 1500000001, "members": [{"who": "bot", "admin": true}],
                    "posts": [{"text": "A film", "file": {"path": "film.mp4", "kind": "video", "duration": 90,
                                                          "width": 1920, "height": 1080, "dc": 4}}]}],
      "groups": [{"ref": "friends", "title": "Friends", "creator": "owner", "members": [{"who": "bot"}]}],
      "messages": [{"from": "owner", "to": "bot", "text": "/start"}]
    }

`ref` is the name of an entry in the rest of the file; the default is its username, or title. docs/EMULATOR.md lists
the keys of posts and files. A channel's `discussion` is the ref of a supergroup above it; a group with `migrated` true
becomes a supergroup after its posts. Ids are given in the order of the file, so they are the same after every restart.
Over the control API (POST /world), a whole number names an account or chat that exists already.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyrogram import raw

from tgemulator.control.file_descriptions import FileDescriptions
from tgemulator.control.json_object import DescriptionError, JsonObject
from tgemulator.control.json_text import JsonError, parse_json
from tgemulator.control.message_descriptions import MessageDescriptions
from tgemulator.control.references import References
from tgemulator.emulator import Emulator
from tgemulator.world.model import Channel, Chat, Group, User

__all__ = ["DescriptionError", "build_world"]


async def build_world(
    emulator: Emulator, description: Mapping[str, Any] | Path, *, folder: Path | None = None, paths: bool = True
) -> dict[str, User | Chat]:
    """Make everything that a description names; returns it by `ref`.

    `description` is the JSON object, or the path of a file with one; `folder` is where relative
    paths of files begin (the JSON file's own, or the working directory); without `paths` they are refused.
    DescriptionError names the entry that is wrong; those before it are made.
    """
    if isinstance(description, Path):
        folder = folder or description.parent
        description = _read(description)
    builder = _Builder(emulator, folder or Path() if paths else None)
    await builder.build(JsonObject("the world", description))
    return builder.references.made


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = parse_json(path.read_bytes())
    except OSError as error:
        raise DescriptionError(f"{path}: {error.strerror}") from error
    except JsonError as error:
        raise DescriptionError(f"{path} {error}") from error
    if not isinstance(found, dict):
        raise DescriptionError(f"{path}: a world is a JSON object")
    return found


class _Builder:
    """Builds a description, once, from top to bottom."""

    def __init__(self, emulator: Emulator, folder: Path | None) -> None:
        self.references = References(emulator.world)
        self._world = emulator.world
        self._messages = MessageDescriptions(emulator.world, self.references, FileDescriptions(emulator, folder))

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
        title, creator = item.text("title"), self.references.account(item, "creator")
        ref = item.text("ref", item.text("username", title))
        optional = item.optional(username=str, megagroup=bool, forum=bool, id=int, first_id=int)
        members, posts, about = item.items("members"), item.items("posts"), item.text("about", "")
        noforwards, topics = item.flag("noforwards"), item.texts("topics")
        discussion = self.references.channel(item, "discussion") if item.has("discussion") else None
        if topics and not optional.get("forum"):
            raise item.wrong("topics are for a forum only")
        if discussion is not None and (optional.get("megagroup") or not discussion.megagroup):
            raise item.wrong("discussion links a channel to a supergroup (megagroup)")
        chat = self._keep(item, ref, make=lambda: self._world.add_channel(title, creator=creator, **optional))
        assert isinstance(chat, Channel)
        chat.about, chat.noforwards = about, noforwards
        for topic in topics:
            self._world.add_topic(chat, topic)
        chat.discussion = None if discussion is None else discussion.id
        await self._fill(chat, members, posts=posts)

    async def _group(self, item: JsonObject) -> None:
        title, creator = item.text("title"), self.references.account(item, "creator")
        ref, optional = item.text("ref", title), item.optional(id=int)
        members, posts, migrated = item.items("members"), item.items("posts"), item.flag("migrated")
        chat = self._keep(item, ref, make=lambda: self._world.add_group(title, creator=creator, **optional))
        assert isinstance(chat, Group)
        await self._fill(chat, members, posts=posts)
        if migrated:
            self._world.migrate(chat)

    async def _fill(self, chat: Chat, members: list[JsonObject], *, posts: list[JsonObject]) -> None:
        """Add members first, so that they get updates of the posts."""
        for member in members:
            user, admin, rights = self.references.account(member, "who"), member.flag("admin"), rights_of(member)
            self._world.add_member(chat, user, admin=admin, rights=rights)
        for post in posts:
            sender = self.references.account(post, "sender") if post.has("sender") else None
            self._world.post_drafts(chat, self._messages.drafts(post, chat), sender=sender)

    async def _message(self, item: JsonObject) -> None:
        sender, recipient = self.references.account(item, "from"), self.references.account(item, "to")
        self._world.send_drafts(sender, recipient, self._messages.drafts(item, None))

    def _keep(self, item: JsonObject, ref: str, *, make: Any) -> User | Chat:
        """Make an entry under its ref. DescriptionError for a second one, unknown keys, or what World refuses."""
        item.finish()
        if ref in self.references.made:
            raise item.wrong(f'there are two entries "{ref}"')
        with item.refusals():
            self.references.made[ref] = made = make()
        assert isinstance(made, User | Chat)
        return made


def rights_of(member: JsonObject) -> set[str] | None:
    """The names under `rights`, the last key of a member; None without one. DescriptionError for unknown names."""
    rights = member.names("rights")
    member.finish()
    unknown = (rights or set()) - set(raw.types.ChatAdminRights.__slots__)
    if unknown:
        raise member.wrong(f"rights: unknown {', '.join(sorted(unknown))}")
    return rights
