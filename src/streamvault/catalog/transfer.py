"""Exports a catalog as JSON Lines and imports it, a few hundred lines at a time.

Each line is an object with one key. The first has the version; then come chats, marks, personal data, and the file of
every message with its facts.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, BinaryIO, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.derived import MARK
from streamvault.catalog.personal import (
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    Personal,
    PersonalRecord,
    WatchedRecord,
)
from streamvault.errors import ConfigError
from streamvault.media.classification import classify
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts

VERSION = 3
"""Version 1 had no personal data and no tiny pictures, version 2 nothing of what was sent."""
_AT_ONCE = 500
_MAX_LINE = 16 << 20  # bytes; a joined file has all its parts in one line


@dataclass(frozen=True, slots=True)
class _Chat:
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Stored:
    message: MediaFile
    facts: NameFacts | None = None
    tiny: bytes = b""


@dataclass(frozen=True, slots=True)
class _Collection:
    user: str
    id: Annotated[int, Field(ge=1, lt=1 << 53)]
    name: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: exactly one of these is given."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64", extra="forbid"
    )

    streamvault_catalog: int | None = None
    chat: _Chat | None = None
    mark: _Mark | None = None
    watched: WatchedRecord | None = None
    favourite: FavouriteRecord | None = None
    collection: _Collection | None = None
    hidden: HiddenRecord | None = None
    file: _Stored | None = None

    def given(self) -> int:
        """The number of fields that are given."""
        return sum(getattr(self, name) is not None for name in self.__slots__)

    def personal(self) -> PersonalRecord | None:
        """The personal record of the line, or None."""
        if self.collection is not None:
            one = self.collection
            return CollectionRecord(one.user, one.id, one.name, one.files)
        return self.watched or self.favourite or self.hidden


_LINES = TypeAdapter(_Line)


async def export_catalog(catalog: Catalog, personal: Personal) -> AsyncIterator[bytes]:
    """The lines, each with its newline. What is stored or deleted meanwhile may be missing."""
    yield _dumped(_Line(streamvault_catalog=VERSION))
    for chat_id, title in (await catalog.chats()).items():
        yield _dumped(_Line(chat=_Chat(chat_id, title)))
    for name, value in (await catalog.marks()).items():
        yield _dumped(_Line(mark=_Mark(name, value)))
    async for one in personal.dump():
        yield _dumped(_line_of(one))
    after = None
    while entries := await catalog.dump(after, _AT_ONCE):
        for entry in entries:
            yield _dumped(_Line(file=_Stored(entry.file, entry.facts, entry.tiny)))
        after = entries[-1].file.origin


async def import_catalog(
    catalog: Catalog, personal: Personal, source: BinaryIO, *, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Store what `export_catalog` wrote; the number of files, which `progress` also gets from time to time.

    Of a known message the newer version stays. A stopped import may be repeated. Raises ConfigError for a file that is
    no export, and for collections that would become too large.
    """
    batch = _Batch(catalog, personal)
    for number, line in enumerate(_read(source), start=1):
        if line.given() != 1 or (number == 1) != (line.streamvault_catalog is not None):
            raise ConfigError(f"line {number} is not what `streamvault catalog export` writes there")
        if line.chat is not None:
            await catalog.remember_chat(line.chat.id, line.chat.title)
        if line.mark is not None:
            batch.marks[line.mark.name] = line.mark.value if line.mark.name != MARK else None
        if (one := line.personal()) is not None:
            await batch.add_personal(one)
        if line.file is not None:
            batch.files.append(line.file)
        if len(batch.files) >= _AT_ONCE:
            progress(await batch.store_files())
    await batch.store_personal()
    return await batch.store_files()


class _Batch:
    """Lines collected and stored together. Marks are stored last: they say up to where the files are complete.

    Files are what the present rules decide; those of old exports, without what was sent, are decided in the background.
    """

    def __init__(self, catalog: Catalog, personal: Personal) -> None:
        self._catalog = catalog
        self._personal = personal
        self._records: list[PersonalRecord] = []
        self._weight = 0
        self._done = 0
        self.files: list[_Stored] = []
        self.marks: dict[str, str | None] = {MARK: None}

    async def store_files(self) -> int:
        """Store the collected files; the number of files stored so far."""
        marks: Mapping[str, str | None] = self.marks if len(self.files) < _AT_ONCE else {}
        files = [classify(one.message) if one.message.sent else one.message for one in self.files]
        await self._catalog.apply(Change(put=files, marks=marks))
        await self._catalog.store_facts({one.message.key.file_unique_id: one.facts for one in self.files if one.facts})
        await self._catalog.store_tiny({one.message.key.file_unique_id: one.tiny for one in self.files if one.tiny})
        self._done += len(self.files)
        self.files.clear()
        return self._done

    async def add_personal(self, one: PersonalRecord) -> None:
        """Collect a record; store all of them when there are enough."""
        self._records.append(one)
        self._weight += 1 + len(one.files) if isinstance(one, CollectionRecord) else 1
        if self._weight >= _AT_ONCE:
            await self.store_personal()

    async def store_personal(self) -> None:
        """Store the collected records."""
        try:
            await self._personal.restore(self._records)
        except ValueError as error:
            raise ConfigError(f"the personal data exceeds a limit: {error}") from error
        self._records.clear()
        self._weight = 0


def _line_of(one: PersonalRecord) -> _Line:
    match one:
        case WatchedRecord():
            return _Line(watched=one)
        case FavouriteRecord():
            return _Line(favourite=one)
        case HiddenRecord():
            return _Line(hidden=one)
        case CollectionRecord():
            return _Line(collection=_Collection(one.user, one.id, one.name, one.files))


def _dumped(line: _Line) -> bytes:
    return _LINES.dump_json(line, exclude_defaults=True) + b"\n"


def _read(source: BinaryIO) -> Iterable[_Line]:
    number = 0
    while text := source.readline(_MAX_LINE):
        number += 1
        try:
            line = _LINES.validate_json(text)
        except ValidationError as error:
            raise ConfigError(_unreadable(number, error)) from None
        if (line.streamvault_catalog or 0) > VERSION:
            raise ConfigError("the export was written by a newer version of StreamVault: update this one")
        yield line
    if number == 0:
        raise ConfigError("there is nothing to import: the file is empty")


def _unreadable(number: int, error: ValidationError) -> str:
    what = error.errors(include_input=False)[0]
    if what["type"] == "unexpected_keyword_argument" and len(what["loc"]) == 1:
        return f"line {number} holds a {what['loc'][0]!r}, which this version of StreamVault does not know: update it"
    return f"line {number} cannot be read ({what['msg']}): is it an export of the catalog?"
