"""The command lists of bots, per scope and language."""

from dataclasses import dataclass, field

Scope = tuple[str, *tuple[int | str, ...]]  # ("default",), ("users",), ("peer", "user", 5) ...


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
