"""Manifests are found, read once and applied; an unreadable one is read later."""

import asyncio
from dataclasses import replace

import pytest

from streamvault.catalog.base import Change
from streamvault.errors import SourceUnavailable
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.manifests import Manifests, small_file_reader
from streamvault.media.manifest import MAX_MANIFEST
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds
from tests.support.catalogs import MemoryCatalog
from tests.support.cut_files import MIB, document, film, listed, manifest_of
from tests.support.sources import Memory, MemorySource, pattern
from tests.support.waiting import until


class Telegram:
    """The bytes of files by message; `down` makes every read fail."""

    def __init__(self, files: dict[int, bytes]) -> None:
        self.files = files
        self.down = False
        self.reads: list[int] = []

    async def __call__(self, file: MediaFile) -> bytes:
        self.reads.append(file.origin.message_id)
        if self.down:
            raise SourceUnavailable("lost")
        return self.files[file.origin.message_id]


async def test_a_posted_manifest_is_read_once_and_applied() -> None:
    store, pieces = MemoryCatalog(), film(5, MIB)
    catalog = JoiningCatalog(store)
    file, data = manifest_of(pieces)
    telegram = Telegram({20: data})
    running = asyncio.create_task(Manifests(catalog, telegram).run())

    async def looked() -> bool:
        return "page" in store.calls

    await until(looked)
    await catalog.apply(Change(put=[*pieces, file, document(30, "not a manifest parts json")]))

    async def joined() -> bool:
        return "The whole name.mkv" in await listed(catalog)

    await until(joined)
    await catalog.put(pieces[0])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert telegram.reads == [20]


async def test_an_unreadable_manifest_is_read_in_a_later_round_and_delays_no_other() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(5, MIB)
    file, data = manifest_of(pieces)
    wrong = document(40, "Other.mkv.parts.json", 3)
    large = document(50, "Large.mkv.parts.json", MAX_MANIFEST + 1)
    telegram = Telegram({20: data, 40: b"[]x"})
    manifests = Manifests(catalog, telegram)
    await catalog.apply(Change(put=[*pieces, file, wrong, large]))
    telegram.down = True
    await manifests.round()
    assert sorted(telegram.reads) == [20, 40]
    assert "The whole name.mkv" not in await listed(catalog)
    telegram.down = False
    await manifests.round()
    assert "The whole name.mkv" in await listed(catalog)
    assert sorted(telegram.reads) == [20, 20, 40, 40]
    await manifests.round()
    assert len(telegram.reads) == 4


async def test_an_outage_of_the_catalog_is_waited_for() -> None:
    store, pieces = MemoryCatalog(), film(5, MIB)
    catalog = JoiningCatalog(store)
    file, data = manifest_of(pieces)
    await catalog.apply(Change(put=[*pieces, file]))
    store.broken = True
    running = asyncio.create_task(Manifests(catalog, Telegram({20: data}), pause=0.01).run())
    await until(lambda: len(store.calls) > 20)
    store.broken = False

    async def joined() -> bool:
        return "The whole name.mkv" in await listed(catalog)

    await until(joined)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_many_manifests_take_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamvault.indexing.manifests.MAX_LIMIT", 20)
    catalog = JoiningCatalog(MemoryCatalog())
    files = [
        replace(document(i, f"Film {i}.mkv.parts.json", 3), key=FileKey(f"list {i}"), date=1000 + i)
        for i in range(1, 46)
    ]
    await catalog.apply(Change(put=files))
    telegram = Telegram(dict.fromkeys(range(1, 46), b"{}"))
    await Manifests(catalog, telegram).round()
    assert sorted(telegram.reads) == list(range(1, 46))


async def test_a_set_that_was_forwarded_with_its_manifest_is_joined_in_both_chats() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(5, MIB)
    file, data = manifest_of(pieces)
    copies = [replace(one, origin=Origin(-1009, one.origin.message_id)) for one in (*pieces, file)]
    await catalog.apply(Change(put=[*pieces, file, *copies]))
    await Manifests(catalog, Telegram({20: data})).round()
    wholes = [await catalog.get(origin) for origin in (pieces[0].origin, copies[0].origin)]
    assert [whole is not None and whole.name for whole in wholes] == ["The whole name.mkv"] * 2


async def test_small_files_are_read_through_the_shared_cells() -> None:
    async with Cells(MemorySource(), memory=Memory()) as cells:
        read = small_file_reader(cells, Bounds())
        assert await read(document(1, "a", 200_000)) == pattern(0, 200_000)
