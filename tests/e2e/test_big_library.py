"""The generated library of tests/support/big_library.py, as a real server lists it."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamvault.media.placeholder import placeholder
from tests.support.big_library import CHATS, YEARS, big_server, records
from tests.support.http_client import request

ITEMS = 2_000


def test_it_has_files_of_all_kinds_over_ten_years() -> None:
    made = [record.file for record in records(ITEMS)]
    assert {file.kind for file in made} == {
        "video", "audio", "photo", "document", "voice", "video_note", "animation", "sticker",
    }  # fmt: skip
    assert {file.origin.chat_id for file in made} == set(CHATS)
    assert len({file.origin for file in made}) == len({file.key for file in made}) == ITEMS
    assert made[-1].date - made[0].date == pytest.approx(YEARS * 365 * 86_400, rel=0.01)
    assert [file.date for file in made] == sorted(file.date for file in made)
    assert all(placeholder(file.stripped) for file in made if file.thumb_sizes)


async def test_a_server_lists_all_of_it(tmp_path: Path) -> None:
    async with big_server(tmp_path, ITEMS) as server:

        async def told(path: str) -> Any:
            reply = await request(server.address, path)
            assert reply.status == 200, reply.body
            return json.loads(reply.body)

        facets = await told("/api/catalog/facets")
        assert facets["total"] == ITEMS
        assert sum(kind["count"] for kind in facets["kinds"]) == ITEMS
        assert {chat["value"] for chat in facets["chats"]} == set(CHATS)
        histogram = await told("/api/catalog/histogram?sort=date")
        assert sum(bucket["count"] for bucket in histogram["buckets"]) == ITEMS
        assert len(histogram["buckets"]) >= YEARS * 12
        page = await told(f"/api/catalog?offset={ITEMS - 10}&limit=50")
        assert len(page["items"]) == 10
        assert all(item["facts"] for item in page["items"] if item["kind"] == "video")
        assert any(work["series"] for work in (await told("/api/works"))["works"])
