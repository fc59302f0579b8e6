"""Reads the settings, and puts what is wrong with them into one sentence."""

import difflib
import os
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any, TypeVar

from dotenv.parser import parse_stream
from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource

from streamvault.errors import ConfigError
from streamvault.settings.model import LocalSettings, Settings

ENV_FILE = Path(".env")
S = TypeVar("S", bound=LocalSettings)
_KNOWN = {name.upper() for name in Settings.model_fields}
_ALIKE_IN_FILE, _ALIKE_IN_ENVIRONMENT = 0.75, 0.88
"""How alike (difflib's ratio) a name has to be to a setting's; the environment is full of other programs' names."""
_PREFIXES = {"STREAMVAULT", "TELEGRAM", "TG", "BOT", "APP", "SERVER", "WEB", "HTTP", "HTTPS", "LISTEN"}
"""Words before a setting in names of `.env` that are told where the setting itself is not set; the environment has such
names of other programs.
"""
_TEXTS = {
    "int": "it has to be a whole number",
    "float": "it has to be a number",
    "bool": "it has to be true or false",
    "greater_than": "it has to be more than {gt}",
    "greater_than_equal": "it has to be at least {ge}",
    "less_than": "it has to be less than {lt}",
    "less_than_equal": "it may be at most {le}",
    "literal_error": "it has to be {expected}",
    "value_error": "{error}",
}
"""Sentences by pydantic's error types, or the words before their first underscore."""


def read_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process, as `read_settings_as`."""
    return read_settings_as(Settings, overrides)


def read_settings_as(kind: type[S], overrides: Mapping[str, Any] | None = None) -> S:
    """The settings of this process; `overrides` (from the command line, by lower-cased name) win.

    Raises ConfigError with one sentence that names the first wrong setting and how to mend it;
    the wrong value itself is not repeated, since it may be a secret.
    """
    given: dict[str, Any] = dict(overrides or {})
    if not _may_read_env_file():
        given["_env_file"] = None
    try:
        _check_env_file()
        return kind(**given)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f".env cannot be read ({why}): mend it, or take it away") from None


def _check_env_file() -> None:
    """Raise ConfigError for the first line of `.env` that is no setting. It is not repeated: it may hold a secret."""
    if not _may_read_env_file() or not ENV_FILE.exists():
        return
    with ENV_FILE.open(encoding="utf-8") as file:
        for binding in parse_stream(file):
            if binding.error:
                text = binding.original.string
                line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
                raise ConfigError(
                    f".env, line {line}: is not NAME=value: correct it, close its quotation marks, or put a # before it"
                )


def misspelt_names() -> list[str]:
    """A sentence for each name in `.env` or the environment that is no setting but looks like one."""
    in_file = _env_file_names()
    found = dict(_misspelt(in_file, alike=_ALIKE_IN_FILE))
    others = [name.upper() for name in os.environ if name.upper() not in in_file]
    known = {*in_file, *others}
    found |= {name: meant for name, meant in _prefixed(in_file, _PREFIXES) if meant not in known}
    sentences = [f"{name} in .env is no setting: did you mean {meant}?" for name, meant in found.items()]
    for name, meant in _misspelt(others, alike=_ALIKE_IN_ENVIRONMENT):
        sentences.append(f"{name} in the environment is no setting: did you mean {meant}?")
    for name, meant in _prefixed(others, {"STREAMVAULT"}):
        sentences.append(f"{name} in the environment is no setting: did you mean {meant}?")
    return sentences


def _prefixed(names: list[str], prefixes: Set[str]) -> Iterator[tuple[str, str]]:
    """The names that are a setting's with one of these words before it, and the setting."""
    for name in names:
        prefix, _, rest = name.partition("_")
        if name not in _KNOWN and prefix in prefixes and rest in _KNOWN:
            yield name, rest


def _misspelt(names: list[str], *, alike: float) -> Iterator[tuple[str, str]]:
    for name in names:
        nearest = difflib.get_close_matches(name.strip(" :").replace("-", "_"), sorted(_KNOWN), n=1, cutoff=alike)
        if name not in _KNOWN and nearest:
            yield name, nearest[0]


def _env_file_names() -> list[str]:
    """The names in `.env`, in capitals; none if it cannot be read."""
    try:
        if not _may_read_env_file():
            return []
        source = DotEnvSettingsSource(Settings, env_file=ENV_FILE, env_file_encoding="utf-8")
        return [name.upper() for name in source.env_vars]
    except (OSError, UnicodeDecodeError):
        return []


def _may_read_env_file() -> bool:
    """Whether the working folder can be searched; a container's may belong to another user, and `.env` is ignored."""
    try:
        ENV_FILE.stat()
    except PermissionError:
        return False
    except OSError:
        pass
    return True


def _without_env_file() -> str:
    """What to add where there is no `.env`: the command may have been started in another folder than the one meant."""
    return "" if ENV_FILE.exists() else f"; there is no .env in this folder ({Path.cwd()})"


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "settings"
    if first["type"] == "missing":
        missing = sorted({str(e["loc"][0]).upper() for e in error.errors() if e["type"] == "missing"})
        verb = "is" if len(missing) == 1 else "are"
        hints = "".join(f"; {hint}" for hint in misspelt_names())
        it = "it" if len(missing) == 1 else "them"
        where = f"put {it} into the environment or into a file .env (see README.md){_without_env_file()}"
        return f"{', '.join(missing)} {verb} not set: {where}{hints}"
    kind = str(first["type"])
    text = _TEXTS.get(kind) or _TEXTS.get(kind.partition("_")[0], "it cannot be read")
    return f"{name} is wrong: {text.format(**first.get('ctx', {}))}"
