"""Messages as world files and the control API describe them; docs/EMULATOR.md lists the keys."""

from dataclasses import replace
from typing import Any

from tgemulator.control.entity_descriptions import entities_of
from tgemulator.control.file_descriptions import FileDescriptions
from tgemulator.control.json_object import INT32, JsonObject
from tgemulator.control.references import References
from tgemulator.services.entities import utf16_length
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Channel, Chat, Forward, PaidMedia
from tgemulator.world.stored_file import StoredFile
from tgemulator.world.world import World

MAX_ALBUM = 10
MAX_TEXT = 4096  # UTF-16 code units, of captions too: a premium account may write as many
_IN_SUPERGROUPS = ("sent_as", "topic")


def text_of(item: JsonObject) -> str:
    """The text of a message, "" if it is missing. DescriptionError if no client could send it."""
    text = item.text("text", "")
    if utf16_length(text) > MAX_TEXT:
        raise item.wrong(f"text is longer than {MAX_TEXT} UTF-16 code units")
    return text


class MessageDescriptions:
    """Reads messages of a description, and stores their files."""

    def __init__(self, world: World, references: References, files: FileDescriptions) -> None:
        self._world = world
        self._references = references
        self._files = files

    def drafts(self, item: JsonObject, chat: Chat | None) -> list[Draft]:
        """The message, or the messages of an album, for this chat (None: a private one). Reads every key that is left.

        DescriptionError for what no client could have sent.
        """
        if chat is None or not (isinstance(chat, Channel) and chat.megagroup):
            for key in _IN_SUPERGROUPS:
                if item.has(key):
                    raise item.wrong(f"{key} is for supergroups only")
        beside = {**self._text(item), **self._common(item, chat), **self._place(item, chat)}
        first = Draft(**beside, forward=self._forward(item))
        drafts = self._album(item, first) if item.has("album") else [self._single(item, first)]
        item.finish()
        return drafts

    def _text(self, item: JsonObject) -> dict[str, Any]:
        """Text and entities."""
        text = text_of(item)
        return {"text": text, "entities": entities_of(item, text)}

    def _common(self, item: JsonObject, chat: Chat | None) -> dict[str, Any]:
        """Date, silence, protection and what is replied to."""
        date = item.number("date") if item.has("date") else None
        reply_to = item.number("reply_to", low=1) if item.has("reply_to") else None
        if isinstance(chat, Channel) and reply_to is not None and reply_to not in chat.messages:
            raise item.wrong(f"reply_to: there is no message {reply_to}")
        view_once = item.number("view_once", low=1, high=60) if item.has("view_once") else None
        flags = {name: item.flag(name) for name in ("silent", "noforwards")}
        return {"date": date, "reply_to": reply_to, "view_once": view_once, **flags}

    def _place(self, item: JsonObject, chat: Chat | None) -> dict[str, Any]:
        """In whose name a message of a supergroup is, and its topic."""
        sent_as = self._references.channel(item, "sent_as").peer if item.has("sent_as") else None
        thread = None
        if item.has("topic"):
            assert isinstance(chat, Channel)
            thread = _topic(item, chat)
        return {"sent_as": sent_as, "thread": thread}

    def _forward(self, item: JsonObject) -> Forward | None:
        """Where the message was forwarded from; None if it was not."""
        if not item.has("forward"):
            return None
        given = item.object("forward")
        sources = [key for key in ("chat", "user", "name") if given.has(key)]
        if len(sources) != 1:
            raise given.wrong("needs either a chat, a user or a name")
        date = given.number("date") if given.has("date") else None
        if sources == ["chat"]:
            channel = self._references.channel(given, "chat")
            found = Forward(channel.peer, post=given.number("message", low=1, high=INT32 - MAX_ALBUM), date=date)
        elif sources == ["user"]:
            found = Forward(("user", self._references.account(given, "user").id), date=date)
        else:
            found = Forward(name=given.text("name"), date=date)
        given.finish()
        return found

    def _single(self, item: JsonObject, draft: Draft) -> Draft:
        """The message with its file or its paid media."""
        paid = self._paid(item) if item.has("paid") else None
        if paid is not None and item.has("file"):
            raise item.wrong("file and paid exclude each other: paid has files of its own")
        file = self._files.under(item, "file") if item.has("file") else None
        if not draft.text and file is None and paid is None:
            raise item.wrong("needs a text or a file")
        grouped_id = item.number("grouped_id", low=1, high=2**63 - 1) if item.has("grouped_id") else None
        return replace(draft, file=file, paid=paid, grouped_id=grouped_id)

    def _album(self, item: JsonObject, first: Draft) -> list[Draft]:
        """One message for each entry of `album`, under one grouped_id; the first has the text of the whole."""
        entries = item.items("album")
        if not 2 <= len(entries) <= MAX_ALBUM:
            raise item.wrong(f"an album has 2 to {MAX_ALBUM} files")
        common = replace(first, grouped_id=self._world.new_group_id(), text="", entities=())
        drafts = []
        for number, entry in enumerate(entries):
            if number == 0 and first.text and entry.has("text"):
                raise entry.wrong("the text of the first file stands in the album or beside it, not in both")
            text: dict[str, Any] = {"text": first.text, "entities": first.entities}
            if number or not first.text:
                text = self._text(entry)
            forward = first.forward
            if forward is not None and forward.post is not None:  # the files were posted one after the other
                forward = replace(forward, post=forward.post + number)
            drafts.append(replace(common, file=self._files.under(entry, "file"), forward=forward, **text))
            entry.finish()
        return drafts

    def _paid(self, item: JsonObject) -> PaidMedia:
        given = item.object("paid")
        stars, bought = given.number("stars", low=1, high=25_000), given.flag("bought")
        files = self._files.all_under(given, "files")
        if not 1 <= len(files) <= MAX_ALBUM or not all(map(_is_picture, files)):
            raise given.wrong(f"files are 1 to {MAX_ALBUM} photos and videos")
        given.finish()
        return PaidMedia(stars, tuple(files), bought=bought)


def _topic(item: JsonObject, forum: Channel) -> int:
    """The topic under `topic`: its id, or its title."""
    given = item.reference("topic")
    found = [number for number, title in forum.topics.items() if given in (number, title)]
    if not found:
        raise item.wrong(f"topic: {forum.title!r} has no topic {given!r}")
    return found[0]


def _is_picture(file: StoredFile) -> bool:
    return file.kind == "photo" or file.mime_type.startswith("video/")
