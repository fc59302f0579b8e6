"""Which chats are ours: those whose files may be indexed and shown.

With CHANNELS set: those, and VAULT_CHANNEL. Without: every chat that the bot is in, and VAULT_CHANNEL. A channel given
by its @username counts once Telegram, or a post from it, has given its id.
"""

from collections.abc import Iterable

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError

Named = int | str
_UNSAVED = "\0"  # not a possible title, so the next update tries again to store the chat


class OurChats:
    """The set of our chats; chats that the bot enters are stored in the catalog and held in memory.

    Until the stored ones were loaded once, methods raise CatalogError instead of giving a wrong answer.
    """

    def __init__(self, catalog: Catalog, *, channels: Iterable[Named] = (), vault: Named | None = None) -> None:
        self._catalog = catalog
        named = list(channels)
        self.learns = not named
        if vault is not None:
            named.append(vault)
        self._fixed = {chat for chat in named if isinstance(chat, int)}
        self._unresolved = {plain_username(chat) for chat in named if isinstance(chat, str)}
        self._seen: dict[int, str] | None = None

    @property
    def unresolved(self) -> frozenset[str]:
        """Usernames from the settings, lower case and without the at sign, whose chat ids are not known yet."""
        return frozenset(self._unresolved)

    def resolve(self, username: str, chat_id: int) -> None:
        """Set the id of the chat with this username; ignored unless a setting names it."""
        if plain_username(username) in self._unresolved:
            self._unresolved.discard(plain_username(username))
            self._fixed.add(chat_id)

    async def all(self) -> frozenset[int]:
        """Every chat that is ours. Raises CatalogError."""
        return frozenset(self._fixed | (await self._loaded()).keys()) if self.learns else frozenset(self._fixed)

    async def holds(self, chat_id: int) -> bool:
        """Whether `chat_id` is ours. Raises CatalogError."""
        return chat_id in self._fixed or (self.learns and chat_id in await self._loaded())

    async def remember(self, chat_id: int, title: str) -> None:
        """The bot is in this chat; `title` is "" if unknown.

        With CHANNELS set, only the titles of those are stored. Raises CatalogError.
        """
        if not self.learns and chat_id not in self._fixed:
            return
        seen = await self._loaded()
        known = seen.get(chat_id)
        if known == title or (not title and known not in (None, _UNSAVED)):
            return
        seen[chat_id] = title
        try:
            await self._catalog.remember_chat(chat_id, title)
        except CatalogError:
            if chat_id in seen:
                seen[chat_id] = _UNSAVED
            raise

    async def forget(self, chat_id: int) -> None:
        """The bot is not in this chat any more. Raises CatalogError."""
        (await self._loaded()).pop(chat_id, None)
        await self._catalog.forget_chat(chat_id)

    async def _loaded(self) -> dict[int, str]:
        if self._seen is None:
            stored = await self._catalog.chats()
            # another caller may have loaded and changed it meanwhile
            self._seen = stored if self._seen is None else self._seen
        return self._seen


def plain_username(name: str) -> str:
    """A username as Telegram compares it: without the at sign, in lower case."""
    return name.removeprefix("@").lower()
