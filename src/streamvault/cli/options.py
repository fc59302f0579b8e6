"""What every command of the front door shares: options for the settings, and the loop that it runs on."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from streamvault.errors import ConfigError
from streamvault.settings import Settings, read_settings

Main = Callable[[], Coroutine[Any, Any, None]]


def add_settings(parser: argparse.ArgumentParser) -> None:
    """An option for every setting that is no secret."""
    group = parser.add_argument_group(
        "settings", "Any of README.md's settings but the secrets; each wins over the environment and over .env."
    )
    for name, field in Settings.model_fields.items():
        if "Secret" in str(field.annotation) and name != "database_url":
            continue  # a command line is readable by every user of the machine
        group.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper())


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with what the command line says. Raises ConfigError."""
    given = {name: getattr(options, name, None) for name in Settings.model_fields}
    if "@" in (given["database_url"] or ""):
        raise ConfigError(
            "DATABASE_URL holds a password, which every user of this machine could read here: "
            "set it in the environment or in a .env file"
        )
    return read_settings({name: value for name, value in given.items() if value is not None})


def secrets_of(settings: Settings) -> list[str]:
    """What no log may show."""
    kept = (
        settings.api_hash,
        settings.bot_token,
        *settings.worker_bot_tokens,
        settings.user_session,
        settings.secret_key,
        settings.proxy_url,
        settings.mongodb_url,
    )
    return [secret.get_secret_value() for secret in kept if secret is not None]


def run(loop: str, make: Main) -> None:
    """Run `make()` on a loop that we create, so that no library picks another."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if loop == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(make())
