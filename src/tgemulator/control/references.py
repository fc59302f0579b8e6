"""Finds the accounts and chats that a description names: by the `ref` of an entry above it, or by id."""

from collections.abc import Mapping
from typing import TypeVar

from tgemulator.control.json_object import JsonObject
from tgemulator.world.model import Channel, Chat, User
from tgemulator.world.world import World

_Found = TypeVar("_Found", User, Chat)


class References:
    """The entries of one description by `ref`, and what a world holds by id."""

    def __init__(self, world: World) -> None:
        self.made: dict[str, User | Chat] = {}
        self._world = world

    def account(self, item: JsonObject, key: str) -> User:
        """The user or bot under this key. DescriptionError if there is none."""
        return self._find(item, key, self._world.users, User, ("account", "user or bot"))

    def chat(self, item: JsonObject, key: str) -> Chat:
        """The group or channel under this key. DescriptionError if there is none."""
        return self._find(item, key, self._world.chats, Chat, ("chat", "channel or group"))

    def channel(self, item: JsonObject, key: str) -> Channel:
        """The channel or supergroup under this key. DescriptionError if there is none."""
        found = self.chat(item, key)
        if not isinstance(found, Channel):
            raise item.wrong(f"{key} is a basic group, a channel or supergroup is expected")
        return found

    def _find(
        self, item: JsonObject, key: str, by_id: Mapping[int, _Found], kind: type[_Found], called: tuple[str, str]
    ) -> _Found:
        """What stands under this key, of one `kind`; `called` is its name in the errors: with an id, and with a ref."""
        given = item.reference(key)
        found = self.made.get(given) if isinstance(given, str) else by_id.get(given)
        if isinstance(found, kind):
            return found
        if isinstance(given, int):
            raise item.wrong(f"{key}: there is no {called[0]} {given}")
        raise item.wrong(f'{key}: there is no {called[1]} "{given}" above')
