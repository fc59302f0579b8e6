"""What commands share: an option for each setting, reading the settings, and the event loop."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from streamvault.errors import ConfigError
from streamvault.settings import Settings, read_settings

Main = Callable[[], Coroutine[Any, Any, None]]
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for every setting that is not a secret."""
    group = parser.add_argument_group(
        "settings",
        "The settings of docs/SETTINGS.md except secrets; an option wins over the environment and over .env.",
    )
    for name, field in Settings.model_fields.items():
        if "Secret" in str(field.annotation) and name != "database_url":
            continue  # every user of the machine can read a command line
        group.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper())


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with those of the command line on top. Raises ConfigError."""
    given = {name: getattr(options, name, None) for name in Settings.model_fields}
    if "@" in (given["database_url"] or ""):
        raise ConfigError(
            "DATABASE_URL holds a password, which every user of this machine could read here: "
            "set it in the environment or in a .env file"
        )
    return read_settings({name: value for name, value in given.items() if value is not None})


def secrets_of(settings: Settings) -> list[str]:
    """The values that no log line may contain."""
    secrets = (
        settings.api_hash,
        settings.bot_token,
        *settings.worker_bot_tokens,
        settings.user_session,
        settings.secret_key,
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
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(make())
