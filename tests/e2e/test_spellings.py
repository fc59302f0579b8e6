"""Posts are found as people type them, and their hashtags shown as spelt, over the API (I, R)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from pyrogram import raw

from tests.support.http_client import request
from tests.support.stack import EmulatedWorld, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.services.entities import complete
from tgemulator.world.content import SyntheticContent

NAMES = ("Grød.mkv", "Grod tales.mkv", "Sığınak.mkv", "الموسم ٣.mkv", "ゴミ.mkv", "コミ.mkv", "Rain ☔.mp4",
         "F# basics.mp4", "Fable.mp4", "Ant-Hill.mkv", "Salt & Pepper.mkv", "Kite S02E07.mkv",
         "-Live- Set.mp3")  # fmt: skip
QUERIES = {
    "grod": (0, 1), "siginak": (2,), "SIĞINAK": (2,), "الموسم 3": (3,), "ゴミ": (4,), "ｺﾐ": (5,), "☔": (6,), "!!!": (),
    "...": (), "F#": (7,), "anthill": (9,), "ant hill": (9,), "salt and pepper": (10,), "e07": (11,),
    "-Live- Set": (12,),
}  # fmt: skip


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    async with emulator_world() as world:
        yield world


async def api(whole: Whole, path: str, **query: str) -> Any:
    reply = await request(whole.address, f"{path}?{urlencode(query)}")
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


async def post(whole: Whole, name: str, text: str = "", entities: list[Any] | None = None) -> None:
    files = whole.world.emulator.files
    file = files.add(SyntheticContent(3000, len(files.files)), dc_id=2, name=name, mime_type="video/mp4")
    given = complete(text, entities or [])
    await whole.world.emulator.world.post(whole.world.films, file=file, text=text, entities=given)


async def shown(whole: Whole, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api(whole, "/api/catalog", order="asc", **query))["items"]
    return items


async def all_listed(whole: Whole, count: int) -> None:
    async def listed() -> bool:
        return len(await shown(whole)) == count

    await until(listed, timeout=30)


async def test_files_are_found_as_people_type_their_names(world: EmulatedWorld, tmp_path: Path) -> None:
    """I: the names and queries of the table."""
    async with whole_product(tmp_path, world=world) as whole:
        for name in NAMES:
            await post(whole, name)
        await all_listed(whole, len(NAMES))
        found = {text: [item["name"] for item in await shown(whole, q=text)] for text in QUERIES}
        assert found == {text: [NAMES[number] for number in numbers] for text, numbers in QUERIES.items()}


async def test_hashtags_are_those_that_telegram_marked(world: EmulatedWorld, tmp_path: Path) -> None:
    """R: as spelt in items and facets, found in any spelling."""
    spelt = ["सिनेमा", "ภาพยนตร์", "می\u200cسازیم", "ドラマ", "Größe"]
    code = raw.types.MessageEntityCode(offset=3, length=8)
    async with whole_product(tmp_path, world=world) as whole:
        await post(whole, "one.mp4", " ".join(f"#{tag}" for tag in spelt))
        await post(whole, "two.mp4", "😀 #include #größe", [code])
        await all_listed(whole, 2)
        assert [item["tags"] for item in await shown(whole)] == [spelt, ["größe"]]
        for tag, names in {
            "größe": ["one.mp4", "two.mp4"], "GRÖSSE": ["one.mp4", "two.mp4"], "ドラマ": ["one.mp4"], "include": [],
            "میسازیم": ["one.mp4"], "सिनेमा": ["one.mp4"],
        }.items():  # fmt: skip
            assert [item["name"] for item in await shown(whole, tag=tag)] == names
        facets = (await api(whole, "/api/catalog/facets"))["tags"]
        assert facets[0] == {"value": "Größe", "count": 2}
        assert sorted(one["value"] for one in facets) == sorted(spelt)
