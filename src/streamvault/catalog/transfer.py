"""A catalog as JSON Lines: everything in it, a line for each thing, read and written with the memory of a few hundred.

The first line says what it is; then come chats, marks, what belongs to people, and every message's file with what its
name tells. A line is an object with one key.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, BinaryIO, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.personal import CollectionRecord, FavouriteRecord, Personal, PersonalRecord, WatchedRecord
from streamvault.errors import ConfigError
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import Facts

VERSION = 2
"""Version 1 had nothing of people's, and no pictures of ours."""
_AT_ONCE = 500
_LONGEST = 16 << 20  # bytes; the parts of a file that was cut are all in one line


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
    facts: Facts | None = None
    tiny: bytes = b""


@dataclass(frozen=True, slots=True)
class _Collection:
    user: str
    id: Annotated[int, Field(ge=1, lt=1 << 53)]
    name: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line may hold, one of these at a time."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64", extra="forbid"
    )

    streamvault_catalog: int | None = None
    chat: _Chat | None = None
    mark: _Mark | None = None
    watched: WatchedRecord | None = None
    favourite: FavouriteRecord | None = None
    collection: _Collection | None = None
    file: _Stored | None = None

    def kinds(self) -> int:
        """How many things there are in it."""
        return sum(getattr(self, name) is not None for name in self.__slots__)

    def belonging(self) -> PersonalRecord | None:
        """What is somebody's in it."""
        if self.collection is not None:
            one = self.collection
            return CollectionRecord(one.user, one.id, one.name, one.files)
        return self.watched or self.favourite


_LINES = TypeAdapter(_Line)


async def export_catalog(catalog: Catalog, personal: Personal) -> AsyncIterator[bytes]:
    """The lines, each with its end. What comes or goes meanwhile may be missing."""
    yield _written(_Line(streamvault_catalog=VERSION))
    for chat_id, title in (await catalog.chats()).items():
        yield _written(_Line(chat=_Chat(chat_id, title)))
    for name, value in (await catalog.marks()).items():
        yield _written(_Line(mark=_Mark(name, value)))
    async for one in personal.dump():
        yield _written(_belonging(one))
    after = None
    while entries := await catalog.dump(after, _AT_ONCE):
        for entry in entries:
            yield _written(_Line(file=_Stored(entry.file, entry.facts, entry.tiny)))
        after = entries[-1].file.origin


async def import_catalog(
    catalog: Catalog, personal: Personal, source: BinaryIO, *, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Put in what `export_catalog` wrote; the number of files. `progress` is told it from time to time.

    Known messages get the newer version. It may be done again after it was stopped. Raises ConfigError for a file that
    is no export of ours, and for collections that would become too large.
    """
    batch = _Batch(catalog, personal)
    for number, line in enumerate(_read(source), start=1):
        if line.kinds() != 1 or (number == 1) != (line.streamvault_catalog is not None):
            raise ConfigError(f"line {number} is not what `streamvault catalog export` writes there")
        if line.chat is not None:
            await catalog.remember_chat(line.chat.id, line.chat.title)
        if line.mark is not None:
            batch.marks[line.mark.name] = line.mark.value
        if (one := line.belonging()) is not None:
            await batch.give(one)
        if line.file is not None:
            batch.files.append(line.file)
        if len(batch.files) >= _AT_ONCE:
            progress(await batch.store())
    await batch.give_back()
    return await batch.store()


class _Batch:
    """What is put in at once. Marks wait for the end: they say how far the files are complete."""

    def __init__(self, catalog: Catalog, personal: Personal) -> None:
        self._catalog = catalog
        self._personal = personal
        self._belongings: list[PersonalRecord] = []
        self._weight = 0
        self._done = 0
        self.files: list[_Stored] = []
        self.marks: dict[str, str] = {}

    async def store(self) -> int:
        """The number of files so far."""
        marks: Mapping[str, str] = self.marks if len(self.files) < _AT_ONCE else {}
        await self._catalog.apply(Change(put=[one.message for one in self.files], marks=marks))
        await self._catalog.store_facts({one.message.key.file_unique_id: one.facts for one in self.files if one.facts})
        await self._catalog.store_tiny({one.message.key.file_unique_id: one.tiny for one in self.files if one.tiny})
        self._done += len(self.files)
        self.files.clear()
        return self._done

    async def give(self, one: PersonalRecord) -> None:
        """What is somebody's goes in when there is enough of it."""
        self._belongings.append(one)
        self._weight += 1 + len(one.files) if isinstance(one, CollectionRecord) else 1
        if self._weight >= _AT_ONCE:
            await self.give_back()

    async def give_back(self) -> None:
        """All of it goes in."""
        try:
            await self._personal.restore(self._belongings)
        except ValueError as error:
            raise ConfigError(f"not everything that belongs to people has room here: {error}") from error
        self._belongings.clear()
        self._weight = 0


def _belonging(one: PersonalRecord) -> _Line:
    match one:
        case WatchedRecord():
            return _Line(watched=one)
        case FavouriteRecord():
            return _Line(favourite=one)
        case CollectionRecord():
            return _Line(collection=_Collection(one.user, one.id, one.name, one.files))


def _written(line: _Line) -> bytes:
    return _LINES.dump_json(line, exclude_defaults=True) + b"\n"


def _read(source: BinaryIO) -> Iterable[_Line]:
    number = 0
    while text := source.readline(_LONGEST):
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
