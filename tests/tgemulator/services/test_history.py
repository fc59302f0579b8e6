"""The page that offset_id, add_offset, limit, max_id and min_id select; and the search filters."""

from typing import Any

import pytest
from pyrogram import enums, errors, raw

from tests.tgemulator.services.conftest import HOME, Stage, Starter
from tests.tgemulator.services.test_updates import chat_id_of
from tgemulator.world import attributes
from tgemulator.world.content import SyntheticContent


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        ({"limit": 3}, [21, 20, 19]),
        ({"limit": 3, "offset_id": 10}, [9, 8, 7]),
        ({"limit": 3, "offset_id": 10, "add_offset": 2}, [7, 6, 5]),
        ({"limit": 3, "offset_id": 10, "add_offset": -3}, [12, 11, 10]),
        ({"limit": 5, "offset_id": 20, "add_offset": -5}, [21, 20]),
        ({"limit": 4, "offset_id": 10, "min_id": 7}, [9, 8]),
        ({"limit": 4, "offset_id": 10, "max_id": 8}, [7, 6]),
        ({"limit": 5, "offset_id": 3}, [2, 1]),
        ({"limit": 0}, []),
    ],
)
async def test_offsets_select_the_page(stage: Stage, start: Starter, chosen: dict[str, int], ids: list[int]) -> None:
    for number in range(20):
        await stage.world.post(stage.films, text=f"{number}")
    ada = await start(stage.ada)
    own = stage.world.access_hash(stage.ada.id, "channel", number=stage.films.id)
    peer = raw.types.InputPeerChannel(channel_id=stage.films.id, access_hash=own)
    rest = {"offset_id": 0, "offset_date": 0, "add_offset": 0, "max_id": 0, "min_id": 0, "hash": 0}
    found = await ada.invoke(raw.functions.messages.GetHistory(peer=peer, **{**rest, **chosen}))
    assert [message.id for message in found.messages] == ids
    assert found.count == 21


async def test_a_bot_may_not_read_histories(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    peer = raw.types.InputPeerChannel(channel_id=stage.films.id, access_hash=0)
    rest = {"offset_id": 0, "offset_date": 0, "add_offset": 0, "limit": 1, "max_id": 0, "min_id": 0, "hash": 0}
    with pytest.raises(errors.BotMethodInvalid):
        await bot.invoke(raw.functions.messages.GetHistory(peer=peer, **rest))


async def test_search_selects_by_media_kind_and_text(stage: Stage, start: Starter) -> None:
    kinds: dict[str, list[Any]] = {
        "film.mp4": [attributes.video(1, 2, 3)],
        "loop.mp4": [attributes.animated(), attributes.video(1, 2, 3, silent=True)],
        "round.mp4": [attributes.video(1, 2, 3, round_message=True)],
        "song.mp3": [attributes.audio(1)],
        "voice.ogg": [attributes.voice(1)],
        "book.pdf": [],
    }
    for name, described in kinds.items():
        file = stage.emulator.files.add(SyntheticContent(9, 1), dc_id=HOME, name=name, attributes=described)
        await stage.world.post(stage.films, text="about it", file=file)
    ada = await start(stage.ada)
    async for _ in ada.get_dialogs():
        pass

    async def names(chosen: enums.MessagesFilter, query: str = "") -> list[str]:
        found = ada.search_messages(chat_id_of(stage.films), query=query, filter=chosen)
        media = [getattr(message, message.media.value) async for message in found]
        return [getattr(item, "file_name", None) or "unnamed" for item in media]

    assert await names(enums.MessagesFilter.VIDEO) == ["film.mp4"]
    assert await names(enums.MessagesFilter.ANIMATION) == ["loop.mp4"]
    assert await names(enums.MessagesFilter.AUDIO) == ["song.mp3"]
    assert await names(enums.MessagesFilter.DOCUMENT) == ["book.pdf"]
    assert len(await names(enums.MessagesFilter.VIDEO_NOTE)) == 1
    assert len(await names(enums.MessagesFilter.VOICE_NOTE)) == 1
    assert len(await names(enums.MessagesFilter.EMPTY, "ABOUT")) == 6
    assert await names(enums.MessagesFilter.EMPTY, "song") == ["song.mp3"]
