"""Logins by code, password and token, exported authorisations, and the list of authorisations."""

from pathlib import Path

import pytest
from pyrogram import errors, raw
from telethon import errors as telethon_errors
from telethon.tl.functions.users import GetUsersRequest
from telethon.tl.types import InputUserSelf

from tests.support.clients import API_HASH, kurigram, telethon
from tests.tgemulator.services.conftest import ABROAD, HOME, Stage, Starter


async def test_a_bot_logs_in_under_its_own_id(stage: Stage, start: Starter) -> None:
    client = await start(stage.bot)
    assert (client.me.id, client.me.username, client.me.is_bot) == (stage.bot.id, "vault_bot", True)
    assert stage.emulator.counters.value("logins", user=stage.bot.id) == 1


async def test_a_bot_is_redirected_to_its_home_dc(stage: Stage, start: Starter) -> None:
    client = await start(stage.bot, dc_id=ABROAD)
    assert await client.storage.dc_id() == HOME


@pytest.mark.parametrize("token", ["4242:wrong", "77:unknown", "no token", "٣:x"])
async def test_a_wrong_token_is_refused(stage: Stage, tmp_path: Path, token: str) -> None:
    client = kurigram(stage.emulator, stage.bot, tmp_path)
    client.bot_token = token
    with pytest.raises(errors.AccessTokenInvalid):
        await client.start()


async def test_a_revoked_token_has_expired(stage: Stage, start: Starter) -> None:
    stage.world.logins.revoked_tokens.add(stage.bot.token)
    with pytest.raises(errors.AccessTokenExpired):
        await start(stage.bot)


async def test_an_api_id_must_be_positive(stage: Stage, start: Starter) -> None:
    client = await start(stage.bot)
    query = raw.functions.auth.ImportBotAuthorization(
        flags=0, api_id=0, api_hash=API_HASH, bot_auth_token=stage.bot.token
    )
    with pytest.raises(errors.ApiIdInvalid):
        await client.invoke(query)


async def test_a_person_logs_in_by_code(stage: Stage, start: Starter) -> None:
    client = await start(stage.ada, dc_id=ABROAD)
    assert (client.me.id, client.me.phone_number) == (stage.ada.id, "15550100")


async def test_a_person_logs_in_with_a_password(stage: Stage, start: Starter) -> None:
    stage.bob.password = "correct horse"
    assert (await start(stage.bob)).me.id == stage.bob.id


async def test_between_code_and_password_other_calls_are_refused(stage: Stage, tmp_path: Path) -> None:
    stage.bob.password = "correct horse"
    client = telethon(stage.emulator, stage.bob, tmp_path)
    try:
        await client.connect()
        await client.send_code_request(stage.bob.phone)
        with pytest.raises(telethon_errors.SessionPasswordNeededError):
            await client.sign_in(stage.bob.phone, stage.bob.code)
        with pytest.raises(telethon_errors.SessionPasswordNeededError):
            await client(GetUsersRequest([InputUserSelf()]))
    finally:
        await client.disconnect()


async def test_telethon_logs_in_with_a_password(stage: Stage, start_telethon: Starter) -> None:
    stage.bob.password = "correct horse"
    client = await start_telethon(stage.bob, dc_id=ABROAD)
    assert (await client.get_me()).id == stage.bob.id


async def test_telethon_logs_a_bot_in(stage: Stage, start_telethon: Starter) -> None:
    client = await start_telethon(stage.bot, dc_id=ABROAD)
    assert (await client.get_me()).bot


async def test_a_wrong_password_is_refused(stage: Stage, tmp_path: Path) -> None:
    stage.bob.password = "correct horse"
    client = telethon(stage.emulator, stage.bob, tmp_path)
    await client.connect()
    try:
        await client.send_code_request(stage.bob.phone)
        with pytest.raises(telethon_errors.SessionPasswordNeededError):
            await client.sign_in(stage.bob.phone, stage.bob.code)
        with pytest.raises(telethon_errors.PasswordHashInvalidError):
            await client.sign_in(password="battery staple")
    finally:
        await client.disconnect()


async def test_codes_are_checked(stage: Stage, tmp_path: Path) -> None:
    client = telethon(stage.emulator, stage.bob, tmp_path)
    await client.connect()
    try:
        with pytest.raises(telethon_errors.PhoneNumberInvalidError):
            await client.send_code_request("12")
        await client.send_code_request(stage.bob.phone)
        for _ in range(5):
            with pytest.raises(telethon_errors.PhoneCodeInvalidError):
                await client.sign_in(stage.bob.phone, "99999")
        with pytest.raises(telethon_errors.PhoneCodeExpiredError):
            await client.sign_in(stage.bob.phone, stage.bob.code)
    finally:
        await client.disconnect()


async def test_an_exported_authorisation_is_valid_once_on_its_dc(stage: Stage, start: Starter) -> None:
    client = await start(stage.bot)
    abroad = await client.get_session(ABROAD, temporary=True, export_authorization=False)
    try:
        exported = await client.invoke(raw.functions.auth.ExportAuthorization(dc_id=ABROAD))
        query = raw.functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
        assert (await abroad.invoke(query)).user.id == stage.bot.id
        with pytest.raises(errors.AuthBytesInvalid):
            await abroad.invoke(query)
        other = await client.invoke(raw.functions.auth.ExportAuthorization(dc_id=1))
        with pytest.raises(errors.AuthBytesInvalid):
            await abroad.invoke(raw.functions.auth.ImportAuthorization(id=other.id, bytes=other.bytes))
        with pytest.raises(errors.UserMigrate):
            await abroad.invoke(raw.functions.updates.GetState())
    finally:
        await abroad.stop()
    counters = stage.emulator.counters
    assert counters.value("exports", user=stage.bot.id, to_dc=ABROAD) == 1
    assert counters.value("imports", user=stage.bot.id, dc=ABROAD) == 1


@pytest.mark.parametrize("dc_id", [HOME, 77])
async def test_an_export_to_a_dc_that_does_not_exist_is_refused(stage: Stage, start: Starter, dc_id: int) -> None:
    client = await start(stage.bot)
    with pytest.raises(errors.DcIdInvalid):
        await client.invoke(raw.functions.auth.ExportAuthorization(dc_id=dc_id))


async def test_logging_out_takes_the_account_from_the_key(stage: Stage, start_telethon: Starter) -> None:
    client = await start_telethon(stage.ada)
    key = next(key for key in stage.emulator.keys.all() if key.user_id == stage.ada.id)
    assert await client.log_out()
    assert key.user_id is None


async def test_sessions_are_listed_and_ended(stage: Stage, start: Starter, start_telethon: Starter) -> None:
    mine = await start(stage.ada)
    other = await start_telethon(stage.ada)
    listed = await mine.invoke(raw.functions.account.GetAuthorizations())
    foreign = [item for item in listed.authorizations if not item.current]
    assert len(listed.authorizations) == 2
    await mine.invoke(raw.functions.account.ResetAuthorization(hash=foreign[0].hash))
    assert await other.get_me() is None


async def test_the_configuration_names_every_address(stage: Stage, start: Starter) -> None:
    client = await start(stage.bot)
    config = await client.invoke(raw.functions.help.GetConfig())
    found = {(item.id, item.media_only, item.ip_address, item.port) for item in config.dc_options}
    places = [(number, media) for number in (1, HOME, ABROAD) for media in (False, True)]
    assert found == {(number, media, *stage.emulator.address(number, media_only=media)) for number, media in places}
    assert config.this_dc == HOME
