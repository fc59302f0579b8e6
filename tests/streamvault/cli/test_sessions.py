"""`streamvault session`: import, move, list and set-aside, with real connections before and after."""

import base64
import struct
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from streamvault.cli import sessions
from streamvault.errors import ConfigError
from streamvault.settings import Settings
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.session_strings import parse_session_string
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.stores import Stores
from tests.streamvault.telegram.conftest import Connect, exports, keys, right
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, settings_for

SECRET = SecretStr("a secret key of enough characters")


@pytest.fixture
def settings(world: EmulatedWorld, tmp_path: Path) -> Settings:
    return settings_for(world, tmp_path)


def database(tmp_path: Path) -> dict[str, Any]:
    return {"database_url": SecretStr(f"sqlite:///{tmp_path / 'elsewhere.db'}"), "secret_key": SECRET}


async def read_foreign_chunk(connect: Connect, world: EmulatedWorld, **settings: Any) -> None:
    """Read a chunk from a foreign data centre."""
    origin = await world.post_synthetic(MIB, dc_id=FOREIGN_DC)
    async with connect(**settings) as online:
        assert await online.source.fetch(await online.file(origin), 0, MIB) == right()


def counts(world: EmulatedWorld) -> tuple[int, ...]:
    """Keys at home, keys in all, exports and logins that the emulator counted."""
    return keys(world, HOME_DC), keys(world), exports(world), world.emulator.counters.value("logins")


async def stored_key(folder: Path) -> bytes:
    """The bot's home key."""
    session = StoredSession(FileBackend(folder / "sessions", "streamvault_v2"))
    records = await session.backend.peek()
    session._load(records)
    key = session.key(HOME_DC)
    assert key is not None
    return key.key


def pyrogram_string(key: bytes, user_id: int, *, api_id: int = 12345, bot: bool = True) -> str:
    packed = struct.pack(">BI?256sQ?", HOME_DC, api_id, False, key, user_id, bot)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def telethon_string(key: bytes) -> str:
    session = StringSession()
    session.set_dc(HOME_DC, "127.0.0.1", 1)
    session.auth_key = AuthKey(key)
    return str(session.save())


@pytest.mark.parametrize("library", ["pyrogram", "telethon"])
async def test_an_imported_session_needs_no_login(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, library: str
) -> None:
    async with connect():
        pass
    key = await stored_key(tmp_path / "data")
    text = pyrogram_string(key, world.bot.id) if library == "pyrogram" else telethon_string(key)
    second = settings_for(world, tmp_path / "second")
    assert "streamvault_v2" in await sessions.import_string(second, text + "\n")
    with pytest.raises(ConfigError, match="exists already"):
        await sessions.import_string(second, text)
    await read_foreign_chunk(connect, world, data_dir=second.data_dir)
    assert counts(world) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"api_id": 777}, "API_ID 777"),
        ({"user_id": 99}, "session of the bot 99"),
    ],
)
async def test_a_string_of_another_application_or_bot_is_refused(
    settings: Settings, world: EmulatedWorld, change: dict[str, int], words: str
) -> None:
    text = pyrogram_string(b"k" * 256, change.get("user_id", world.bot.id), api_id=change.get("api_id", 12345))
    with pytest.raises(ConfigError, match=words):
        await sessions.import_string(settings, text)
    assert not (settings.data_dir / "sessions").exists()


async def test_a_user_accounts_string_becomes_the_user_session(settings: Settings) -> None:
    text = pyrogram_string(b"k" * 256, 555, bot=False)
    assert "streamvault_v2_user" in await sessions.import_string(settings, text)


@pytest.mark.parametrize("text", ["", "1", "nonsense", "1" + "A" * 352, "A" * 362, "BQ" + "!" * 360])
def test_text_that_is_no_session_string_is_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError, match="no session string"):
        parse_session_string(text)


@pytest.mark.parametrize("layout", [">B?256sI?", ">B?256sQ?"])
def test_older_pyrogram_formats_are_read(layout: str) -> None:
    packed = struct.pack(layout, 4, False, b"k" * 256, 700, True)
    found = parse_session_string(base64.urlsafe_b64encode(packed).decode().rstrip("="))
    assert (found.dc_id, found.key, found.user_id, found.is_bot, found.api_id) == (4, b"k" * 256, 700, True, None)


async def test_moving_to_the_database_and_back_keeps_every_key(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    other = database(tmp_path)
    settings = settings_for(world, tmp_path, **other)
    await read_foreign_chunk(connect, world)
    assert "streamvault_v2: moved" in await sessions.move(settings, to="database")
    await read_foreign_chunk(connect, world, session_store="database", **other)
    assert "streamvault_v2: nothing to move" in await sessions.move(settings, to="database")
    assert "streamvault_v2: moved" in await sessions.move(settings, to="file")
    await read_foreign_chunk(connect, world)
    assert "streamvault_v2: moved" in await sessions.move(settings, to="database")
    assert "streamvault_v2: moved" in await sessions.move(settings, to="file")
    await read_foreign_chunk(connect, world)
    assert counts(world) == (1, 1, 1, 1)


async def test_a_session_in_use_is_not_moved(world: EmulatedWorld, connect: Connect, tmp_path: Path) -> None:
    settings = settings_for(world, tmp_path, **database(tmp_path))
    async with connect():
        with pytest.raises(ConfigError, match=r"is in use by process .*: stop it first"):
            await sessions.move(settings, to="database")
        assert any("in use by process" in line for line in await sessions.show(settings))
        with pytest.raises(ConfigError, match="stop it first"):
            await sessions.set_aside(settings, "streamvault_v2")
    async with Stores(settings, kind="database") as stores:
        assert await stores.backend("streamvault_v2").peek() == {}


async def test_an_existing_target_is_never_overwritten(world: EmulatedWorld, connect: Connect, tmp_path: Path) -> None:
    other = database(tmp_path)
    settings = settings_for(world, tmp_path, **other)
    await read_foreign_chunk(connect, world)
    await read_foreign_chunk(connect, world, session_store="database", **other)
    with pytest.raises(ConfigError, match="exists already"):
        await sessions.move(settings, to="database")
    await read_foreign_chunk(connect, world)
    await read_foreign_chunk(connect, world, session_store="database", **other)
    assert counts(world) == (2, 2, 2, 2)


async def test_the_list_shows_home_dc_keys_and_flood_waits(
    world: EmulatedWorld, connect: Connect, settings: Settings
) -> None:
    assert "no session yet" in (await sessions.show(settings))[0]
    await read_foreign_chunk(connect, world)
    world.emulator.faults.flood_wait(300, method="channels.getMessages")
    async with connect() as online:
        with pytest.raises(Exception, match="waits for Telegram"):
            await online.file(await world.post_synthetic(MIB))
    first, second = await sessions.show(settings)
    assert "at home in data centre 2  keys of data centres: 2, 4  not in use" in first
    assert "closed for messages: " in second
    aside = await sessions.set_aside(settings, "streamvault_v2")
    assert Path(aside).exists()
    assert "no session yet" in (await sessions.show(settings))[0]
