"""Somebody who logs in: answers in order, and what was asked and said."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streamvault.cli.login import LoggedIn, log_in
from streamvault.errors import ConfigError
from tests.support.stack import ENTRY_DC, EmulatedWorld, settings_for

PHONE, CODE, PASSWORD = "+1 (555) 0100", "12345", "correct horse"


class Person:
    """An Asks with prepared answers; ConfigError when they run out, as at the end of a script's input."""

    interactive = True

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []
        self.said: list[str] = []

    async def line(self, question: str) -> str:
        self.asked.append(question)
        if not self._answers:
            raise ConfigError("the input ended")
        return self._answers.pop(0)

    async def secret(self, question: str) -> SecretStr:
        return SecretStr(await self.line(question))

    def say(self, text: str) -> None:
        self.said.append(text)


async def logged_in(
    world: EmulatedWorld, folder: Path, *answers: str, entry: int = ENTRY_DC, **settings: Any
) -> LoggedIn:
    """The owner of `world` logs in by `streamvault login`; it begins at another data centre than the owner's."""
    given: Iterable[str] = answers or (PHONE, CODE)
    return await log_in(settings_for(world, folder, entry=entry, **settings), Person(*given))
