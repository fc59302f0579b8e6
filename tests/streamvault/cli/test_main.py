"""The command line in a real process: exit codes, and one line on standard error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = {"API_ID": "12345", "API_HASH": "0123456789abcdef", "BOT_TOKEN": "777:secret-part"}


def streamvault(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streamvault", *arguments],
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(cwd),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


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
        ({**GOOD, "PORT": "x"}, "PORT is wrong"),
        ({**GOOD, "DATA_DIR": "/proc/nowhere"}, "DATA_DIR /proc/nowhere does not exist"),
        ({**GOOD, "HOST": "192.0.2.1"}, "cannot listen on 192.0.2.1:8080"),
        ({**GOOD, "TELEGRAM_SERVER": "somewhere"}, "TELEGRAM_SERVER"),
        ({**GOOD, "TELEGRAM_SERVER": "2@127.0.0.1:9", "TELEGRAM_SERVER_KEY": "missing.pem"}, "TELEGRAM_SERVER_KEY"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(environment: dict[str, str], words: str, tmp_path: Path) -> None:
    done = streamvault("serve", cwd=tmp_path, **environment)
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


WITHOUT = (
    "import sys; sys.modules[{module!r}] = None; from streamvault.cli.main import main; sys.exit(main({arguments!r}))"
)


@pytest.mark.parametrize(
    ("module", "extra", "arguments", "settings"),
    [
        ("av", "media", ["demo", "--folder", "there"], {}),
        ("PIL", "media", ["demo", "--folder", "there"], {}),
        *(
            ("pymongo", "mongodb", arguments, {"DATABASE_URL": "mongodb://127.0.0.1:1/x"})
            for arguments in (["serve", "--port", "0"], ["doctor"], ["index", "@somebody"], ["catalog", "export"])
        ),
    ],
)
def test_a_missing_extra_is_one_line_that_says_how_to_install_it(
    module: str, extra: str, arguments: list[str], settings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(module=module, arguments=arguments)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **GOOD, **settings}
        | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    last = done.stderr.splitlines()[-1] if done.stderr else done.stdout
    assert f"pip install '.[{extra}]'" in last
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)


def test_output_that_nobody_reads_is_no_crash(tmp_path: Path) -> None:
    command = f"{sys.executable} -m streamvault doctor --data-dir data | head -n 1"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **GOOD}
    environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr
