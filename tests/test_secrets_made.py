"""Nothing secret is printed or logged; the check of all tests finds what it should."""

import logging
from pathlib import Path

import pytest

from streamvault.access.links import LinkSigner
from streamvault.access.secrets import new_secret
from streamvault.cli.main import main
from streamvault.http.cookies import SECURE_SESSION
from streamvault.settings import read_settings
from tests.support import secrets_made
from tests.support.files import CHANNEL, media_file
from tests.support.secrets_made import found_in, left_by
from tests.support.site import open_site
from tests.support.site_people import OWNER, Browser, logged_in, nobody

BOT_TOKEN = "7654321:AAHfiqksKZ8WmR2zSjiQ7w8fGhJkLmNoPqR"


def texts_with(secret: str) -> list[str]:
    return [
        secret,
        f"GET /stream/-1/2?token={secret}&download=1",
        f"/s/{secret}/stream/-1/2",
        f"Cookie: sv_session=0123456789abcdef.{secret}; sv_user=x",
        f"'Authorization': 'Bearer svs_0123456789abcdef.{secret}'",
        f"sv_{secret}\n",
        f"login_{secret}",
    ]


def test_what_was_made_is_found_wherever_it_stands() -> None:
    signer = LinkSigner(b"secret")
    for secret in (new_secret(), signer.sign(None, scope="server", expires_at=None)):
        for text in texts_with(secret):
            [found] = found_in(text)[:1]
            assert secret not in found
    settings = {"api_id": 1, "api_hash": "0" * 32, "bot_token": BOT_TOKEN, "secret_key": "correct horse battery"}
    read_settings(settings)
    assert found_in(f"POST https://api.example/bot{BOT_TOKEN}/getMe")
    assert found_in("SECRET_KEY='correct horse battery'")


def test_what_another_process_made_is_found_by_its_form(tmp_path: Path) -> None:
    """The log of this one is written last, as it would fail this test too."""
    signed = "AQIAAAAAAAA" + "x" * 21
    others = (f"sv_{'aB3-' * 10}abc", f"0123456789abcdef.{'aB3_' * 10}abc", signed, signed + "y" * 12)
    for secret in others:
        assert found_in(f"x {secret} y")
    folder = tmp_path / "server"
    folder.mkdir()
    log = folder / "log"
    log.write_text(f"opened {others[0]}\n")
    assert left_by((), tmp_path)
    log.unlink()
    assert left_by(("nothing",), tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["", "0" * 64, "sv_session=***; Path=/", "/s/***/stream/-1001234567890/42", "AgADqQADx3pQUw", "x" * 200, "a" * 43],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert found_in(text) == []


def test_it_remembers_the_latest_and_no_more_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_made, "MOST", 10)
    monkeypatch.setattr(secrets_made, "_words", {})
    made = [new_secret() for _ in range(11)]
    assert [bool(found_in(secret)) for secret in made] == [False, *[True] * 10]


async def test_access_says_nothing_secret_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    """Every way in, good and wrong, with the database there and away: what is logged at DEBUG names no secret."""
    caplog.set_level(logging.DEBUG)
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        await site.put(media_file(1))
        owner = await logged_in(site, OWNER)
        made = (await owner.ask("POST", "/api/tokens", json={"name": "Kodi"})).json()["token"]
        link = (await owner.ask("POST", "/api/links", json={"chat_id": CHANNEL, "message_id": 1})).json()["url"]
        started = nobody(site)
        code = (await started.ask("POST", "/api/login/start")).json()["code"]
        await started.get("/api/login/wait", params={"code": "WRONG"})
        cookie = owner.cookies[SECURE_SESSION]
        for failing in (False, True):
            site.records.failing = failing
            site.access.cache.forget()
            for token in (made, site.token(), link.split("/")[4], f"svs_{cookie}", made[:-1]):
                for path in (f"/api/catalog/{CHANNEL}/1", "/api/people", "/nothing", "/api/stats"):
                    await nobody(site).get(path, params={"token": token})
                    await nobody(site).get(path, headers={"Authorization": f"Bearer {token}"})
                    await nobody(site).get(f"/s/{token}{path}", headers={"Referer": f"https://x/?token={token}"})
            await Browser(site, {SECURE_SESSION: cookie}).get("/api/people")
            if failing:  # else it waits for its person
                await started.get("/api/login/wait", params={"code": code})
    said = [logging.Formatter().format(record) for record in caplog.records if not record.name.startswith("http")]
    assert any("/api/stats" in text for text in said), "there is nothing here that it could count"
    assert found_in("\n".join(said)) == []


def test_a_command_that_fails_repeats_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("API_ID", "x"),
        ("API_HASH", "z9" * 20),
        ("BOT_TOKEN", f"{BOT_TOKEN} "),
        ("SECRET_KEY", "key" * 9),
    ):
        monkeypatch.setenv(name, value)
    assert main(["serve"]) != 0
    printed = "".join(capsys.readouterr())
    for secret in ("z9" * 20, BOT_TOKEN, BOT_TOKEN.partition(":")[2], "key" * 9):
        assert secret not in printed
    assert printed
