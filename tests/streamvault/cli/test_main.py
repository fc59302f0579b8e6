"""The command line in a process of its own: exit codes, and one line on standard error."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.cli.commands.link import named_by_link
from streamvault.cli.main import make_parser
from streamvault.settings import Settings, meanings
from tests.support.commands import parsers
from tests.support.forks import run
from tests.support.ports import free_port
from tests.support.proof import full

GOOD = {"API_ID": "12345", "API_HASH": "0123456789abcdef0123456789abcdef", "BOT_TOKEN": "777:secret-part"}


def streamvault(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process that has its modules loaded (tests.support.forks)."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        **environment,
    }
    return subprocess.CompletedProcess(arguments, *asyncio.run(run(arguments, cwd=cwd, env=variables)))


@pytest.mark.parametrize(
    "command", ["serve", "demo", "doctor", "link", "index", "login", "session", "catalog", "emulator", "completion"]
)
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    done = streamvault(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "usage:" in done.stdout


def test_help_offers_settings_but_no_secrets(tmp_path: Path) -> None:
    text = streamvault("serve", "--help", cwd=tmp_path).stdout
    assert "--public-url" in text
    for secret in ("--bot-token", "--api-hash", "--secret-key", "--proxy-url", "--user-session"):
        assert secret not in text


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "API_HASH, API_ID, BOT_TOKEN are not set"),
        ({**GOOD, "API_HASH": "xyz"}, "API_HASH is wrong: the hash of an application is 32 hexadecimal digits"),
        ({**GOOD, "PORT": "x"}, "PORT is wrong"),
        ({**GOOD, "DATA_DIR": "/proc/nowhere"}, "DATA_DIR /proc/nowhere does not exist"),
        ({**GOOD, "HOST": "192.0.2.1"}, "HOST 192.0.2.1 is not an address of this machine"),
        ({**GOOD, "TELEGRAM_SERVER": "somewhere"}, "TELEGRAM_SERVER"),
        ({**GOOD, "TELEGRAM_SERVER": "2@127.0.0.1:9", "TELEGRAM_SERVER_KEY": "missing.pem"}, "TELEGRAM_SERVER_KEY"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(environment: dict[str, str], words: str, tmp_path: Path) -> None:
    done = streamvault("serve", cwd=tmp_path, **{"PORT": str(free_port()), **environment})
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "secret-part" not in done.stderr


def test_an_unknown_command_is_exit_code_2(tmp_path: Path) -> None:
    assert streamvault("fly", cwd=tmp_path).returncode == 2


def test_link_prints_links_signed_with_the_key_in_data_dir(tmp_path: Path) -> None:
    first = streamvault("link", "-1001234", "77", cwd=tmp_path, PUBLIC_URL="https://tv.example.org", **GOOD)
    assert first.returncode == 0, first.stderr
    assert "https://tv.example.org/watch/-1001234/77?token=" in first.stdout
    assert "https://tv.example.org/stream/-1001234/77" in first.stdout
    again = streamvault("link", "-1001234", "77", cwd=tmp_path, PUBLIC_URL="https://tv.example.org", **GOOD)
    assert again.stdout == first.stdout


@pytest.mark.parametrize(
    ("arguments", "changes", "words"),
    [
        (["link", "--everything"], {}, "https://tv.example.org/?token="),
        (["link", "-1001234", "77"], {}, "https://tv.example.org/watch/-1001234/77?token="),
        (["session", "list"], {}, "streamvault_v2  no session yet"),
        (["catalog", "export"], {"DATABASE_URL": "sqlite:///{}/films.db"}, "0 files exported"),
        (["catalog", "import", os.devnull], {"DATABASE_URL": "sqlite:///{}/films.db"}, "nothing to import"),
        (["link", "@films", "7"], {}, "the bot has not seen @films yet"),
    ],
)
def test_a_command_asks_for_what_it_uses_and_makes_no_folder(
    arguments: list[str], changes: dict[str, str], words: str, tmp_path: Path
) -> None:
    """2 and 29: links are made elsewhere with two settings, and a catalog is moved without credentials at hand."""
    given = {"SECRET_KEY": "sixteen characters", "PUBLIC_URL": "https://tv.example.org"}
    given |= {name: value.format(tmp_path) for name, value in changes.items()}
    done = streamvault(*arguments, cwd=tmp_path, **given)
    assert words in done.stdout + done.stderr
    assert "not set" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_an_empty_catalog_is_exported_and_imported(tmp_path: Path) -> None:
    out = streamvault("catalog", "export", "catalog.jsonl", cwd=tmp_path, **GOOD)
    assert (out.returncode, out.stderr) == (0, "0 files exported\n")
    assert (tmp_path / "catalog.jsonl").stat().st_mode & 0o777 == 0o600
    piped = streamvault("catalog", "export", cwd=tmp_path, **GOOD)
    assert piped.stdout == (tmp_path / "catalog.jsonl").read_text()
    back = streamvault("catalog", "import", "catalog.jsonl", "--data-dir", "other", cwd=tmp_path, **GOOD)
    assert (back.returncode, back.stderr) == (0, "0 files imported\n")


@pytest.mark.parametrize(("name", "words"), [("none.jsonl", "cannot be read"), (".env", "line 1 cannot be read")])
def test_a_file_that_is_no_export_is_one_line_and_exit_code_2(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8081\n")
    done = streamvault("catalog", "import", name, cwd=tmp_path, **GOOD)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


WITHOUT = """
import os, sys
sys.modules[{module!r}] = None
from streamvault.cli.main import main
commands = {commands!r}
if len(commands) > 1:
    import streamvault.server.run  # once for all
