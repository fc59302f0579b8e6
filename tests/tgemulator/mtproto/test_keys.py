"""Auth keys: one key on two connections, invalid keys, keys across a restart."""

import time
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from tests.support.rawclient import Identity, RawClient, TransportFailure
from tests.tgemulator.conftest import HOME, TOKEN, Clock, again, login
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.mtproto import key_ownership

PING = raw.functions.Ping(ping_id=7)
CONFIG = raw.functions.help.GetConfig()
STATE = raw.functions.updates.GetState()
FILE = raw.functions.upload.GetFile(
    location=raw.types.InputDocumentFileLocation(id=1, access_hash=1, file_reference=b"", thumb_size=""),
    offset=0,
    limit=4096,
)


async def _text(client: RawClient, query: Any) -> str:
    """The error's text, or "" when the call succeeded."""
    answer = await client.call(query)
    return str(answer.error_message) if isinstance(answer, raw.types.RpcError) else ""


async def test_a_key_on_two_connections_is_logged_out(emulator: Emulator, bot: RawClient) -> None:
    assert await _text(bot, STATE) == ""
    async with await again(emulator, bot, same_session=False) as second:
        assert await _text(second, CONFIG) == ""
        assert await _text(second, STATE) == "AUTH_KEY_DUPLICATED"
        assert await _text(second, STATE) == "AUTH_KEY_UNREGISTERED"
    assert await _text(bot, STATE) == "AUTH_KEY_UNREGISTERED"
    assert emulator.counters.value("errors", text="AUTH_KEY_DUPLICATED", code=406) == 1
    assert await _text(bot, login()) == ""  # a new login brings the key back
    assert await _text(bot, STATE) == ""


@pytest.mark.parametrize("media_only", [False, True])
async def test_connections_for_files_never_count(emulator: Emulator, bot: RawClient, media_only: bool) -> None:
    await bot.call(STATE)
    for _ in range(3):
        async with await again(emulator, bot, same_session=False, media_only=media_only) as files:
            await files.send(PING, content=False)
            assert await _text(files, CONFIG) == ""
            assert await _text(files, FILE) != "AUTH_KEY_DUPLICATED"
            assert await _text(bot, STATE) == ""
    assert emulator.counters.value("errors", text="AUTH_KEY_DUPLICATED") == 0


async def test_the_same_session_on_a_new_connection_is_a_reconnection(emulator: Emulator, bot: RawClient) -> None:
    await bot.call(STATE)
    async with await again(emulator, bot, same_session=True) as back:
        assert await _text(back, STATE) == ""
        assert await _text(back, STATE) == ""


async def test_a_new_session_after_the_old_connection_closed_is_a_reconnection(
    emulator: Emulator, bot: RawClient
) -> None:
    await bot.call(STATE)
    await bot.close()
    async with await again(emulator, bot, same_session=False) as back:
        assert await _text(back, STATE) == ""


async def test_a_silent_connection_loses_the_key_and_is_a_duplicate_afterwards(
    emulator: Emulator, bot: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.call(STATE)
    monkeypatch.setattr(key_ownership, "ALIVE", 0.0)
    async with await again(emulator, bot, same_session=False) as back:
        assert await _text(back, STATE) == ""
        monkeypatch.setattr(key_ownership, "ALIVE", 60.0)
        assert await _text(bot, STATE) == "AUTH_KEY_DUPLICATED"


async def test_a_revoked_key_is_404(emulator: Emulator, bot: RawClient) -> None:
    (key,) = emulator.keys.of_user(4242)
    emulator.keys.revoke(key)
    await bot.send(PING, content=False)
    with pytest.raises(TransportFailure) as failure:
        await bot.receive()
    assert failure.value.code == -404
    assert list(emulator.keys.of_user(4242)) == []


async def test_a_client_can_destroy_its_key(bot: RawClient) -> None:
    await bot.send(raw.functions.DestroyAuthKey())
    await bot.expect(raw.types.DestroyAuthKeyOk)
    await bot.send(PING, content=False)
    with pytest.raises(TransportFailure):
        await bot.receive()


async def test_a_temporary_key_expires(emulator: Emulator, clock: Clock) -> None:
    async with await RawClient.connect(emulator.address(HOME)) as client:
        await client.make_key(emulator.public_key_pem, temp=60)
        await client.send(PING, content=False)
        await client.expect(raw.types.Pong)
        clock.ahead = 61
        await client.send(PING, content=False)
        with pytest.raises(TransportFailure):
            await client.receive()


async def test_a_restarted_emulator_knows_its_keys_and_ports(tmp_path: Path) -> None:
    config = EmulatorConfig(dcs=(DcConfig(1), DcConfig(HOME)), folder=tmp_path / "emulator")
    async with Emulator(config) as emulator:
        emulator.world.add_bot(TOKEN, home_dc=HOME)
        pem, addresses = emulator.public_key_pem, [emulator.address(dc.id) for dc in config.dcs]
        async with await RawClient.connect(emulator.address(HOME)) as client:
            await client.make_key(pem, scheme="sha1")
            await client.init()
            await client.call(login())
            me = Identity(client.me.key, client.me.salt)
    async with Emulator(config) as emulator:
        emulator.world.add_bot(TOKEN, home_dc=HOME)
        assert emulator.public_key_pem == pem
        assert [emulator.address(dc.id) for dc in config.dcs] == addresses
        async with await RawClient.connect(emulator.address(HOME), identity=me) as client:
            assert await _text(client, STATE) == ""  # neither a new login nor initConnection is needed
            assert emulator.counters.value("keys_created") == 0


async def test_files_with_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    async with Emulator(EmulatorConfig(dcs=(DcConfig(1),), folder=tmp_path)):
        pass
    assert {_mode(tmp_path / name) for name in ("server_key.pem", "keys.sqlite")} == {0o600}


def _mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def test_logging_out_and_in(emulator: Emulator, bot: RawClient) -> None:
    (key,) = emulator.keys.of_user(4242)
    emulator.keys.log_out(key)
    assert await _text(bot, STATE) == "AUTH_KEY_UNREGISTERED"
    emulator.keys.log_in(key, 4242)
    assert await _text(bot, STATE) == ""
    assert time.time() - key.created_at < 60
