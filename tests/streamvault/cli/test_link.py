"""`streamvault link @NAME`: the number is looked up in what the bot has stored, also while a server uses it."""

from pathlib import Path

import pytest

from streamvault.cli.sessions import channel_number
from streamvault.errors import ConfigError
from tests.support.bot_stage import PAUSE, Stage, bot_stage, origin_of
from tests.support.stack import chat_id_of
from tests.support.waiting import until


async def test_a_channel_is_linked_by_its_username(tmp_path: Path) -> None:
    """20: as `index` takes it, in capitals or not, with or without the at sign."""
    async with bot_stage(tmp_path, channels=()) as stage:
        films = stage.telegram.films
        films.username = "Good_Films"
        post = await stage.world.post(films, file=stage.file())
        await stage.row(origin_of(films, post))
        await until(lambda: _knows(stage, "@good_films"), timeout=20, pause=PAUSE)
        assert await channel_number(stage.settings, "GOOD_FILMS") == chat_id_of(films)
        for name in ("@vault_bot", "@somebody_else"):  # the bot itself is no channel
            with pytest.raises(ConfigError, match=name):
                await channel_number(stage.settings, name)


async def _knows(stage: Stage, name: str) -> bool:
    try:
        return bool(await channel_number(stage.settings, name))
    except ConfigError:
        return False
