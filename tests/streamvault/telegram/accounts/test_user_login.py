"""`streamvault login` against the emulator: its questions, what is stored, and what is sent only once."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.cli import sessions
from streamvault.cli.login import log_in, next_steps
from streamvault.errors import ConfigError, SourceError, StreamVaultError
from streamvault.telegram.accounts.spec import server_name
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.stores import Stores
from streamvault.telegram.sessions.values import Identity, StoredKey
from tests.streamvault.telegram.conftest import calls
from tests.support.logins import CODE, PASSWORD, PHONE, Person, logged_in
from tests.support.proxies import QUOTED, USER, relay, socks5
from tests.support.stack import ENTRY_DC, HOME_DC, EmulatedWorld, settings_for
from tests.support.waiting import until

SEND_CODE, SIGN_IN = "auth.sendCode", "auth.signIn"


def keys_made(world: EmulatedWorld) -> dict[Any, int]:
    return world.emulator.counters.by("keys_created", "dc")


def logins(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("logins")


async def test_a_login_makes_its_own_session_and_is_needed_once(world: EmulatedWorld, tmp_path: Path) -> None:
    first = await logged_in(world, tmp_path)
    assert (first.name, first.anew) == (f"Owner, id {world.owner.id}", True)
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1}
    assert calls(world, SEND_CODE) == 2  # the entry data centre redirects it
    again = await log_in(settings_for(world, tmp_path, entry=ENTRY_DC), Person())
    assert (again.name, again.anew, again.string) == (first.name, False, first.string)
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1}
    assert (calls(world, SEND_CODE), calls(world, SIGN_IN), logins(world)) == (2, 1, 1)
    assert [path.name for path in (tmp_path / "data" / "sessions").glob("*_user*")] != []
    assert not list((tmp_path / "data" / "sessions").glob("streamvault_v2.*"))  # the bot's session is not created
    lines = await sessions.show(settings_for(world, tmp_path))
    assert "streamvault_v2_user  account of a user  at home in data centre 2" in lines[1]


@pytest.mark.parametrize("store", ["file", "database"])
async def test_beside_a_process_that_uses_the_session_nothing_is_asked(
    world: EmulatedWorld, tmp_path: Path, store: str
) -> None:
    """17: as while a server runs; the string for USER_SESSION is the same."""
    kept: dict[str, Any] = {"session_store": store, "secret_key": SecretStr("a secret key of enough characters")}
    first = await logged_in(world, tmp_path, **kept)
    settings = settings_for(world, tmp_path, entry=ENTRY_DC, **kept)
    async with Stores(settings) as stores:
        server = stores.backend("streamvault_v2_user")
        await server.open()
        try:
            again = await log_in(settings, Person())
            assert (again.anew, again.string) == (False, first.string)
            assert f"already logged in as the account with id {world.owner.id}; " in next_steps(again)[0]
            assert "in use by " in again.name
        finally:
            await server.close()
    assert (calls(world, SIGN_IN), logins(world)) == (1, 1)


async def test_beside_another_login_that_is_not_done_the_command_is_refused(
    world: EmulatedWorld, tmp_path: Path
) -> None:
    settings = settings_for(world, tmp_path, entry=ENTRY_DC)
    async with Stores(settings) as stores:
        other = stores.backend("streamvault_v2_user")
        await other.open()
        try:
            with pytest.raises(ConfigError, match="wait until it has ended"):
                await log_in(settings, Person())
        finally:
            await other.close()


async def test_a_mistyped_password_is_asked_for_again(world: EmulatedWorld, tmp_path: Path) -> None:
    world.owner.password = PASSWORD
    person = Person(PHONE, CODE, "wrong", PASSWORD)
    found = await log_in(settings_for(world, tmp_path), person)
    assert found.anew
    assert person.said[-1] == "that is not the password"
    assert calls(world, "auth.checkPassword") == 2
    assert PASSWORD not in "".join((*person.asked, *person.said))


async def test_a_wrong_number_and_a_wrong_code_are_asked_for_again(world: EmulatedWorld, tmp_path: Path) -> None:
    person = Person("12", PHONE, "00000", "1 23-45")
    assert (await log_in(settings_for(world, tmp_path), person)).anew
    assert person.said[0].startswith("that is no phone number: ")
    assert person.said[1:] == ["Telegram has sent a code to your Telegram app", "that is not the code"]
    assert calls(world, SEND_CODE) == 2


@pytest.mark.parametrize(
    ("answers", "password", "words"),
    [
        ((PHONE, "1", "2", "3"), "", "that is not the code"),
        (("1", "2", "3"), "", "that is no phone number"),
        (("+15550999", "0"), "", "that is not the code"),
        ((PHONE, CODE, "a", "b", "c"), PASSWORD, "that is not the password"),
    ],
    ids=["code", "number", "unknown-number", "password"],
)
async def test_three_wrong_answers_end_the_login(
    world: EmulatedWorld, tmp_path: Path, answers: tuple[str, ...], password: str, words: str
) -> None:
    world.owner.password = password
    with pytest.raises((SourceError, ConfigError)) as caught:
        await logged_in(world, tmp_path, *answers, *("0", "0"))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert logins(world) == 0


async def test_a_stopped_command_requests_no_second_code(world: EmulatedWorld, tmp_path: Path) -> None:
    for answers in ((PHONE,), (PHONE,), (PHONE, "00000")):
        with pytest.raises(ConfigError, match="the input ended"):
            await logged_in(world, tmp_path, *answers)
    person = Person(PHONE, CODE)
    await log_in(settings_for(world, tmp_path, entry=ENTRY_DC), person)
    assert person.said == ["the code that Telegram has sent before is still good"]
    assert (calls(world, SEND_CODE), logins(world)) == (2, 1)
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1}


async def test_a_command_stopped_at_the_password_resumes_there(world: EmulatedWorld, tmp_path: Path) -> None:
    world.owner.password = PASSWORD
    for answers in ((PHONE, CODE), (), ("wrong",)):
        with pytest.raises(ConfigError, match="the input ended"):
            await log_in(settings_for(world, tmp_path), Person(*answers))
    assert (await log_in(settings_for(world, tmp_path), Person(PASSWORD))).anew
    assert (calls(world, SEND_CODE), calls(world, SIGN_IN), logins(world)) == (1, 1, 1)


async def test_a_mistyped_code_remains_valid_for_the_next_command(world: EmulatedWorld, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="that is not the code"):
        await logged_in(world, tmp_path, PHONE, "1", "2", "3", entry=HOME_DC)
    assert (await logged_in(world, tmp_path, entry=HOME_DC)).anew
    assert calls(world, SEND_CODE) == 1


async def test_a_code_that_has_expired_is_replaced_by_the_next_command(world: EmulatedWorld, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the input ended"):
        await logged_in(world, tmp_path, PHONE, entry=HOME_DC)
    world.emulator.world.logins.codes = type(world.emulator.world.logins.codes)(300)
    with pytest.raises(SourceError, match="the code is no longer good: run the command again for a new one"):
        await logged_in(world, tmp_path, entry=HOME_DC)
    assert (await logged_in(world, tmp_path, entry=HOME_DC)).anew
    assert calls(world, SEND_CODE) == 2


async def test_everything_goes_through_the_proxy(world: EmulatedWorld, tmp_path: Path) -> None:
    async with socks5() as proxy, relay(proxy) as way:
        url = f"socks5://{USER}:{QUOTED}@127.0.0.1:{way.port}"
        assert (await logged_in(world, tmp_path, proxy_url=SecretStr(url))).anew
        assert way.connections == world.emulator.counters.value("connections")


async def test_a_flood_wait_is_stored_and_nothing_is_sent_before_its_end(world: EmulatedWorld, tmp_path: Path) -> None:
    world.emulator.faults.flood_wait(2000, method=SEND_CODE)
    for _ in range(20):
        with pytest.raises(SourceError, match=r"no login before .* UTC \((2000|199\d) s\): run the command again then"):
            await logged_in(world, tmp_path, entry=HOME_DC)
    assert calls(world, SEND_CODE) == 1
    assert keys_made(world) == {HOME_DC: 1}
    assert world.emulator.counters.value("early_calls") == 0
    world.emulator.faults.lift_all()
    person = Person(PHONE, CODE)
    with pytest.raises(SourceError, match="no login before"):
        await log_in(settings_for(world, tmp_path), person)
    assert person.asked == []


async def test_the_budget_bounds_how_many_codes_are_requested(world: EmulatedWorld, tmp_path: Path) -> None:
    for number in range(12):
        with contextlib.suppress(StreamVaultError):
            await logged_in(world, tmp_path, f"+1555{number:04}", entry=HOME_DC)
    assert calls(world, SEND_CODE) == 8


@pytest.mark.parametrize("password", ["", PASSWORD], ids=["code", "password"])
async def test_a_lost_answer_causes_no_second_login(world: EmulatedWorld, tmp_path: Path, password: str) -> None:
    world.owner.password = password
    with world.emulator.faults.latency(0.1):
        process = asyncio.create_task(logged_in(world, tmp_path, PHONE, CODE, PASSWORD))
        await until(lambda: logins(world) == 1)
        process.cancel()
        await asyncio.wait({process})
    assert process.cancelled()
    found = await log_in(settings_for(world, tmp_path, entry=ENTRY_DC), Person())
    assert found.name.startswith("Owner")
    assert logins(world) == 1


async def test_a_stored_key_that_the_server_does_not_know_is_replaced_at_once(
    world: EmulatedWorld, tmp_path: Path
) -> None:
    settings = settings_for(world, tmp_path)
    session = StoredSession(FileBackend(settings.data_dir / "sessions", "streamvault_v2_user"))
    await session.open(Identity(settings.api_id, 0, server_name(settings)))
    await session.put_key(StoredKey(HOME_DC, bytes(range(256))))
    await session.close()
    assert (await logged_in(world, tmp_path, entry=HOME_DC)).anew
    assert keys_made(world) == {HOME_DC: 1}


async def test_a_forgotten_key_is_an_error_and_is_replaced_by_the_next_command(
    world: EmulatedWorld, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="the input ended"):
        await logged_in(world, tmp_path, PHONE, entry=HOME_DC)
    world.emulator.faults.dead_key()
    with pytest.raises(SourceError, match="does not know the stored auth key; try again"):
        await logged_in(world, tmp_path, entry=HOME_DC)
    assert (await logged_in(world, tmp_path, entry=HOME_DC)).anew


async def test_a_connection_lost_while_the_code_is_typed_is_reopened(world: EmulatedWorld, tmp_path: Path) -> None:
    class Slow(Person):
        async def line(self, question: str) -> str:
            await world.emulator.drop_connections()
            return await super().line(question)

    assert (await log_in(settings_for(world, tmp_path), Slow(PHONE, CODE))).anew


async def test_a_session_that_telegram_ended_is_set_aside_and_replaced(world: EmulatedWorld, tmp_path: Path) -> None:
    first = await logged_in(world, tmp_path)
    for key in world.emulator.keys.all():
        key.user_id = None
    person = Person(PHONE, CODE)
    second = await log_in(settings_for(world, tmp_path), person)
    assert (second.anew, second.name) == (True, first.name)
    assert second.string != first.string
    assert person.said[0].startswith("Telegram ended the session of streamvault_v2_user")
    assert Path(person.said[1].removeprefix("it is kept as ")).exists()


async def test_a_session_of_the_database_is_logged_in_the_same_way(world: EmulatedWorld, tmp_path: Path) -> None:
    store: dict[str, Any] = {"session_store": "database", "secret_key": "a-secret-key-that-is-long-enough"}
    assert (await logged_in(world, tmp_path, **store)).anew
    assert not (await logged_in(world, tmp_path, **store)).anew
    assert logins(world) == 1
    assert b"5550100" not in (tmp_path / "data" / "streamvault.db").read_bytes()


async def test_the_stored_login_shows_no_secret(world: EmulatedWorld, tmp_path: Path) -> None:
    with contextlib.suppress(ConfigError):
        await logged_in(world, tmp_path, PHONE)
    found = await logged_in(world, tmp_path)
    assert found.string not in repr(found)
    [stored] = (tmp_path / "data" / "sessions").glob("*_user*session*")
    assert b"5550100" not in stored.read_bytes()  # the number is forgotten with the code
