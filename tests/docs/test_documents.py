"""The documents agree with the code: settings and defaults, commands and their help, routes; and their links work."""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.cli.main import make_parser
from streamvault.settings import Settings
from tests.support.commands import parsers

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    ROOT / "DEPENDENCIES.md",
    ROOT / "SECURITY.md",
    *sorted(DOCS.glob("*.md")),
]
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
COMPUTED = {
    "database_url": "`sqlite:///streamvault.db`",
    "public_url": "`http://HOST:PORT`",
    "playback_slots": "number of processors",
}
"""Defaults that other code or other settings decide."""


def rows(document: str, columns: int) -> Iterator[list[str]]:
    """The cells of the rows of a document's tables with so many columns, without the headings."""
    for line in (DOCS / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            yield cells


def documented_settings() -> dict[str, str]:
    """What docs/SETTINGS.md has as each setting's default; names in one row have theirs in the same order."""
    found: dict[str, str] = {}
    for names, _, defaults in rows("SETTINGS.md", 3):
        keys = re.findall(r"`([A-Z0-9_]+)`", names)
        values = defaults.split(", ") if len(keys) > 1 and ", " in defaults else [defaults] * len(keys)
        found |= dict(zip(keys, values, strict=True))
    return found


def expected_default(name: str, default: object) -> str:
    """How a default begins in the document."""
    if name in COMPUTED:
        return COMPUTED[name]
    if default is None:
        return "unset"
    if default in ((), frozenset()):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, float):
        return f"`{default:g}`"
    if name in ("cache_memory", "cache_disk", "leech_disk"):
        assert isinstance(default, int)
        return next(f"`{default // unit} {word}`" for word, unit in reversed(UNITS.items()) if default % unit == 0)
    return f"`{default}`"


def test_settings_are_all_documented_and_no_others() -> None:
    assert set(documented_settings()) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_default_is_documented(name: str) -> None:
    field, documented = Settings.model_fields[name], documented_settings()[name.upper()]
    if field.is_required():
        assert documented == "required"
    else:
        assert documented.removeprefix("unset: ").startswith(expected_default(name, field.default)) or (
            field.default is None and documented.startswith("unset")
        )


def test_settings_named_in_the_documents_exist() -> None:
    for document in DOCUMENTS:
        for name in re.findall(r"^ *([A-Z][A-Z_]+)=", document.read_text(), re.MULTILINE):
            assert name.lower() in Settings.model_fields, (document.name, name)


def test_commands_are_documented_in_the_words_of_their_help() -> None:
    documented = {command.strip("`"): text for command, text, _ in rows("COMMANDS.md", 3)}
    helps: dict[tuple[str, ...], str | None] = {}
    for path, parser in parsers(make_parser()).items():
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                helps |= {(*path, choice.dest): choice.help for choice in action._choices_actions}
    wanted = {
        path: text for path, text in helps.items() if path not in {("session",), ("catalog",), ("people",), ("token",)}
    }
    assert {
        tuple(re.findall(r"^[a-z-]+|(?<= )[a-z-]+", command)): text for command, text in documented.items()
    } == wanted


def test_options_of_each_command_are_documented() -> None:
    by_path = parsers(make_parser())
    settings = {f"--{name.replace('_', '-')}" for name in Settings.model_fields} - {"--host", "--port"}
    for command, _, options in rows("COMMANDS.md", 3):
        path = tuple(re.findall(r"^[a-z-]+|(?<= )[a-z-]+", command.strip("`")))
        shown = [action for action in by_path[path]._actions if action.help is not argparse.SUPPRESS]
        known = {option for action in shown for option in action.option_strings}
        ours = settings - ({"--voice"} if path == ("login",) else set())  # which account, and no setting there
        assert known - ours - {"-h", "--help"} - ({"--host", "--port"} if path != ("demo",) else set()) == set(
            re.findall(r"--[a-z-]+", options)
        ), path


def test_routes_are_all_documented_and_no_others() -> None:
    described: dict[str, dict[str, Any]] = json.loads((DOCS / "openapi.json").read_text())["paths"]
    routes = {(method.upper(), path) for path, methods in described.items() for method in methods}
    documented = set()
    for cell, _ in rows("API.md", 2):
        for part in re.findall(r"((?:`[A-Z]+`, )*)`((?:[A-Z]+ )?)(/[^`]*)`", cell):
            methods = [*re.findall(r"[A-Z]+", part[0]), part[1].strip()]
            documented |= {(method, part[2]) for method in methods}
    assert documented == routes


def headings(document: Path) -> set[str]:
    """The headings of a document as links name them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_to_files_and_headings(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" not in target:
            path, _, heading = target.partition("#")
            linked = document.parent / path if path else document
            assert linked.exists(), target
            assert not heading or heading in headings(linked), target


def test_every_page_is_in_the_list_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for document in DOCS.glob("*.md"):
        assert f"| [docs/{document.name}](docs/{document.name}) |" in readme, document.name


def test_contributing_names_lines_that_hold_what_it_says() -> None:
    found = re.findall(r"\| `([^`|]+):(\d+)` \| `([^`]+)` \|", (DOCS / "CONTRIBUTING.md").read_text())
    assert len(found) >= 9
    for path, number, text in found:
        assert text in (ROOT / path).read_text().splitlines()[int(number) - 1], f"{path}:{number}"


SOURCES = [*DOCUMENTS, ROOT / "Dockerfile", ROOT / "Makefile", *sorted((ROOT / "src").rglob("*.py"))]


def test_nobody_is_told_to_install_a_package_of_this_name() -> None:
    """11: the name is not registered, so that whoever takes it would be installed."""
    for source in SOURCES:
        for told in re.findall(r"pip3? install ([^\n`]+)", source.read_text()):
            assert not re.search(r"(^|[\s'\"])streamvault\b", told), (source, told)