for number, arguments in enumerate(commands):
    child = os.fork()
    if not child:
        os.dup2(os.open(f"{{number}}.log", os.O_WRONLY | os.O_CREAT, 0o600), 2)
        sys.exit(main(arguments))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A program that runs each command in a fork of itself, where the module is missing."""


@pytest.mark.parametrize(
    ("module", "extra", "commands", "settings"),
    [
        ("av", "media", [["demo", "--folder", "there"]], {}),
        ("PIL", "media", [["demo", "--folder", "there"]], {}),
        (
            "pymongo",
            "mongodb",
            [["serve"], ["doctor"], ["index", "@somebody"], ["catalog", "export"]],
            {"DATABASE_URL": "mongodb://127.0.0.1:1/x"},
        ),
    ],
)
def test_a_missing_extra_is_one_line_that_says_how_to_install_it(
    module: str, extra: str, commands: list[list[str]], settings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(module=module, commands=commands)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **GOOD, **settings}
        | {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    codes = [line for line in done.stdout.splitlines() if line in ("1", "2")]
    assert len(codes) == len(commands), done.stdout
    for number in range(len(commands)):
        said = (tmp_path / f"{number}.log").read_text()
        last = said.splitlines()[-1] if said else done.stdout
        assert f"pip install '.[{extra}]'" in last
        assert "Traceback" not in said


@pytest.mark.parametrize(
    "arguments",
    ["doctor --json", "--help", "serve --help", "link --everything", "catalog export", "emulator --help",
     *(["doctor --data-dir data", "completion bash", "session list"] if full() else [])],
)  # fmt: skip
def test_output_that_nobody_reads_is_no_crash(arguments: str, tmp_path: Path) -> None:
    """19: as with `| head`, whose end comes before the output here."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "streamvault", *arguments.split()],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
            | GOOD,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    finally:
        os.close(writer)
    assert not re.search("Traceback|BrokenPipe|Exception", done.stderr)
    assert done.returncode == 1


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The only line on standard error of a command that was called wrongly."""
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "usage:" not in line
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("fly", "invalid choice: 'fly'"),
        ("serve --prot 8081", "--prot"),
        ("session", "ACTION"),
        ("session move --to nowhere", "nowhere"),
        ("index", "chat"),
        ("link", "--everything"),
        ("link @films", "MESSAGE"),
        ("link 5 --everything", "leave out"),
        ("link -1001600000001 5 --everything", "leave out"),
        ("link @films 5 --everything", "leave out"),
        ("link -1001600000001 five", "MESSAGE"),
        ("link 1600000001 5", "write -1001600000001"),
        ("link @never_seen 5", "streamvault index @never_seen"),
        ("link https://t.me/films 5", "@username"),
        ("link https://t.me/films", "or that link"),
        ("link t.me/films/five", "or that link"),
        ("link https://example.org/c/1/2", "or that link"),
        ("link --everything --expires-in 1d", "'1d' is no number of hours above 0, such as 24"),
        ("link --everything --expires-in 0", "such as 24"),
        ("link --everything --expires-in nan", "such as 24"),
        ("link --everything --expires-in=-3", "such as 24"),
        ("index @x", "4 to 32 letters"),
        ("index -1600000001", "write -1001600000001"),
        ("index 1001600000001", "write -1001600000001"),
        ("serve --port 0", "PORT"),
        ("emulator --prot 1", "--prot"),
    ],
)
def test_a_wrong_command_is_one_line_without_the_usage(arguments: str, words: str, tmp_path: Path) -> None:
    """20."""
    assert words in one_line(streamvault(*arguments.split(), cwd=tmp_path, **GOOD))


@pytest.mark.parametrize(
    ("link", "chat", "message"),
    [
        ("https://t.me/c/1500000002/1", "-1001500000002", "1"),
        ("t.me/c/1500000002/40/77", "-1001500000002", "77"),
        ("https://www.telegram.me/films_of_old/5?single&comment=4", "@films_of_old", "5"),
        ("http://t.me/s/films/5/", "@films", "5"),
        ("https://t.me/films", "https://t.me/films", None),
        ("-1001500000002", "-1001500000002", None),
        ("https://t.me/c/1500000002", "https://t.me/c/1500000002", None),
    ],
)
def test_a_post_is_named_by_its_own_link(link: str, chat: str, message: str | None) -> None:
    """22."""
    assert named_by_link(link) == (chat, message)


def test_every_command_says_what_it_does(tmp_path: Path) -> None:
    """28 and 21: and --version has a short form."""
    for path, parser in parsers(make_parser()).items():
        assert parser.description or path == ("emulator",), path
    assert "without a connection" in " ".join(parsers(make_parser())["link",].format_help().split())
    assert streamvault("-v", cwd=tmp_path).stdout.startswith("streamvault ")


@pytest.mark.parametrize(
    ("command", "shown", "left_out"),
    [
        ("link", "--public-url", "--readahead"),
        ("link", "SECRET_KEY", "BOT_TOKEN"),
        ("catalog export", "--database-url", "SECRET_KEY"),
        ("session list", "--session-store", "--public-url"),
        ("session set-aside", "exit codes:", "API_HASH"),
    ],
)
def test_help_shows_the_settings_that_a_command_uses(command: str, shown: str, left_out: str) -> None:
    """28: the others are taken all the same."""
    parser = parsers(make_parser())[tuple(command.split())]
    text = parser.format_help()
    assert shown in text
    assert left_out not in text
    assert "--readahead" in parser._option_string_actions


@pytest.mark.parametrize("command", ["serve", "doctor", "index", "login", "session import"])
def test_help_tells_each_settings_meaning_and_default_and_the_exit_codes(command: str, tmp_path: Path) -> None:
    """20: in groups; secrets are named, though they are no options."""
    done = streamvault(*command.split(), "--help", cwd=tmp_path, COLUMNS="400")
    for title, names in meanings.GROUPS.items():
        assert f"settings: {title}:" in done.stdout
        for name, meaning in names.items():
            if (command, name) == ("login", "voice"):  # there it says which account
                continue
            option = name.upper() if meanings.is_secret(name) else f"--{name.replace('_', '-')} {name.upper()}"
            assert re.search(rf"^ +{option}\s+{re.escape(meaning)}.*\((required|default: .+)\)$", done.stdout, re.M), (
                name
            )
    assert re.search(r"exit codes:\n  0 .*\n  1 .*\n  2 .*\n  130 .*", done.stdout)


def test_every_setting_has_a_meaning() -> None:
    assert sorted(name for names in meanings.GROUPS.values() for name in names) == sorted(Settings.model_fields)


def test_misspelt_names_are_told_by_every_command(tmp_path: Path) -> None:
    """19."""
    (tmp_path / ".env").write_text("OWNER_ID=5\n")
    for command in (["link", "--everything"], ["session", "list"], ["catalog", "export"]):
        done = streamvault(*command, cwd=tmp_path, **GOOD)
        assert done.returncode == 0
        assert "OWNER_ID in .env is no setting: did you mean OWNER_IDS?" in done.stderr


def test_a_taken_port_is_told_with_a_way_to_choose_another(tmp_path: Path) -> None:
    """20: as it was started: `make demo` passes no options on."""
    (tmp_path / "data" / "cache").mkdir(parents=True)
    (tmp_path / "data" / "cache").chmod(0)  # 27: the cache is not looked at, nor spoken of, before
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "`--port " in one_line(streamvault("serve", cwd=tmp_path, **GOOD, PORT=port))
        assert "`PORT=8081 make demo`" in one_line(streamvault("demo", cwd=tmp_path, PORT=port))
