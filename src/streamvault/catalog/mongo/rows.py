"""Converts documents of MongoDB to values, and values to documents. Empty fields are left out to save space.

`terms` holds every word of a listed file and every value that a filter can ask for, the latter with a colon in front,
which no word contains; one multikey index serves all of them.
"""

import itertools
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields
from typing import Any

from streamvault.catalog.albums import Album, album_of
from streamvault.catalog.base import Entry
from streamvault.catalog.derived import behind, in_group, name_key, version_of, whole_of
from streamvault.catalog.fields import SAME_FIELDS, part_of_fields, sent_fields, sent_of_fields
from streamvault.catalog.tags import tags_of
from streamvault.catalog.words import fold, joined_words, unknown_of, words
from streamvault.media.model import FileKey, MediaFile, Origin, Part
from streamvault.media.name_facts import NameFacts
from streamvault.media.parts import held_by

Document = dict[str, Any]

UNPARSED = -1
"""The parser version of a file whose name was not parsed."""
_OPTIONAL = frozenset(
    {
        *SAME_FIELDS, "thumb_sizes", "parts", "held", "part_of", "tiny", "tags", "facts", "version", "sent", "behind",
        "album_text",
    }
)  # fmt: skip
_EMPTY = {field.name: "" if field.default is MISSING else field.default for field in fields(MediaFile)}
_UNKNOWN = asdict(NameFacts(0))


def id_of(origin: Origin) -> str:
    """A document's _id."""
    return f"{origin.chat_id}/{origin.message_id}"


def document(one: Entry, *, key: int, found: list[str]) -> Document:
    """The document of a message; `found` are its `text_words`, which are costly to compute."""
    file = one.file
    plain = {name: getattr(file, name) for name in SAME_FIELDS}
    listed = file.part_of is None
    return {
        "_id": id_of(file.origin),
        "key": key,
        "chat_id": file.origin.chat_id,
        "message_id": file.origin.message_id,
        "file_unique_id": file.key.file_unique_id,
        "edited": file.edit_date or 0,
        "rules": version_of(file),
        **_filled("behind", behind(file)),
        **{name: value for name, value in plain.items() if value != _EMPTY[name]},
        **decided_fields(file),
        **_filled("thumb_sizes", list(file.thumb_sizes)),
        **_filled("parts", list(map(_part_fields, file.parts))),
        **_filled("held", [*held_by(file)[1:]]),
        **_filled("part_of", file.part_of and [file.part_of.chat_id, file.part_of.message_id]),
        **_filled("tiny", one.tiny),
        **text_fields(one, found=found),
        **facts_fields(one),
        **({} if one.facts is not None or not listed else {"version": UNPARSED}),
    }


def replacing(row: Document) -> Document:
    """The update that turns a stored document into `row`; not every server can replace one that holds bytes."""
    kept = {name: value for name, value in row.items() if name != "_id"}
    return {"$set": kept, "$unset": dict.fromkeys(sorted(_OPTIONAL - row.keys()), "")}


def facts_fields(one: Entry) -> Document:
    """The fields of a document that hold the facts."""
    facts, kept = one.facts, Document()
    if facts is not None:
        kept["facts"] = {name: v for name, v in asdict(facts).items() if v != _UNKNOWN[name] or name == "version"}
        if one.file.part_of is None:
            kept["version"] = facts.version
    return kept


def decided_fields(file: MediaFile) -> Document:
    """The fields of a document that hold what its file is decided to be, and from what (classification.py)."""
    return {
        "kind": file.kind,
        **{name: value for name in ("name", "mime_type") if (value := getattr(file, name)) != _EMPTY[name]},
        "name_key": name_key(file.name),
        **({} if file.sent is None else {"sent": sent_fields(file)}),
    }


def text_fields(one: Entry, *, found: list[str]) -> Document:
    """The fields of a document that depend on its text; `found` are its `text_words`."""
    return {
        "terms": list(terms(one, found=found)),
        **_filled("tags", list(tags_of(one.file, one.text))),
        **_filled("album_text", one.album_text),
    }


def text_words(one: Entry) -> list[str]:
    """The words of the texts in a message and their joined spellings, each once; none for a piece."""
    file = one.file
    if file.part_of is not None:
        return []
    joined = joined_words(name=file.name, caption=one.text, title=file.title, performer=file.performer)
    return list(dict.fromkeys(itertools.chain(*map(words, (file.name, one.text, file.title, file.performer)), joined)))


def album_term(album: Album) -> str:
    """The term of all messages of an album."""
    return f":a{album[0]}/{album[1]}"


def terms(one: Entry, *, found: list[str]) -> Iterator[str]:
    """The terms by which the index finds a message; a piece has only its album and the name of its joined file."""
    file, facts = one.file, one.facts
    if name := whole_of(file):
        yield f":p{name}"
    if album := album_of(file):
        yield album_term(album)
    if file.part_of is not None:
        return
    yield from (f":k{file.kind}", f":c{file.origin.chat_id}")
    yield from (f":t{fold(tag)}" for tag in tags_of(file, one.text))
    yield from found
    if facts is not None:
        known = set(found)
        yield from (word for word in dict.fromkeys(words(facts.title)) if word not in known)
        yield from unknown_of(joined_words(title=facts.title), known)
        yield from [f":y{facts.year}"] * (facts.year is not None)
        yield from [f":r{facts.resolution}"] * bool(facts.resolution)
        yield from [f":w{facts.work}"] * bool(facts.work)
        yield from (f":l{language}" for language in dict.fromkeys(facts.languages))


def place(row: Document) -> tuple[int, int]:
    """Of the documents of one file, the one with the highest place stands in front."""
    return -row.get("behind", 0), row["key"]


def entry(row: Document) -> Entry:
    """The entry of a document."""
    return Entry(
        file_of(row), facts_of(row), tuple(row.get("tags", ())), row.get("tiny", b""), row.get("album_text", "")
    )


def file_of(row: Document) -> MediaFile:
    """The file of a document."""
    part_of, sent = row.get("part_of"), row.get("sent")
    same = {name: row.get(name, _EMPTY[name]) for name in SAME_FIELDS}
    if same["duration"] != same["duration"]:  # NaN, which SQLite stores as NULL
        same["duration"] = None
    decided = (same["kind"], same["name"], same["mime_type"])
    return MediaFile(
        key=FileKey(row["file_unique_id"]),
        origin=Origin(row["chat_id"], row["message_id"]),
        thumb_sizes=tuple(row.get("thumb_sizes", ())),
        parts=tuple(map(_part, row.get("parts", ()))),
        part_of=None if part_of is None else Origin(*part_of),
        sent=None if sent is None else sent_of_fields(sent, decided=decided),
        in_group=in_group(row.get("behind", 0)),
        **same,
    )


def facts_of(row: Document) -> NameFacts | None:
    """The facts of a document; None when the name was not parsed."""
    found = row.get("facts")
    if found is None:
        return None
    return NameFacts(**{**found, "languages": tuple(found.get("languages", ()))})


def _filled(name: str, value: object) -> Document:
    return {name: value} if value else {}


def _part_fields(part: Part) -> Document:
    return {name: value for name, value in asdict(part).items() if name != "tags" or value is not None}


def _part(row: Document | list[Any]) -> Part:
    if isinstance(row, list):
        return part_of_fields(row)
    tags = {"tags": tuple(row["tags"])} if "tags" in row else {}
    return Part(**{**row, **tags, "key": FileKey(**row["key"]), "origin": Origin(**row["origin"])})
