"""Converts rows of the catalog's tables to values, and values to rows."""

import json
from collections.abc import Mapping
from typing import Any

from streamvault.catalog.base import Entry
from streamvault.catalog.derived import behind, in_group, name_key, version_of, whole_of
from streamvault.catalog.fields import SAME_FIELDS, part_of_fields, sent_fields, sent_of_fields
from streamvault.catalog.tags import tags_of
from streamvault.media.model import FileKey, MediaFile, Origin, Part
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import Row

_FILE = (
    "chat_id", "message_id", "dc_id", "kind", "name", "size", "mime_type", "date", "edit_date", "caption",
    "duration", "width", "height", "title", "performer", "thumb_sizes", "album", "views", "forwarded_from", "parts",
    "part_of_chat", "part_of_message", "stripped", "sent", "behind",
)  # fmt: skip
_FACTS = ("version", "title", "year", "season", "episode", "resolution", "codec", "languages", "work", "last_episode")

ENTRY = ", ".join(
    ["c.unique_id", "c.tiny", "f.album_text", *(f"c.{name}" for name in _FACTS), *(f"f.{name}" for name in _FILE)]
)
"""The columns of `entry`, of files as f and contents as c."""
FACTS = ", ".join(f"c.{name}" for name in _FACTS)
"""The columns of `facts_of`."""

_STORED = ("id", "file", "words", "album_text", *_FILE, "name_key", "whole", "rules")
_KEPT = ("id", "chat_id", "message_id", "date")
PUT_FILE = (
    f"INSERT INTO files ({', '.join(_STORED)}) VALUES ({', '.join('?' * len(_STORED))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _STORED if name not in _KEPT)}"
)
"""Parameters: (id, file, words, album text, *message_values)."""
CHANGE_TEXT = "UPDATE files SET album_text = ?, kind = ?, name = ?, mime_type = ?, sent = ?, name_key = ? WHERE id = ?"
"""Parameters: (album text, *text_values, id)."""
READ_AGAIN = "UPDATE contents SET version = 0 WHERE file = ? AND version > 0"
"""Has the name of a file (contents.file) parsed again."""
SET_FACTS = f"UPDATE contents SET {', '.join(f'{name} = ?' for name in _FACTS)} WHERE file = ?"
"""Parameters: (*facts_values, file)."""


def entry(row: Row) -> Entry:
    """The entry of a row selected by ENTRY."""
    file = file_of(row[0], dict(zip(_FILE, row[3 + len(_FACTS) :], strict=True)))
    tagged = tags_of(file, file.caption or row[2])
    return Entry(file, facts_of(row[3 : 3 + len(_FACTS)]), tagged, row[1], row[2])


def facts_of(row: Row) -> NameFacts | None:
    """The facts of a row selected by FACTS; None when the name was not parsed."""
    version, title, year, season, episode, resolution, codec, languages, work, last = row
    if version < 0:
        return None
    known = tuple(json.loads(languages)) if languages else ()
    return NameFacts(version, title, year, season, episode, resolution, codec, known, work, last)


def facts_values(facts: NameFacts) -> tuple[object, ...]:
    """The parameters of SET_FACTS, without the file."""
    return (
        facts.version, facts.title, facts.year, facts.season, facts.episode, facts.resolution, facts.codec,
        _json(facts.languages), facts.work, facts.last_episode,
    )  # fmt: skip


def message_values(file: MediaFile) -> tuple[object, ...]:
    """The parameters of PUT_FILE after id, file, words and album text."""
    part_of = file.part_of
    return (
        file.origin.chat_id, file.origin.message_id, file.dc_id, file.kind, file.name, file.size, file.mime_type,
        file.date, file.edit_date, file.caption, file.duration, file.width, file.height, file.title, file.performer,
        _json(file.thumb_sizes), file.album, file.views, file.forwarded_from, _json([_fields(p) for p in file.parts]),
        part_of and part_of.chat_id, part_of and part_of.message_id, file.stripped,
        _sent(file), behind(file), name_key(file.name), whole_of(file), version_of(file),
    )  # fmt: skip


def text_values(file: MediaFile) -> tuple[object, ...]:
    """The parameters of CHANGE_TEXT for what is decided with the text of a message."""
    return file.kind, file.name, file.mime_type, _sent(file), name_key(file.name)


def file_of(unique_id: str, columns: Mapping[str, Any]) -> MediaFile:
    """The file of a row of `files` as columns by name; those that an older schema had not may be missing."""
    thumb_sizes, parts, part_chat = columns["thumb_sizes"], columns.get("parts"), columns.get("part_of_chat")
    decided = (columns["kind"], columns["name"], columns["mime_type"])
    sent = columns.get("sent")
    return MediaFile(
        key=FileKey(unique_id),
        origin=Origin(columns["chat_id"], columns["message_id"]),
        thumb_sizes=tuple(json.loads(thumb_sizes)) if thumb_sizes else (),
        parts=tuple(map(part_of_fields, json.loads(parts))) if parts else (),
        part_of=None if part_chat is None else Origin(part_chat, columns["part_of_message"]),
        sent=None if sent is None else sent_of_fields(json.loads(sent), decided=decided),
        in_group=in_group(columns.get("behind", 0)),
        **{name: columns[name] for name in SAME_FIELDS if name in columns},
    )


def _fields(part: Part) -> list[object]:
    """The stored fields of a part; FIRST_PIECE in schema.py reads the first one."""
    key, origin = part.key, part.origin
    return [
        key.file_unique_id, key.thumb_size, origin.chat_id, origin.message_id, part.dc_id, part.name, part.size,
        part.kind, part.mime_type, part.modified, *([] if part.tags is None else [part.tags]),
    ]  # fmt: skip


def _sent(file: MediaFile) -> str | None:
    fields = sent_fields(file)
    return None if fields is None else _compact(fields)


def _json(values: object) -> str:
    """JSON; "" for an empty list, which most are."""
    return _compact(values) if values else ""


def _compact(values: object) -> str:
    return json.dumps(values, separators=(",", ":"))
