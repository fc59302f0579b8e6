"""`streamvault people`, `token` and `link list | revoke`: what they print, and what a server then makes of it."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from streamvault.access.links import LinkSigner
from streamvault.access.service import Access, Credentials
from streamvault.cli.main import main
from streamvault.database import connected_access
from streamvault.errors import AccessDenied
from streamvault.media.model import Origin
from streamvault.settings import LocalSettings

SECRET = "the secret key of these tests"
FILE = Origin(-1001234567890, 42)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("SECRET_KEY", SECRET), ("OWNER_IDS", "11"), ("DATA_DIR", str(tmp_path))):
        monkeypatch.setenv(name, value)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


async def opens(path: Path, token: str, origin: Origin | None = None) -> bool:
    """Whether a server with the same database takes a token."""
    settings = LocalSettings.model_validate({"data_dir": path, "owner_ids": "11"})
    async with connected_access(settings) as records:
        access = Access(settings, records, LinkSigner(SECRET.encode()))
        found = await access.identify(Credentials(token=token, viewer=lambda: "x"), origin)
        assert isinstance(found.refused, AccessDenied | None)
        return found.refused is None and "read" in found.identity.can


def test_people_are_invited_listed_and_removed(run: Run) -> None:
    assert run("people", "invite", "22", "--name", "Ben", "--chat", "-1001234567890")[0] == 0
    code, out, _ = run("people", "list")
    assert code == 0
    owner, member = out.splitlines()
    assert owner.split()[:2] == ["11", "owner"]
    assert member.split()[:3] == ["22", "member", "Ben"]
    assert "-1001234567890" in member
    assert run("people", "remove", "22")[0] == 0
    assert "22" not in run("people", "list")[1]


def test_inviting_a_member_again_changes_only_what_is_given(run: Run) -> None:
    chat = "-1001234567890"
    assert run("people", "invite", "22", "--chat", chat)[0] == 0
    assert run("people", "invite", "22", "--name", "Ben")[0] == 0
    assert run("people", "list")[1].splitlines()[1].split() == ["22", "member", "Ben", "only", chat]
    assert run("people", "invite", "22", "--all-chats")[0] == 0
    assert run("people", "list")[1].splitlines()[1].split() == ["22", "member", "Ben"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("people", "remove", "22"), "no such member"),
        (("people", "remove", "11"), "OWNER_IDS"),
        (("people", "invite", "11"), "owner"),
        (("people", "invite", "@ben"), "no Telegram user id"),
        (("people", "invite", "22", "--chat", "films"), "-100"),
        (("token", "create", "x", "--can", "everything"), "no such right: everything"),
        (("token", "create", ""), "1 to 100 characters"),
        (("token", "create", "x", "--person", "33"), "people invite 33"),
        (("token", "revoke", "0123456789abcdef"), "token list"),
        (("link", "revoke", "0123456789abcdef"), "link list"),
        (("link", "revoke"), "link revoke ID"),
        (("link", "-1001234567890", "42", "--viewers", "0"), "1 to 1000 viewers"),
        (("link", "--everything", "--viewers", "2"), "CHAT and MESSAGE"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_token_works_until_it_is_revoked(run: Run, tmp_path: Path) -> None:
    text = made(run, "token", "create", "Kodi").strip()
    assert asyncio.run(opens(tmp_path, text))
    assert run("token", "revoke", run("token", "list")[1].split()[0])[0] == 0
    assert not asyncio.run(opens(tmp_path, text))


def test_a_token_is_listed_without_its_text(run: Run) -> None:
    code, text, _ = run("token", "create", "Kodi in the kitchen")
    assert code == 0
    assert re.fullmatch(r"sv_[A-Za-z0-9_-]{43}\n", text)
    listed = run("token", "list")[1]
    assert "Kodi in the kitchen" in listed
    assert text.strip().removeprefix("sv_") not in listed


def made(run: Run, *arguments: str) -> str:
    code, out, err = run(*arguments)
    assert code == 0, err
    return out


def test_a_stored_link_is_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    out = made(run, "link", "-1001234567890", "42", "--scope", "watch", "--viewers", "2")
    assert "/watch/-1001234567890/42?token=" in out
    assert "download  " not in out
    [listed] = run("link", "list")[1].splitlines()
    assert "-1001234567890/42  watch  0 uses  for ever  never used  0 of 2 viewers" in listed
    token = out.partition("token=")[2].split()[0]
    assert asyncio.run(opens(tmp_path, token, FILE))
    assert run("link", "revoke", listed.split()[0])[0] == 0
    assert run("link", "list")[1].strip() == ""
    assert not asyncio.run(opens(tmp_path, token, FILE))


@pytest.mark.parametrize("mark", ["\x1b[2J\x1b]0;owned\x07", "a\rb", "a\nb", "\u202egpj", "\x9b31m", "\u2028"])
def test_names_that_others_chose_command_no_terminal(run: Run, mark: str) -> None:
    assert run("people", "invite", "22", "--name", f"Ben{mark}")[0] == 0
    assert run("token", "create", f"Kodi{mark}x", "--person", "22")[0] == 0
    for command in ("people", "token"):
        _, out, _ = run(command, "list")
        assert all(line.isprintable() for line in out.removesuffix("\n").split("\n"))
        assert len(out.splitlines()) == (2 if command == "people" else 1)
