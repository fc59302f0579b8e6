"""A user account whose session Telegram has ended: only a person can log in again, so it is not retried."""

from pathlib import Path
from typing import Any

import pytest

from streamvault.errors import ConfigError
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.spec import AccountSpec
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.file import FileBackend
from tests.streamvault.telegram.conftest import Connect
from tests.support.stack import HOME_DC, EmulatedWorld, settings_for


def account_without_a_token(world: EmulatedWorld, folder: Path) -> Account:
    """An account with the bot's stored session and no token, so that it cannot log in by itself."""
    settings = settings_for(world, folder)
    return Account(
        AccountSpec(settings.session_name, world.bot.id, None),
        settings,
        Metrics(),
        backend=FileBackend(settings.data_dir / "sessions", settings.session_name),
        network=Network(None, ip_version="4"),
        server_clock=ServerClock(),
    )


def nothing(*_: Any) -> None:
    """No handlers."""


@pytest.mark.parametrize(
    ("code", "text"), [(-404, ""), (401, "SESSION_REVOKED"), (406, "AUTH_KEY_DUPLICATED"), (401, "USER_DEACTIVATED")]
)
async def test_an_ended_session_is_a_config_error_without_another_login(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, code: int, text: str
) -> None:
    async with connect():
        pass
    world.emulator.faults.dead_key(code, text, dc=HOME_DC)
    for _ in range(3):
        account = account_without_a_token(world, tmp_path)
        try:
            await account.acquire_session()
            with pytest.raises(ConfigError, match="`streamvault login` makes a new one") as caught:
                await account.open(nothing)
        finally:
            await account.close()
        assert "\n" not in str(caught.value)
    assert world.emulator.counters.by("keys_created", "dc") == {HOME_DC: 1}
    assert world.emulator.counters.value("logins") == 1


async def test_without_a_login_opening_fails_before_any_connection(world: EmulatedWorld, tmp_path: Path) -> None:
    account = account_without_a_token(world, tmp_path)
    await account.acquire_session()
    with pytest.raises(ConfigError, match="`streamvault login` does that"):
        await account.open(nothing)
    await account.close()
    assert world.emulator.counters.value("connections") == 0
