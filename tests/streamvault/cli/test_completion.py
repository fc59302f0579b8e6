"""`streamvault completion`: what bash offers once it has read the script, and that the other scripts are complete."""

import argparse
import shutil
import subprocess
from pathlib import Path

import pytest

from streamvault.cli.commands.completion import SHELLS
from streamvault.cli.main import main, make_parser
from tests.support.commands import parsers
from tgemulator.__main__ import make_parser as make_emulator_parser

COMPLETE = """
complete_words() {
  COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
  "$(complete -p streamvault | sed -E 's/.* -F ([^ ]+) .*/\\1/')"
  printf '%s ' "${COMPREPLY[@]}"; echo
}
"""

PARSERS = {**parsers(make_parser()), ("emulator",): make_emulator_parser()}


def options(parser: argparse.ArgumentParser) -> set[str]:
    """The options that its help shows."""
    shown = (action for action in parser._actions if action.help != argparse.SUPPRESS)
    return {option for action in shown for option in action.option_strings}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The script of each shell, in a file."""
    folder = tmp_path_factory.mktemp("completion")
    written = {}
    for shell in SHELLS:
        with pytest.MonkeyPatch.context() as patch, (folder / shell).open("w") as out:
            patch.setattr("sys.stdout", out)
            assert main(["completion", shell]) == 0
        written[shell] = folder / shell
    return written


def bash(script: Path, *lines: tuple[str, ...], cwd: Path) -> list[set[str]]:
    """What bash offers for the last word of each line; a line is the words after `streamvault`."""
    calls = "\n".join("complete_words streamvault " + " ".join(f"'{word}'" for word in line) for line in lines)
    done = subprocess.run(
        ["bash", "--norc", "-c", f"source {script}\n{COMPLETE}\n{calls}"],
        cwd=cwd, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return [set(line.split()) for line in done.stdout.splitlines()]


def test_bash_offers_every_command_and_action(scripts: dict[str, Path], tmp_path: Path) -> None:
    commands, session, catalog, begun = bash(
        scripts["bash"], ("",), ("session", ""), ("catalog", ""), ("d",), cwd=tmp_path
    )
    assert commands == {path[0] for path in PARSERS if path}
    assert session == {"list", "move", "import", "set-aside"}
    assert catalog == {"export", "import"}
    assert begun == {"demo", "doctor"}


def test_bash_offers_every_option_of_every_command(scripts: dict[str, Path], tmp_path: Path) -> None:
    offered = bash(scripts["bash"], *((*path, "-") for path in PARSERS), cwd=tmp_path)
    assert dict(zip(PARSERS, offered, strict=True)) == {path: options(parser) for path, parser in PARSERS.items()}


@pytest.mark.parametrize("secret", ["--bot-token", "--api-hash", "--secret-key", "--user-session"])
def test_no_script_offers_a_secret(scripts: dict[str, Path], secret: str) -> None:
    assert all(secret.removeprefix("--") not in script.read_text() for script in scripts.values())


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (("serve", "--log-level", ""), {"DEBUG", "INFO", "WARNING", "ERROR"}),
        (("serve", "--public-access", ""), {"true", "false"}),
        (("session", "move", "--to", ""), {"file", "database"}),
        (("completion", ""), set(SHELLS)),
        (("serve", "--data-dir", ""), {"folder"}),
        (("demo", "--folder", ""), {"folder"}),
        (("catalog", "import", ""), {"folder", "export.jsonl"}),
        (("emulator", "--world", ""), {"folder", "export.jsonl"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bash_offers_values(scripts: dict[str, Path], tmp_path: Path, line: tuple[str, ...], values: set[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "export.jsonl").touch()
    [offered] = bash(scripts["bash"], line, cwd=tmp_path)
    assert offered == values


@pytest.mark.parametrize("shell", SHELLS)
def test_every_script_names_every_option_and_is_valid(scripts: dict[str, Path], shell: str) -> None:
    text = scripts[shell].read_text()
    for path, parser in PARSERS.items():
        for option in options(parser):
            assert (option.lstrip("-") if shell == "fish" else option) in text, (path, option)
    if shutil.which(shell):
        subprocess.run([shell, "-n", scripts[shell]], check=True, timeout=60)


def test_an_unknown_shell_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["completion", "tcl"])
    assert "invalid choice" in capsys.readouterr().err
