"""What commands share: reading the settings, chats as arguments, and the event loop."""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

from streamvault.cli.interrupts import raised_interrupts
from streamvault.cli.parser import Parser, add_settings
from streamvault.errors import ConfigError
from streamvault.settings import LocalSettings, Settings, misspelt_names, read_settings_as, values

__all__ = [
    "Subparsers",
    "add_settings",
    "chat_of",
    "given_settings",
    "run_async",
    "secrets_of",
    "settings_as",
    "settings_of",
]

S = TypeVar("S", bound=LocalSettings)
Main = Callable[[], Coroutine[Any, Any, None]]
Subparsers: TypeAlias = "argparse._SubParsersAction[Parser]"


def _to_stderr(text: str) -> None:
    print(f"streamvault: {text}", file=sys.stderr)


def settings_of(options: argparse.Namespace, *, warn: Callable[[str], None] = _to_stderr) -> Settings:
    """All settings, as `settings_as`."""
    return settings_as(Settings, options, warn=warn)


def settings_as(kind: type[S], options: argparse.Namespace, *, warn: Callable[[str], None] = _to_stderr) -> S:
    """The settings, with those of the command line on top. Raises ConfigError.

    `warn` is called with a sentence for each name that is no setting but looks like one.
    """
    given = {name: getattr(options, name, None) for name in Settings.model_fields}
    if "@" in (given["database_url"] or ""):
        raise ConfigError(
            "DATABASE_URL holds a password, which every user of this machine could read here: "
            "set it in the environment or in a .env file"
        )
    settings = read_settings_as(kind, {name: value for name, value in given.items() if value is not None})
    if settings.port == 0:
        raise ConfigError("PORT is wrong: 0 is any free port, and no link would tell which: choose one from 1 to 65535")
    for name in misspelt_names():
        warn(name)
    return settings


def given_settings(options: argparse.Namespace) -> dict[str, str]:
    """The settings of the command line as environment variables, for processes that this one starts."""
    given = {name: getattr(options, name, None) for name in Settings.model_fields}
    return {name.upper(): str(value) for name, value in given.items() if value is not None}


def chat_of(text: str) -> int | str:
    """The chat that `text` names: a number, or a username with its at sign. Raises ConfigError."""
    try:
        named = values.channel(int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no chat: {error}") from None
    return named if isinstance(named, int) else "@" + named.removeprefix("@")


def secrets_of(settings: Settings) -> list[str]:
    """The values that no log line may contain."""
    secrets = (
        settings.api_hash,
        settings.bot_token,
        *settings.worker_bot_tokens,
        settings.leech_bot_token,
        settings.user_session,
        settings.voice_session,
        settings.secret_key,
        *settings.old_secret_keys,
        settings.proxy_url,
        settings.mongodb_url,
    )
    return [secret.get_secret_value() for secret in secrets if secret is not None]


def run_async(loop: str, make: Main) -> None:
    """Run `make()` on a new event loop of the kind `loop` ("asyncio", "uvloop"), whatever policy a library has set."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if loop == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with raised_interrupts(), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(make())
