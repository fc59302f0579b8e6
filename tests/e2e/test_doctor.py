"""`streamvault doctor`: what is well is one line, what is not names the mend, and nothing is made twice."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.doctor.finding import Finding
from streamvault.doctor.port import check_port
from streamvault.doctor.run import examine
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from tests.support.forks import run
from tests.support.http_client import request
from tests.support.logins import logged_in
from tests.support.ports import free_port
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, chat_id_of, emulator_world, settings_for
from tests.support.waiting import until
from tests.support.whole import whole_product
from tgemulator.world.content import synthetic_bytes


async def doctor(world: EmulatedWorld, folder: Path, *arguments: str, **changes: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one examination."""
    settings = settings_for(world, folder)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(folder),
        "API_ID": str(settings.api_id),
        "API_HASH": settings.api_hash.get_secret_value(),
        "BOT_TOKEN": settings.bot_token.get_secret_value(),
        "DATA_DIR": str(settings.data_dir),
        "PORT": str(free_port()),
        "TELEGRAM_SERVER": settings.telegram_server or "",
        "TELEGRAM_SERVER_KEY": str(settings.telegram_server_key),
        **changes,
    }
    given = {name: value for name, value in environment.items() if value}
    return await run(["doctor", *arguments], cwd=folder, env=given)


def findings(text: str) -> dict[str, dict[str, Any]]:
    return {found["name"]: found for found in json.loads(text)["checks"]}


async def test_a_user_account_is_told_of_and_one_whose_session_ended_is_a_warning(tmp_path: Path) -> None:
    async with emulator_world() as world:
        await logged_in(world, tmp_path)
        code, out, err = await doctor(world, tmp_path)
        assert (code, err) == (0, "")
        assert f"ok       user account: logged in as Owner, id {world.owner.id}; it reads histories" in out
        assert "ok       session streamvault_v2_user: logged in, keys of data centres 1, 2" in out
        world.emulator.faults.dead_key(401, "SESSION_REVOKED", user=world.owner.id)
        code, out, err = await doctor(world, tmp_path)
        assert code == 0
        assert "warning  user account: Telegram ended the session of the user account streamvault_v2_user" in out
        assert "to mend it: `streamvault login`" in out


async def test_all_is_well_and_a_second_examination_makes_nothing(tmp_path: Path) -> None:
    async with emulator_world() as world:
        for _ in range(2):
            code, out, err = await doctor(world, tmp_path)
            assert (code, err) == (0, "")
            for name in ("settings", "data folder", "database", "data centre 2", "clock", "credentials"):
                assert f"ok       {name}: " in out
        counters = world.emulator.counters
        assert (counters.by("keys_created", "dc"), counters.value("logins")) == ({HOME_DC: 1}, 1)
        assert f"data centre {FOREIGN_DC} (media): " in out  # the second time it knows where they are
        assert "in time" not in out


async def test_a_running_server_is_left_alone(tmp_path: Path) -> None:
    async with whole_product(tmp_path) as whole:
        target = await whole.post(MIB)
        code, out, _ = await doctor(whole.world, tmp_path, "--json")
        assert code == 0
        assert "in use by the running server" in findings(out)["credentials"]["detail"]
        assert (await request(whole.address, target)).body == synthetic_bytes(1, 0, MIB)
        assert whole.world.emulator.counters.value("logins") == 1


