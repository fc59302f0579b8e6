"""Rows of the catalog's tables as values, and values as rows."""

import json
from typing import Any

from streamvault.catalog.base import Entry, tags
from streamvault.catalog.words import fold
from streamvault.media.model import FileKey, MediaFile, Origin, Part
from streamvault.media.name_facts import NameFacts
from streamvault.media.parts import whole_of
from streamvault.storage.sqlite import Row

_FILE = (
    "chat_id", "message_id", "dc_id", "kind", "name", "size", "mime_type", "date", "edit_date", "caption",
    "duration", "width", "height", "title", "performer", "thumb_sizes", "album", "views", "forwarded_from", "parts",
    "part_of_chat", "part_of_message", "stripped",
)  # fmt: skip
_FACTS = ("version", "title", "year", "season", "episode", "resolution", "codec", "languages", "work")

ENTRY = ", ".join(["c.unique_id", "c.tiny", *(f"c.{name}" for name in _FACTS), *(f"f.{name}" for name in _FILE)])
"""The columns of `entry`, of files as f and contents as c."""
FACTS = ", ".join(f"c.{name}" for name in _FACTS)
"""The columns of `facts_of`."""

_STORED = ("id", "file", "words", *_FILE, "name_key", "whole")
_KEPT = ("id", "chat_id", "message_id", "date")
PUT_FILE = (
    f"INSERT INTO files ({', '.join(_STORED)}) VALUES ({', '.join('?' * len(_STORED))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _STORED if name not in _KEPT)}"
)
"""Takes (id, file, words, *message_values)."""
LEARN = f"UPDATE contents SET {', '.join(f'{name} = ?' for name in _FACTS)} WHERE file = ?"
"""Takes (*facts_values, file)."""


def entry(row: Row) -> Entry:
    """The file of a row selected by ENTRY, with what is known of it."""
    file = _file(row[0], row[2 + len(_FACTS) :])
    return Entry(file, facts_of(row[2 : 2 + len(_FACTS)]), tags(file.caption), row[1])


def facts_of(row: Row) -> NameFacts | None:
    """What a name tells, of a row selected by FACTS; None when it has not been read."""
    version, title, year, season, episode, resolution, codec, languages, work = row
    if version < 0:
        return None
    known = tuple(json.loads(languages)) if languages else ()
    return NameFacts(version, title, year, season, episode, resolution, codec, known, work)


def facts_values(facts: NameFacts) -> tuple[object, ...]:
    """The parameters of LEARN, but for the file."""
    return (
        facts.version, facts.title, facts.year, facts.season, facts.episode, facts.resolution, facts.codec,
        _json(facts.languages), facts.work,
    )  # fmt: skip


def message_values(file: MediaFile) -> tuple[object, ...]:
    """What PUT_FILE takes after id, file and words."""
    part_of = file.part_of
    return (
        file.origin.chat_id, file.origin.message_id, file.dc_id, file.kind, file.name, file.size, file.mime_type,
        file.date, file.edit_date, file.caption, file.duration, file.width, file.height, file.title, file.performer,
        _json(file.thumb_sizes), file.album, file.views, file.forwarded_from, _json([_cut(p) for p in file.parts]),
        part_of and part_of.chat_id, part_of and part_of.message_id, file.stripped, fold(file.name), whole_of(file),
    )  # fmt: skip


def _file(unique_id: str, row: Row) -> MediaFile:
    (chat_id, message_id, dc_id, kind, name, size, mime_type, date, edit_date, caption, duration, width, height, title,
     performer, thumb_sizes, album, views, forwarded_from, parts, part_chat, part_message, stripped) = row  # fmt: skip
    return MediaFile(
        key=FileKey(unique_id),
        origin=Origin(chat_id, message_id),
        dc_id=dc_id,
        kind=kind,
        name=name,
        size=size,
        mime_type=mime_type,
        date=date,
        edit_date=edit_date,
        caption=caption,
        duration=duration,
        width=width,
        height=height,
        title=title,
        performer=performer,
        thumb_sizes=tuple(json.loads(thumb_sizes)) if thumb_sizes else (),
        album=album,
        views=views,
        forwarded_from=forwarded_from,
        parts=tuple(map(_part, json.loads(parts))) if parts else (),
        part_of=None if part_chat is None else Origin(part_chat, part_message),
        stripped=stripped,
    )


def _cut(part: Part) -> list[object]:
    """FIRST_PIECE in schema.py looks for the first field."""
    key, origin = part.key, part.origin
    return [
        key.file_unique_id, key.thumb_size, origin.chat_id, origin.message_id, part.dc_id, part.name, part.size,
        part.kind, part.mime_type, part.modified,
    ]  # fmt: skip


def _part(fields: list[Any]) -> Part:
    unique_id, thumb_size, chat_id, message_id, dc_id, name, size, *more = fields
    return Part(FileKey(unique_id, thumb_size), Origin(chat_id, message_id), dc_id, name, size, *more)


def _json(values: object) -> str:
    """Nothing for an empty list, which most are."""
    return json.dumps(values, separators=(",", ":")) if values else ""
