"""What is exported and imported is the same catalog, whichever store it comes from and goes to."""

import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.catalog import transfer
from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.sqlite import SqliteCatalog
from streamvault.catalog.transfer import exported, imported
from streamvault.errors import ConfigError
from streamvault.media.facts import Facts
from streamvault.media.model import FileKey, MediaFile
from tests.contracts.catalog_storing import FACTS, FILES
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file

HEAD = b'{"streamvault_catalog":1}\n'


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        yield opened


async def written(catalog: Catalog) -> bytes:
    return b"".join([line async for line in exported(catalog)])


async def fill(catalog: Catalog, count: int) -> None:
    files = [media_file(n, chat_id=CHANNEL - n % 3, key=FileKey(f"{n % 50}"), caption="é #tag") for n in range(count)]
    await catalog.apply(Change(put=files, marks={"pts": "77", "walk": "5"}))
    await catalog.learn(
        {f"{n}": Facts(1, title=f"film {n}", year=1990 + n, languages=("en",)) for n in range(0, 50, 2)}
    )
    await catalog.remember_chat(CHANNEL, "Films 🎬")


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 350])
async def test_it_is_all_there_in_another_store(
    catalog: SqliteCatalog, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_AT_ONCE", 50)
    first = MemoryCatalog()
    await fill(first, count)
    text = await written(first)
    told: list[int] = []
    assert await imported(catalog, io.BytesIO(text), progress=told.append) == count
    assert told == list(range(50, count + 1, 50))
    assert await written(catalog) == text
    assert await catalog.dump(None, 1000) == await first.dump(None, 1000)
    assert await catalog.marks() == {"pts": "77", "walk": "5"}
    second = MemoryCatalog()
    for _ in range(2):  # again, as after a stop
        await imported(second, io.BytesIO(text))
    assert await written(second) == text


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=FILES, facts=st.none() | FACTS)
async def test_every_field_goes_along(file: MediaFile, facts: Facts | None) -> None:
    first, second = MemoryCatalog([file]), MemoryCatalog()
    if facts is not None:
        await first.learn({file.key.file_unique_id: facts})
    await imported(second, io.BytesIO(await written(first)))
    assert await second.dump(None, 2) == await first.dump(None, 2)


async def test_a_line_is_an_object_with_one_key() -> None:
    catalog = MemoryCatalog()
    await fill(catalog, 3)
    lines = [json.loads(line) for line in (await written(catalog)).splitlines()]
    assert [list(line) for line in lines] == [["streamvault_catalog"], ["chat"], ["mark"], ["mark"], *[["file"]] * 3]
    assert lines[1] == {"chat": {"id": CHANNEL, "title": "Films 🎬"}}


async def test_marks_are_stored_when_all_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_AT_ONCE", 2)
    first, second = MemoryCatalog(), MemoryCatalog()
    await fill(first, 5)
    text = await written(first)
    with pytest.raises(ConfigError, match="line 9"):
        await imported(second, io.BytesIO(text[: text.rindex(b'"name"')]))
    assert len(second.files) == 4
    assert await second.marks() == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\xff", "line 1 cannot be read"),
        (b'{"chat":{"id":1,"title":"x"}}\n', "line 1 is not"),
        (b'{"streamvault_catalog":2}\n', "newer version"),
        (HEAD + HEAD, "line 2 is not"),
        (HEAD + b"\n", "line 2 cannot be read"),
        (HEAD + b"{}\n", "line 2 is not"),
        (HEAD + b'{"later":1}\n', "line 2 is not"),
        (HEAD + b'{"mark":{"name":"a"}}\n', "line 2 cannot be read"),
        (HEAD + b'{"file":{"message":{}}}\n', "line 2 cannot be read"),
    ],
    ids=range(10),
)
async def test_what_is_no_export_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        await imported(MemoryCatalog(), io.BytesIO(text))


async def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_LONGEST", 1000)
    with pytest.raises(ConfigError, match="line 2"):
        await imported(MemoryCatalog(), io.BytesIO(HEAD + b" " * 5000 + os.linesep.encode()))