async def test_scripts_get_json(tmp_path: Path) -> None:
    async with emulator_world() as world:
        code, out, _ = await doctor(world, tmp_path, "--json", BOT_TOKEN="700000001:revoked")
    assert code == 1
    found = findings(out)
    assert found["credentials"]["status"] == "failed"
    assert "@BotFather" in found["credentials"]["mend"]
    assert json.loads(out)["ok"] is False
    assert {finding["status"] for finding in found.values()} <= {"ok", "warning", "failed"}


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"TELEGRAM_SERVER": "2@127.0.0.1:9"}, "data centre 2", "correct TELEGRAM_SERVER"),
        ({"PROXY_URL": "socks5://user:hidden-word@127.0.0.1:9"}, "proxy 1", "password of PROXY_URL"),
        ({"DATA_DIR": "/proc/nowhere"}, "data folder", "DATA_DIR"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere.db"}, "database", "DATABASE_URL"),
        ({"TELEGRAM_SERVER_KEY": "/proc/nowhere.pem"}, "server key", "TELEGRAM_SERVER_KEY"),
    ],
)
async def test_what_is_wrong_is_named_with_its_mend(
    tmp_path: Path, changes: dict[str, str], name: str, words: str
) -> None:
    async with emulator_world() as world:
        code, out, err = await doctor(world, tmp_path, "--json", **changes)
    assert code == 1, err
    found = findings(out)[name]
    assert found["status"] == "failed"
    assert words in f"{found['detail']} {found['mend']}"
    assert "127.0.0.1:9: 127.0.0.1:9" not in found["detail"], "26: it is said once"
    assert "hidden-word" not in out + err


async def test_a_flood_wait_is_told_and_not_provoked(tmp_path: Path) -> None:
    async with emulator_world() as world:
        world.emulator.faults.flood_wait(2000, method="auth.importBotAuthorization")
        for _ in range(3):
            code, out, _ = await doctor(world, tmp_path)
            assert code == 1
            assert "Telegram allows no login before" in out
        assert world.emulator.counters.value("calls", method="auth.importBotAuthorization") == 1
        assert world.emulator.counters.value("early_calls") == 0


async def test_wrong_settings_are_exit_code_2(tmp_path: Path) -> None:
    async with emulator_world() as world:
        code, out, _ = await doctor(world, tmp_path, "--json", API_ID="twelve")
        assert (code, findings(out)["settings"]["status"]) == (2, "failed")
        code, out, err = await doctor(world, tmp_path, API_ID="twelve")
        assert (code, out) == (2, "")
        assert err.startswith("streamvault: API_ID is wrong")


async def test_what_other_users_can_use_is_named_with_its_mend(tmp_path: Path) -> None:
    """13: DATA_DIR 0777, session 0666, secret 0644."""
    async with emulator_world() as world:
        assert (await doctor(world, tmp_path))[0] == 0
        data = tmp_path / "data"
        async with SqliteCatalog(data / "streamvault.db"):
            pass  # as a server would make it
        modes = {
            data: 0o777,
            data / "sessions": 0o730,
            data / "sessions" / "streamvault_v2.session": 0o666,
            data / "secret_key": 0o644,
            data / "streamvault.db": 0o660,
        }
        (data / "streamvault.db").touch()
        for path, mode in modes.items():
            path.chmod(mode)
        code, out, _ = await doctor(world, tmp_path, "--json")
        found = findings(out)
        assert code == 1
        for path, mode in modes.items():
            finding = found[f"permissions of {path.name}"]
            assert finding["status"] == "failed"
            assert f"{mode:04o}" in finding["detail"]
            command, octal, target = finding["mend"].split()
            assert (command, target) == ("chmod", str(path))
            path.chmod(int(octal, 8))
        code, out, _ = await doctor(world, tmp_path, "--json")
        assert code == 0, out


async def test_what_the_bot_may_not_do_in_its_channels_is_named_with_its_mend(tmp_path: Path) -> None:
    """13 and O: channels that the bot is not in, names that nobody has, groups, and a vault without rights.

    A basic group's number is refused as a setting.
    """
    async with emulator_world() as world:
        emulated = world.emulator.world
        strange = emulated.add_channel("Strange", creator=world.owner)
        group = emulated.add_channel("Group", creator=world.owner, megagroup=True)
        emulated.add_member(group, world.bot)
        emulated.add_member(world.vault, world.bot, rights={"delete_messages"})
        emulated.add_channel("Public", creator=world.owner, username="public_one")
        good, away, open_group = chat_id_of(world.films), chat_id_of(strange), chat_id_of(group)
        chosen = f"{good},{away},{open_group},-1001999999999,@nosuch_channel,@public_one"
        code, out, _ = await doctor(
            world, tmp_path, "--json", CHANNELS=chosen, VAULT_CHANNEL=str(chat_id_of(world.vault))
        )
        assert code == 1
        found = findings(out)
        assert found[f"channel {good}"]["status"] == "ok"
        for name, words in {
            f"channel {away}": "add it there",
            f"channel {open_group}": "make it one",
            "channel -1001999999999": "add it there",
            "channel @nosuch_channel": "correct it",
            "channel @public_one": "add it there",
            "vault": "may post messages",
        }.items():
            assert (found[name]["status"], words in found[name]["mend"]) == ("failed", True), found[name]
        code, out, _ = await doctor(world, tmp_path, "--json", VAULT_CHANNEL=str(away))
        assert (code, findings(out)["vault"]["status"]) == (1, "failed")
        code, out, _ = await doctor(world, tmp_path, "--json")
        assert (code, findings(out)["vault"]["status"]) == (0, "warning")
        basic = emulated.add_group("Basic", creator=world.owner)
        for name in ("CHANNELS", "VAULT_CHANNEL"):
            code, out, _ = await doctor(world, tmp_path, "--json", **{name: str(-basic.id)})
            assert code == 2
            assert "supergroup" in findings(out)["settings"]["detail"]


