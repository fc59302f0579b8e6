"""Albums, and files in several messages, as the API shows them after Telegram's updates."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.http_client import request
from tests.support.stack import EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import SyntheticContent
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Forward


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    async with emulator_world() as world:
        yield world


async def found(whole: Whole, **query: str) -> list[dict[str, Any]]:
    filters = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    reply = await request(whole.address, f"/api/catalog?order=asc&{filters}")
    assert reply.status == 200, reply.body
    items: list[dict[str, Any]] = json.loads(reply.body)["items"]
    return items


async def finds(whole: Whole, expected: list[int], **query: str) -> None:
    """Wait until a query finds these messages."""

    async def all_found() -> bool:
        return [item["message_id"] for item in await found(whole, **query)] == expected

    await until(all_found, timeout=30)


def stored_file(world: EmulatedWorld, name: str) -> Any:
    files = world.emulator.files
    return files.add(SyntheticContent(3000, len(files.files)), dc_id=2, name=name, mime_type="video/mp4")


async def test_the_text_of_an_album_leads_to_all_of_its_files(world: EmulatedWorld, tmp_path: Path) -> None:
    """H: live, before the server started, and after an edit of the text."""
    telegram = world.emulator.world
    async with whole_product(tmp_path, world=world) as whole:
        boats = [stored_file(world, f"boat {number}.mp4") for number in range(4)]
        album = await telegram.post_album(world.films, boats, text="Regatta at Dornum #sail")
        ids = [message.id for message in album]
        await finds(whole, ids, q="dornum")
        await finds(whole, ids, tag="sail")
        assert {item["caption"] for item in await found(whole)} == {"Regatta at Dornum #sail"}
        await telegram.edit(album[0], text="Harbour #port")
        await finds(whole, ids, q="harbour")
        await finds(whole, ids, tag="port")
        await finds(whole, [], q="dornum")
        own = [Draft(f"walk{number}", stored_file(world, f"walk {number}.mp4"), grouped_id=77) for number in (1, 2)]
        walks = telegram.post_drafts(world.films, own)
        await finds(whole, [walks[1].id], q="walk2")
        await finds(whole, [walks[0].id], q="walk1")


async def test_a_post_stands_in_front_of_copies_and_comments(world: EmulatedWorld, tmp_path: Path) -> None:
    """P: the group's messages are newer."""
    telegram = world.emulator.world
    group = telegram.add_channel("Talk", creator=world.owner, megagroup=True)
    telegram.add_member(group, world.bot, admin=True)
    chats = frozenset({chat_id_of(world.films), chat_id_of(group)})
    async with whole_product(tmp_path, world=world, channels=chats) as whole:
        film, other = stored_file(world, "Harbour Lights.mp4"), stored_file(world, "other.mp4")

        async def listed(number: int) -> bool:
            return len(await found(whole)) == number

        post = await telegram.post(world.films, file=film, text="Harbour Lights, restored")
        await until(lambda: listed(1), timeout=30)  # each chat has a queue of its own
        await telegram.post(group, file=film, text="Harbour Lights, restored", sender=world.owner,
                            forward=Forward(world.films.peer, post=post.id))  # fmt: skip
        await telegram.post(group, file=film, text="lol", sender=world.owner)
        await telegram.post(group, file=other, text="end", sender=world.owner)
        await until(lambda: listed(2), timeout=30)
        [shown] = await found(whole, q="harbour")
        assert (shown["chat_id"], shown["caption"]) == (chat_id_of(world.films), "Harbour Lights, restored")
        [comment] = await found(whole, q="lol")
        assert (comment["chat_id"], comment["caption"]) == (chat_id_of(group), "lol")
