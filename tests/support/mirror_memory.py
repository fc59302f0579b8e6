"""Mirrors and channels in memory, with faults: what Telegram refuses, and a death at any step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from streamvault.errors import CatalogError, SourceBusy
from streamvault.leech.mirror.model import Change, Copy, Mirror, Way
from streamvault.leech.mirror.ports import CopyRefused, FoundChannel, Order, Posted, SentBefore
from streamvault.leech.mirror.posts import LEFT_OUT, Seen, mark_of
from streamvault.leech.mirror.store.base import MAX_COPIED
from streamvault.leech.mirror.store.codec import copy_text, text_of
from streamvault.media.model import FileKey, MediaFile, Origin
from tests.support.leeching import Steps

ROOM = 10
"""Characters of the text beside a file that is sent anew."""


class MemoryMirrors:
    """A MirrorStore over dictionaries. `failing` makes every method raise CatalogError without effect."""

    def __init__(self, steps: Steps | None = None) -> None:
        self.failing = False
        self.steps = steps or Steps()
        self.stored: dict[str, Mirror] = {}
        self.held: dict[tuple[str, int], Copy] = {}
        self.noted: dict[tuple[str, int], Change] = {}

    async def add(self, mirror: Mirror) -> bool:
        self._check()
        same = [one for one in self.stored.values() if (one.source, one.target) == (mirror.source, mirror.target)]
        if mirror.id in self.stored or same:
            return False
        text_of(mirror)
        self.stored[mirror.id] = replace(mirror, version=1)
        return True

    async def get(self, id: str) -> Mirror | None:
        self._check()
        return self.stored.get(id)

    async def listed(self) -> Sequence[Mirror]:
        self._check()
        return sorted(self.stored.values(), key=lambda one: (one.created, one.id))

    async def record(self, mirror: Mirror, copies: Sequence[Copy] = ()) -> bool:
        self._check()
        self.steps.step()
        known = self.stored.get(mirror.id)
        if known is None or known.version != mirror.version:
            return False
        for copy in copies:
            copy_text(copy)
            self.held[mirror.id, copy.message] = copy
        text_of(mirror)
        self.stored[mirror.id] = replace(mirror, version=mirror.version + 1)
        self.steps.step()
        return True

    async def copies(self, id: str, messages: Collection[int]) -> Mapping[int, Copy]:
        self._check()
        return {one: self.held[id, one] for one in messages if (id, one) in self.held}

    async def copied_after(self, id: str, message: int) -> Sequence[Copy]:
        self._check()
        found = [copy for (of, number), copy in self.held.items() if of == id and number > message]
        return sorted(found, key=lambda copy: copy.message)[:MAX_COPIED]

    async def copies_of(self, origin: Origin) -> Sequence[tuple[Origin, Copy]]:
        self._check()
        found = [(self.stored[id], copy) for (id, message), copy in self.held.items() if message == origin.message_id]
        return [
            (Origin(one.target, copy.target), copy)
            for one, copy in found
            if one.source == origin.chat_id and copy.target
        ]

    async def note(self, id: str, changes: Sequence[Change]) -> None:
        self._check()
        for one in changes:
            known = self.noted.get((id, one.message))
            if known is None or known.kind == "edit":
                self.noted[id, one.message] = one

    async def changes(self, id: str) -> Sequence[Change]:
        self._check()
        return sorted((one for (of, _), one in self.noted.items() if of == id), key=lambda one: one.message)

    async def settle(self, id: str, changes: Sequence[Change]) -> None:
        self._check()
        for one in changes:
            if self.noted.get((id, one.message)) == one:
                del self.noted[id, one.message]

    async def remove(self, id: str) -> bool:
        self._check()
        for held in (self.held, self.noted):
            for key in [key for key in held if key[0] == id]:
                del held[key]
        return self.stored.pop(id, None) is not None

    def _check(self) -> None:
        if self.failing:
            raise CatalogError("the database does not answer")


@dataclass
class MemoryChannels:
    """Channels by number, each with its messages by id; keys send once. `refused`: messages that fail the request that
    forwards them; `skipped`: that it leaves out; `never`: that no way copies; `busy`: flood waits to come.
    """

    steps: Steps = field(default_factory=Steps)
    chats: dict[int, dict[int, Seen]] = field(default_factory=dict)
    found: dict[int | str, FoundChannel] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    never: set[int] = field(default_factory=set)
    unforgetting: bool = False
    busy: list[float] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def find(self, chat: int | str) -> FoundChannel | None:
        return self.found.get(chat)

    async def newest(self, chat_id: int) -> int:
        self.steps.step()
        return max(self.chats.setdefault(chat_id, {}), default=0)

    async def read(self, chat_id: int, ids: Sequence[int]) -> list[Seen]:
        self.steps.step()
        assert len(ids) <= 100
        there = self.chats.setdefault(chat_id, {})
        return [there[id] for id in sorted(ids) if id in there]

    async def post(self, order: Order) -> list[Posted | None]:
        self.steps.step()
        self.requests.append(f"{order.way} {[post.id for post in order.posts]}")
        if self.busy:
            raise SourceBusy(self.busy.pop(0))
        self._check(order)
        copied = [None if order.way == "forward" and post.id in self.skipped else post for post in order.posts]
        kept = [(post, key) for post, key in zip(copied, order.keys, strict=True) if post is not None]
        self._once([key for _, key in kept])
        ids = {post.id: self._put(order, post, key) for post, key in kept}
        self.steps.step()  # it took effect, and nobody heard of it
        return [None if post is None else Posted(ids[post.id], post.file) for post in copied]

    async def post_rest(
        self, target: int, post: Seen, way: Way, number: int, *, key: str, answers: int
    ) -> Posted | None:
        self.steps.step()
        self._once([key])
        text = self.texts(post, way)[number]
        made = Seen(self._next(target), "text", text=text, reply_to=answers)
        self.chats[target][made.id] = made
        self.keys[key] = made.id
        self.steps.step()
        return Posted(made.id)

    async def edit(self, source: int, target: int, post: Seen, message_id: int) -> Posted:
        self.steps.step()
        self.requests.append(f"edit {post.id}")
        if message_id not in self.chats[target]:
            raise CopyRefused("gone", gone=True)
        if post.id in self.refused:
            raise CopyRefused("MEDIA_GROUPED_INVALID", album=True)
        if post.id in self.never:
            raise CopyRefused("it cannot be edited")
        self.chats[target][message_id] = replace(self.chats[target][message_id], text=post.text)
        self.steps.step()
        return Posted(message_id, post.file)

    async def delete(self, target: int, ids: Sequence[int]) -> None:
        self.steps.step()
        for id in ids:
            self.chats[target].pop(id, None)

    def texts(self, post: Seen, way: Way) -> Sequence[str]:
        if way == "forward" or post.file is None or len(post.text) <= ROOM:
            return [post.text]
        return [post.text[:ROOM], post.text[ROOM:]]

    def _check(self, order: Order) -> None:
        ids = {post.id for post in order.posts}
        if any(post.protected for post in order.posts) and order.way != "upload" and any(p.file for p in order.posts):
            raise CopyRefused("protected", restricted=True)
        if order.way == "forward" and ids & self.refused:
            raise CopyRefused("MESSAGE_ID_INVALID")
        if ids & self.never or any(post.kind in LEFT_OUT for post in order.posts):
            raise CopyRefused("it cannot be copied")
        assert order.way != "forward" or len(order.posts) <= 100
        assert order.way == "forward" or len({(post.album, post.album or post.id) for post in order.posts}) == 1

    def _once(self, keys: Sequence[str]) -> None:
        if set(keys) & self.keys.keys() and not self.unforgetting:
            raise SentBefore("RANDOM_ID_DUPLICATE")

    def _put(self, order: Order, post: Seen, key: str) -> int:
        text = self.texts(post, order.way)[0]
        album = None if post.album is None else post.album + 1000
        made = replace(post, id=self._next(order.target), text=text, album=album, reply_to=order.answers)
        self.chats[order.target][made.id] = made
        self.keys[key] = made.id
        return made.id

    def _next(self, chat_id: int) -> int:
        return max(self.chats.setdefault(chat_id, {}), default=0) + 1


def channels_of(chats: Sequence[int]) -> MemoryChannels:
    """Channels that the bot reads, and in which it may post."""
    return MemoryChannels(found={one: FoundChannel(one, f"Channel {one}", reads=True, posts=True) for one in chats})


def post(id: int, text: str = "", **fields: object) -> Seen:
    """A message; its `content` follows from what it holds."""
    made = Seen(id, "text", text=text)
    made = replace(made, **fields)  # type: ignore[arg-type]
    return replace(made, content=mark_of(f"{made.signature} {made.kind}", text))


def film(id: int, text: str = "", **fields: object) -> Seen:
    """A message with a file of its own."""
    file = MediaFile(FileKey(f"f{id}"), Origin(-1, id), 2, "document", f"{id}.mkv", 5, "video/x-matroska", 0)
    return post(id, text, kind="file", file=file, signature=f"document 5 {id}.mkv", **fields)
