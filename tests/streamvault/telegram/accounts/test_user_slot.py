"""The user account of a server: from the session store or USER_SESSION; its failures do not affect the bot."""

import base64
import logging
import struct
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from streamvault.cli import sessions
from streamvault.errors import ConfigError, SourceUnavailable
from streamvault.telegram.accounts.user_account import display_name
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.session_strings import parse_session_string
from tests.streamvault.telegram.conftest import Connect, calls
from tests.support.logins import logged_in
from tests.support.stack import HOME_DC, EmulatedWorld, settings_for
from tests.support.waiting import until


def telethon_string(text: str) -> str:
    """The same session in Telethon's format, which has no user id."""
    session = StringSession()
    session.set_dc(HOME_DC, "127.0.0.1", 1)
    session.auth_key = AuthKey(parse_session_string(text).key)
    return str(session.save())


async def string_of(world: EmulatedWorld, folder: Path) -> str:
    """A session string made by another installation, which is no longer running."""
    return (await logged_in(world, folder / "elsewhere")).string


@pytest.mark.parametrize("library", ["pyrogram", "telethon"])
async def test_a_session_string_is_imported_once_and_kept(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, library: str
) -> None:
    text = await string_of(world, tmp_path)
    given = SecretStr(text if library == "pyrogram" else telethon_string(text))
    keys = world.emulator.counters.by("keys_created", "dc")
    for _ in range(3):
        async with connect(user_session=given) as online:
            account = await online.accounts.user.wait_connected(10)
            assert account is not None
            assert account.session.home is not None
            assert account.session.home.user_id == world.owner.id
    async with connect() as online:  # without the setting
        assert await online.accounts.user.wait_connected(10) is not None
    made = world.emulator.counters.by("keys_created", "dc")
    assert sum(made.values()) == sum(keys.values()) + 1  # the bot's
    assert world.emulator.counters.value("logins") == 2
    assert not list((tmp_path / "data" / "sessions").glob("*replaced*"))


async def test_another_string_replaces_the_session_but_a_later_login_stays(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    first, second = await string_of(world, tmp_path), await string_of(world, tmp_path / "again")
    for text in (first, second):
        async with connect(user_session=SecretStr(text)) as online:
            assert await online.accounts.user.wait_connected(10) is not None
    assert len(list((tmp_path / "data" / "sessions").glob("*replaced*"))) == 1
    await sessions.set_aside(settings_for(world, tmp_path), "streamvault_v2_user")
    async with connect(user_session=SecretStr(second)) as online:
        assert await online.accounts.user.wait_connected(10) is not None
    for key in world.emulator.keys.all():
        if key.user_id == world.owner.id:
            key.user_id = None
    anew = await logged_in(world, tmp_path)
    assert anew.anew
    async with connect(user_session=SecretStr(second)) as online:
        account = await online.accounts.user.wait_connected(10)
        assert account is not None
        stored = account.session.key(HOME_DC)
        assert stored is not None
        assert stored.key == parse_session_string(anew.string).key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "USER_SESSION: this is no session string"),
        (struct.pack(">BI?256sQ?", HOME_DC, 12345, False, b"k" * 256, 7, True), "USER_SESSION is the session of a bot"),
        (struct.pack(">BI?256sQ?", HOME_DC, 777, False, b"k" * 256, 7, False), "USER_SESSION was made with API_ID 777"),
    ],
    ids=["nonsense", "bot", "application"],
)
async def test_a_wrong_string_is_a_config_error_before_any_connection(
    world: EmulatedWorld, connect: Connect, text: str | bytes, message: str
) -> None:
    given = text if isinstance(text, str) else base64.urlsafe_b64encode(text).decode().rstrip("=")
    with pytest.raises(ConfigError, match=message) as caught:
        async with connect(user_session=SecretStr(given)):
            pass
    assert given not in str(caught.value)
    assert world.emulator.counters.value("connections") == 0


async def test_an_ended_session_is_one_warning_per_start(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await logged_in(world, tmp_path)
    for key in world.emulator.keys.all():
        key.user_id = None
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        caplog.clear()
        async with connect() as online:
            assert online.accounts.main.online
            assert await online.accounts.user.wait_connected(10) is None
            assert "`streamvault login` makes a new one" in online.accounts.user.trouble
            assert [record for record in caplog.records if "streamvault login" in record.getMessage()][1:] == []
    made = world.emulator.counters.by("keys_created", "dc")
    assert sum(made.values()) == 3  # the bot's, and the login's two


async def test_without_a_user_account_no_session_is_created(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    async with connect() as online:
        assert await online.accounts.user.wait_connected(0.1) is None
        assert not online.accounts.user.expected
    assert not list((tmp_path / "data" / "sessions").glob("*_user*"))


async def test_a_running_server_uses_a_login_and_the_next_one_after_it_was_ended(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamvault.telegram.accounts.user_account.LOGIN_POLL", 0.05)
    async with connect() as online:
        slot = online.accounts.user
        assert not slot.expected
        for _ in range(2):
            await logged_in(world, tmp_path)
            await until(lambda: slot.account is not None)
            account = slot.account
            assert account is not None
            for key in world.emulator.keys.all():
                if key.user_id == world.owner.id:
                    key.user_id = None
            with pytest.raises(SourceUnavailable):
                await display_name(account)
            await until(lambda: "streamvault login" in slot.trouble, timeout=20)
        assert slot.account is None
        assert online.accounts.main.online
    assert calls(world, "auth.signIn") == 2


async def test_a_session_in_use_is_waited_for_in_the_background(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    await logged_in(world, tmp_path)
    backend = FileBackend(tmp_path / "data" / "sessions", "streamvault_v2_user")
    await backend.open()
    async with connect() as online:
        assert await online.accounts.user.wait_connected(10) is None
        await until(lambda: "is in use by" in online.accounts.user.trouble)
        await backend.close()
        await until(lambda: online.accounts.user.account is not None)
    assert calls(world, "auth.sendCode") == 2


async def test_the_users_session_moves_with_the_bots(world: EmulatedWorld, connect: Connect, tmp_path: Path) -> None:
    store: dict[str, Any] = {"secret_key": "a-secret-key-that-is-long-enough"}
    await logged_in(world, tmp_path)
    moved = await sessions.move(settings_for(world, tmp_path, **store), to="database")
    assert "streamvault_v2_user: moved" in moved
    async with connect(session_store="database", **store) as online:
        assert await online.accounts.user.wait_connected(10) is not None
    assert calls(world, "auth.signIn") == 1