@pytest.mark.parametrize("given", ["xyz", "0123456789abcdef", "g" * 32])
async def test_an_api_hash_that_is_none_is_named_although_telegram_asks_for_it_at_a_login_only(
    tmp_path: Path, given: str
) -> None:
    async with emulator_world() as world:
        assert (await doctor(world, tmp_path))[0] == 0
        code, out, err = await doctor(world, tmp_path, API_HASH=given)
        assert code != 0
        assert "API_HASH" in out + err
        assert "my.telegram.org" in out + err


async def examined(world: EmulatedWorld, folder: Path, **changes: Any) -> dict[str, Finding]:
    """The findings by name, of an examination in this process, where no server runs."""
    settings = settings_for(world, folder, **{"port": free_port(), **changes})
    return {finding.name: finding async for finding in examine(settings, lambda: None)}


@pytest.mark.parametrize("wrong", ["wrong", "emulated-token-of-the-vault-bo", "Emulated-token-of-the-vault-bot"])
async def test_a_token_that_differs_from_the_stored_sessions_is_named(tmp_path: Path, wrong: str) -> None:
    """3: Telegram sees a token at a login only; a worker's too, and beside a running server."""
    async with emulator_world() as world:
        worker = world.emulator.world.add_bot("700000002:token-of-a-worker", home_dc=HOME_DC)
        settings = settings_for(world, tmp_path, worker_bot_tokens=(SecretStr(worker.token),))
        async with AccountPool(settings, Metrics()):
            await until(lambda: world.emulator.counters.value("logins") == 2)
            workers = (SecretStr(f"{worker.id}:{wrong}"),)
            found = await examined(
                world, tmp_path, bot_token=SecretStr(f"{world.bot.id}:{wrong}"), worker_bot_tokens=workers
            )
            for name in ("BOT_TOKEN", "WORKER_BOT_TOKENS"):
                assert found[name].status == "failed"
                assert "@BotFather" in found[name].mend
                assert wrong not in found[name].detail + found[name].mend
        assert not {"BOT_TOKEN", "WORKER_BOT_TOKENS"} & set(await examined(world, tmp_path))
        assert world.emulator.counters.value("logins") == 2


async def test_a_port_that_something_else_listens_on_is_named(tmp_path: Path) -> None:
    """3: also where the host is none of this machine."""
    async with emulator_world() as world:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for changes in ({"port": taken.getsockname()[1]}, {"host": "192.0.2.1"}, {"host": "no-such-host.invalid"}):
                found = (await examined(world, tmp_path, **changes))["port"]
                assert (found.status, "HOST" in f"{found.detail} {found.mend}") == ("failed", True), found
        assert (await examined(world, tmp_path))["port"].status == "ok"


async def test_the_port_of_the_running_server_is_its_own(tmp_path: Path) -> None:
    async with emulator_world() as world:
        with socket.create_server(("127.0.0.1", 0)) as own:
            settings = settings_for(world, tmp_path, port=own.getsockname()[1])
            [found] = [finding async for finding in check_port(settings, lambda: {"status": "ready"})]
    assert found.status == "ok"
