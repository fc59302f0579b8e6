"""The chats in whose calls the accounts of the voice workers can play, as each worker told last."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from streamvault.access.store.base import MAX_LISTED, AccessRecords, Record

KEPT = 30 * 86_400.0
"""Seconds for which it is remembered what an account told that tells nothing more."""
RENEWED = 86_400.0
"""Seconds after which the same is told again."""


@dataclass(frozen=True, slots=True)
class CallChat:
    """A chat; `open`: a call is open there."""

    chat_id: int
    title: str
    open: bool


class CallChats:
    """`clock` gives Unix seconds. Methods raise CatalogError."""

    def __init__(self, records: AccessRecords, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock
        self._told: tuple[int, Sequence[CallChat], float] | None = None

    async def tell(self, account: int, chats: Sequence[CallChat]) -> None:
        """These are the chats of an account. Written where that is new, and once a day."""
        now = self._clock()
        if self._told is not None and self._told[:2] == (account, chats) and now - self._told[2] < RENEWED:
            return
        value = {"chats": [asdict(chat) for chat in chats]}
        await self._records.put(Record("call_chats", str(account), now, value, expires=now + KEPT))
        self._told = account, chats, now

    async def listed(self) -> Sequence[CallChat]:
        """The chats of all accounts, by their titles; a call is open where one of them says so."""
        found: dict[int, CallChat] = {}
        for record in await self._records.listed("call_chats", limit=MAX_LISTED):
            if record.expires is not None and record.expires <= self._clock():
                continue
            for chat in (CallChat(**one) for one in record.value["chats"]):
                if chat.chat_id not in found or chat.open:
                    found[chat.chat_id] = chat
        return sorted(found.values(), key=lambda chat: (chat.title.casefold(), chat.chat_id))
