"""Finds the accounts and chats that a description names: by the `ref` of an entry above it, or by id."""

from tgemulator.control.json_object import JsonObject
from tgemulator.world.model import Channel, Chat, User
from tgemulator.world.world import World


class References:
    """The entries of one description by `ref`, and what a world holds by id."""

    def __init__(self, world: World) -> None:
        self.made: dict[str, User | Chat] = {}
        self._world = world

    def account(self, item: JsonObject, key: str) -> User:
        """The user or bot under this key. DescriptionError if there is none."""
        given = item.reference(key)
        found = self.made.get(given) if isinstance(given, str) else self._world.users.get(given)
        if isinstance(found, User):
            return found
        if isinstance(given, int):
            raise item.wrong(f"{key}: there is no account {given}")
        raise item.wrong(f'{key}: there is no user or bot "{given}" above')

    def chat(self, item: JsonObject, key: str) -> Chat:
        """The group or channel under this key. DescriptionError if there is none."""
        given = item.reference(key)
        found = self.made.get(given) if isinstance(given, str) else self._world.chats.get(given)
        if isinstance(found, Chat):
            return found
        if isinstance(given, int):
            raise item.wrong(f"{key}: there is no chat {given}")
        raise item.wrong(f'{key}: there is no channel or group "{given}" above')

    def channel(self, item: JsonObject, key: str) -> Channel:
        """The channel or supergroup under this key. DescriptionError if there is none."""
        found = self.chat(item, key)
        if not isinstance(found, Channel):
            raise item.wrong(f"{key} is a basic group, a channel or supergroup is expected")
        return found
