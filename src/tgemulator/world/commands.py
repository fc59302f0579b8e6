"""The command lists of bots, per scope and language, and the command that a link to a bot sends."""

import re
from dataclasses import dataclass, field

from tgemulator.errors import RpcError

Scope = tuple[str, *tuple[int | str, ...]]  # ("default",), ("users",), ("peer", "user", 5) ...

_PARAMETER = re.compile(r"[A-Za-z0-9_-]{0,64}", re.ASCII)


def start_text(parameter: str) -> str:
    """What t.me/BOT?start=parameter sends. RpcError 400 START_PARAM_INVALID."""
    if _PARAMETER.fullmatch(parameter) is None:
        raise RpcError(400, "START_PARAM_INVALID")
    return f"/start {parameter}".strip()


@dataclass(slots=True)
class CommandStore:
    """Commands by (bot id, scope, language code); a missing key is the same as no commands."""

    _lists: dict[tuple[int, Scope, str], list[tuple[str, str]]] = field(default_factory=dict)

    def set(self, bot_id: int, commands: list[tuple[str, str]], *, scope: Scope = ("default",), lang: str = "") -> None:
        """Replace a list of (command, description); an empty one removes it."""
        if commands:
            self._lists[bot_id, scope, lang] = list(commands)
        else:
            self._lists.pop((bot_id, scope, lang), None)

    def get(self, bot_id: int, *, scope: Scope = ("default",), lang: str = "") -> list[tuple[str, str]]:
        """The (command, description) pairs of exactly this scope and language."""
        return list(self._lists.get((bot_id, scope, lang), []))

    def shown(self, bot_id: int, *scopes: Scope) -> list[tuple[str, str]]:
        """Those of the first of these scopes that has any."""
        return next(filter(None, (self.get(bot_id, scope=scope) for scope in scopes)), [])
