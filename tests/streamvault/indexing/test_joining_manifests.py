"""The joining catalog with manifests: pieces that they name are one file, until they are gone or replaced."""

from dataclasses import replace

import pytest

from streamvault.catalog.base import Change
from streamvault.indexing.joining import JoiningCatalog
from streamvault.media.manifest import MAX_MANIFEST
from streamvault.media.model import FileKey
from tests.support.catalogs import MemoryCatalog
from tests.support.cut_files import MIB, document, film, listed, manifest_of


async def test_a_manifest_joins_and_is_hidden_with_the_pieces() -> None:
    posted: list[bool] = []
    catalog, pieces = JoiningCatalog(MemoryCatalog(), on_manifest=lambda: posted.append(True)), film(5, MIB, 77)
    file, data = manifest_of(pieces)
    await catalog.apply(Change(put=[file, *pieces[:2]]))
    assert posted
    assert not await catalog.is_manifest_read(file)
    await catalog.apply_manifest(file, data)
    assert await catalog.is_manifest_read(file)
    assert len(await listed(catalog)) == 3
    await catalog.put(pieces[2])
    assert await listed(catalog) == {"The whole name.mkv": MIB + 82}
    await catalog.put(pieces[0])
    assert await listed(catalog) == {"The whole name.mkv": MIB + 82}


async def test_without_its_manifest_a_set_is_joined_by_its_names() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(5, MIB)
    file, data = manifest_of(pieces)
    await catalog.apply(Change(put=[*pieces, file]))
    await catalog.apply_manifest(file, data)
    await catalog.remove(file.origin)
    assert set(await listed(catalog)) == {"Film.mkv.001", "Film.mkv.002"}
    assert not await catalog.is_manifest_read(file)
    await catalog.put(file)
    assert len(await listed(catalog)) == 3
    await catalog.apply_manifest(file, data)
    assert set(await listed(catalog)) == {"The whole name.mkv"}


async def test_a_manifest_that_is_replaced_is_read_again() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(5, MIB)
    file, data = manifest_of(pieces)
    await catalog.apply(Change(put=[*pieces, file]))
    await catalog.apply_manifest(file, data)
    other = replace(file, key=FileKey("another"), edit_date=1_800_000_000)
    await catalog.put(other)
    assert not await catalog.is_manifest_read(other)
    await catalog.apply_manifest(file, data)  # what was read before it was replaced
    assert not await catalog.is_manifest_read(other)
    assert len(await listed(catalog)) == 3


@pytest.mark.parametrize("size", [3, MAX_MANIFEST + 1])
async def test_an_invalid_manifest_is_remembered_and_logged_once(caplog: pytest.LogCaptureFixture, size: int) -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    file = document(20, "Film.mkv.parts.json", size)
    await catalog.apply(Change(put=[*pieces, file]))
    await catalog.apply_manifest(file, b"{}x")
    assert await catalog.is_manifest_read(file)
    assert await listed(catalog) == {"Film.mkv": MIB + 5, "Film.mkv.parts.json": size}
    assert "is not a valid manifest" in caplog.text
    caplog.clear()
    await catalog.put(pieces[0])
    assert not caplog.records


async def test_a_manifest_that_was_deleted_while_it_was_read_joins_nothing() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(5, MIB)
    file, data = manifest_of(pieces)
    await catalog.apply(Change(put=pieces))
    await catalog.apply_manifest(file, data)
    assert len(await listed(catalog)) == 2
    assert not await catalog.is_manifest_read(file)
