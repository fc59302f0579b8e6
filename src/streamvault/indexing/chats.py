"""Which chats are ours: those whose files may be indexed and shown.

With CHANNELS set: those, VAULT_CHANNEL and LEECH_CHANNEL, and the targets of mirrors, whose files are copies. Without:
those that one of OWNER_IDS has added the bot to or has had indexed, and these two. Anybody can add a bot to a chat of
theirs, so that a chat which no owner chose is foreign: nothing from it is stored. A chat that is ours stays so until
the bot leaves it. A channel given by its @username counts once Telegram, or a post from it, has given its id.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError
from streamvault.indexing.offers import Offers
from streamvault.media.events import Membership, Person, SeenChat, Standing

log = logging.getLogger(__name__)

Named = int | str
_UNSAVED = "\0"  # not a possible title, so the next update tries again to store the chat
_CHANNELS_BELOW = -1_000_000_000_000
"""Ids of channels and supergroups are below it, those of basic groups above."""
REMEMBERED_FOREIGN = 10_000
"""Foreign chats that are remembered, so that each is asked about and reported once."""


class OurChats:
    """The set of our chats; chats that owners choose are stored in the catalog and held in memory.

    Until the stored ones were loaded once, methods raise CatalogError instead of giving a wrong answer.
    """

    def __init__(
        self, catalog: Catalog, *, channels: Iterable[Named] = (), vault: Named | None = None,
        leech: Named | None = None, owners: Iterable[int] = (),
    ) -> None:  # fmt: skip
        self._catalog = catalog
        named = list(channels)
        self.learns = not named
        named += [chat for chat in (vault, leech) if chat is not None]
        self._fixed = {chat for chat in named if isinstance(chat, int)}
        self._unresolved = {plain_username(chat) for chat in named if isinstance(chat, str)}
        self._owners = frozenset(owners)
        self._numbers: dict[str, int] = {}
        self._targets: frozenset[int] = frozenset()
        self._seen: dict[int, str] | None = None
        self._foreign: OrderedDict[int, None] = OrderedDict()
        self.on_resolved: Callable[[int], None] = lambda _: None
        """Called with a chat that is ours from now on, as the id of its username from the settings is known."""
        self.offers: Offers | None = None
        """Where chats are kept that others than owners added the bot to."""

    @property
    def unresolved(self) -> frozenset[str]:
        """Usernames from the settings, lower case and without the at sign, whose chat ids are not known yet."""
        return frozenset(self._unresolved)

    def resolve(self, username: str, chat_id: int) -> None:
        """Set the id of the chat with this username; ignored unless a setting names it."""
        if plain_username(username) in self._unresolved:
            self._unresolved.discard(plain_username(username))
            self._fixed.add(chat_id)
            self._numbers[plain_username(username)] = chat_id
            self.on_resolved(chat_id)

    def number_of(self, username: str) -> int | None:
        """The chat id of a username from the settings, once it is known."""
        return self._numbers.get(plain_username(username))

    async def all(self) -> frozenset[int]:
        """Every chat that is ours. Raises CatalogError."""
        fixed = self._fixed | self._targets
        return frozenset(fixed | (await self._loaded()).keys()) if self.learns else frozenset(fixed)

    async def holds(self, chat_id: int) -> bool:
        """Whether `chat_id` is ours. Raises CatalogError."""
        return chat_id in self._fixed or chat_id in self._targets or (self.learns and chat_id in await self._loaded())

    def set_targets(self, chats: Iterable[int]) -> None:
        """The targets of all mirrors."""
        self._targets = frozenset(chats)

    async def standing(self, chat: SeenChat) -> Standing:
        """Whether a chat is ours; "undecided" if that depends on who added the bot. Raises CatalogError."""
        for username in chat.usernames:
            self.resolve(username, chat.chat_id)
        if await self.holds(chat.chat_id):
            return "ours"
        return "undecided" if self.learns and chat.chat_id not in self._foreign else "foreign"

    async def note_title(self, chat: SeenChat) -> None:
        """Store the title of a chat; without effect if it is not ours. Raises CatalogError."""
        if await self.standing(chat) == "ours":
            await self._store(chat.chat_id, chat.title)

    async def joined(self, event: Membership) -> None:
        """The bot is in this chat, which becomes ours if an owner has added it. Raises CatalogError."""
        chat = event.chat
        if chat.chat_id > _CHANNELS_BELOW:
            self._report(chat, "basic groups cannot be served: turn it into a supergroup")
        elif await self.standing(chat) == "ours":
            await self._store(chat.chat_id, chat.title)
        elif not self.learns:
            self._report(chat, "CHANNELS does not name it")
        elif any(person.user_id in self._owners for person in event.by):
            await self.choose(chat.chat_id, chat.title)
        else:
            self._report(chat, f"{_no_owner(event.by)}; to serve it, run `streamvault index {chat.chat_id}`")
            if self.offers is not None:
                await self.offers.add(chat, event.by)

    async def choose(self, chat_id: int, title: str) -> None:
        """An owner wants this chat served; without effect where CHANNELS is set. Raises CatalogError."""
        if self.learns:
            self._foreign.pop(chat_id, None)
        if self.learns or chat_id in self._fixed:
            await self._store(chat_id, title)
            await self._withdraw(chat_id)

    async def left(self, chat_id: int) -> bool:
        """The bot is not in this chat any more; whether it was ours. Raises CatalogError."""
        if not await self.holds(chat_id):
            await self._withdraw(chat_id)
            return False
        await self.forget(chat_id)
        return True

    async def _withdraw(self, chat_id: int) -> None:
        if self.offers is not None:
            await self.offers.remove(chat_id)

    async def forget(self, chat_id: int) -> None:
        """The bot is not in this chat of ours any more. Raises CatalogError."""
        (await self._loaded()).pop(chat_id, None)
        await self._catalog.forget_chat(chat_id)

    async def _store(self, chat_id: int, title: str) -> None:
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

    def _report(self, chat: SeenChat, why: str) -> None:
        """Log once that a chat is foreign."""
        if chat.chat_id in self._foreign:
            return
        self._foreign[chat.chat_id] = None
        if len(self._foreign) > REMEMBERED_FOREIGN:
            self._foreign.popitem(last=False)
        log.warning("chat %d, %r, is not served: %s", chat.chat_id, chat.title, why)

    async def _loaded(self) -> dict[int, str]:
        if self._seen is None:
            stored = await self._catalog.chats()
            # another caller may have loaded and changed it meanwhile
            self._seen = stored if self._seen is None else self._seen
        return self._seen


def plain_username(name: str) -> str:
    """A username as Telegram compares it: without the at sign, in lower case."""
    return name.removeprefix("@").lower()


def _no_owner(people: Iterable[Person]) -> str:
    names = " and ".join(f"user {person.user_id} ({person.name!r})" for person in people)
    return f"added by {names}, not by one of OWNER_IDS" if names else "Telegram does not say who added the bot"
