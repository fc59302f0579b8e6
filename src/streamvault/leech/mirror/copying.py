"""Copies the messages of a source in their order, each once whatever dies when.

What is sent is stored first (Pending). After a crash it is looked for in the target before anything is sent again; a
request that is repeated has the same keys, so that Telegram sends nothing twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from streamvault.leech.mirror import plan
from streamvault.leech.mirror.held import HeldMirror, Sleep
from streamvault.leech.mirror.matching import matched
from streamvault.leech.mirror.model import Copy, Item, Pending, State, Way, together
from streamvault.leech.mirror.plan import MOST, Run
from streamvault.leech.mirror.ports import Channels, CopyRefused, Order, Posted, SentBefore
from streamvault.leech.mirror.posts import REFUSED, Seen, mark_of
from streamvault.leech.mirror.progress import HeldProgress
from streamvault.media.model import MediaFile

log = logging.getLogger(__name__)

QUIET = 1.0
"""Seconds after which an album at the end of a source has all its messages, as they arrive one by one."""
NEW = 10.0
"""Seconds for which a message is new, by clocks that may differ."""
FIND_PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look for messages that Telegram says it has sent, which a read may show late."""
MOST_LOOKED_AT = 5_000
"""Messages of the target among which copies are looked for."""

OnCopied = Callable[[Sequence[MediaFile]], Awaitable[None]]
"""Called with the files of copies before they are recorded; again after a crash. Raises CatalogError."""
_NEXT: Mapping[Way, Way | None] = {"forward": "send", "send": "upload", "upload": None}


class Copying:
    """The copies of one held mirror."""

    def __init__(
        self, held: HeldMirror, channels: Channels, *, on_copied: OnCopied, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._held, self._channels, self._on_copied, self._sleep = held, channels, on_copied, sleep
        self._read_to = held.mirror.place
        """Up to here the source was read, although its last messages may not exist."""

    async def step(self) -> bool:
        """Copy the next messages; False when the source has no more. Raises as Channels, LeaseLost, CatalogError."""
        held = self._held
        if held.mirror.pending is not None:
            await self._recover(held.mirror.pending)
            return True
        start = max(self._read_to, held.mirror.place) + 1
        end = min(start + MOST - 1, held.mirror.top)
        if start > end:
            return False
        posts, last = await self._window(start, end)
        if not posts:
            self._read_to = end
            return end < held.mirror.top
        await self._copy(posts)
        self._read_to = max(held.mirror.place, end if last else 0)
        return True

    async def look(self) -> None:
        """Ask for the newest message of the source."""
        newest = await self._channels.newest(self._held.source)
        if newest > self._held.mirror.top:
            await self._held.write(top=newest)
        self._read_to = min(self._read_to, self._held.mirror.place)

    async def copy_again(self, post: Seen, round: int) -> None:
        """Post a message anew whose copy cannot be edited, and is deleted."""
        await self._run(Run((post,), plan.way_of([post], ()), self._held.mirror.place), round=round)

    async def _window(self, start: int, end: int) -> tuple[Sequence[Seen], bool]:
        """The messages of these ids whose albums are whole, and whether they are all up to `end`."""
        source, top = self._held.source, self._held.mirror.top
        posts = await self._channels.read(source, range(start, end + 1))
        if posts and posts[-1].album is not None and (end >= top or self._is_new(posts[-1])):
            await self._sleep(QUIET)
            posts = await self._channels.read(source, range(start, min(end + plan.NEIGHBOURS, start + MOST - 1) + 1))
            end = max([end, *(post.id for post in posts)])
        goes_on = bool(posts) and posts[-1].album is not None and end - start + 1 == MOST
        whole = plan.complete(posts, end=end, last=end >= top and not goes_on)
        return whole, len(whole) == len(posts)

    def _is_new(self, post: Seen) -> bool:
        """Whether more messages of its album may be about to come: `top` may be above the newest message."""
        return self._held.clock() - post.date < NEW

    async def _copy(self, posts: Sequence[Seen]) -> None:
        ids = [post.id for post in posts] + [post.reply_to for post in posts if post.reply_to is not None]
        copies = await self._held.store.copies(self._held.mirror.id, ids)
        there = {id for id, copy in copies.items() if copy.target}
        await self._held.write(behind_since=float(posts[0].date), state=State.COPYING, reason=None)
        for run in plan.runs(posts, copied=there, done=copies.keys() & {post.id for post in posts}):
            if run.posts:
                await self._run(run)
            else:
                await self._held.write(place=run.place, left_out=self._with(run.left_out), tries=0)

    async def _run(self, run: Run, *, round: int = 0) -> None:
        mirror = self._held.mirror
        pending = Pending(
            run.way, self._items(run), max(run.place, mirror.place), mirror.above, run.left_out, round
        )  # fmt: skip
        await self._held.write(pending=pending)
        await self._send(pending, run.posts)

    def _items(self, run: Run) -> tuple[Item, ...]:
        items = [
            Item(post.id, mark_of(post.signature if number == 0 else "", text), post.content, number)
            for post in run.posts
            for number, text in enumerate(self._channels.texts(post, run.way))
        ]
        return tuple(sorted(items, key=lambda item: item.number > 0))  # the rests are posted after all of an album

    async def _recover(self, pending: Pending) -> None:
        """Go on with what was being sent when a worker ended."""
        found = await self._found(pending)
        ids = [item.message for item in pending.items if item.number == 0]
        if any((id, 0) in found for id in ids):
            await self._finish(pending, await self._posts(ids), _posted(found))
            return
        posts = await self._posts(ids)
        if len(posts) < len(ids):  # some were deleted meanwhile: the rest is planned anew
            await self._held.write(pending=None)
            self._read_to = self._held.mirror.place
            return
        await self._send(pending, posts)

    async def _posts(self, ids: Sequence[int]) -> list[Seen]:
        """Those messages of the source that exist, in this order."""
        there = {post.id: post for post in await self._channels.read(self._held.source, ids)}
        return [there[id] for id in ids if id in there]

    async def _send(self, pending: Pending, posts: Sequence[Seen]) -> None:
        """Send what is pending, and record it."""
        try:
            posted = await self._channels.post(await self._order(pending, posts))
        except CopyRefused as refused:
            await self._refused(pending, posts, refused)
            return
        except SentBefore:
            found = _posted(await self._sent_before(pending))
        else:
            found = {(post.id, 0): one for post, one in zip(posts, posted, strict=True) if one is not None}
            if not found:
                await self._refused(pending, posts, CopyRefused(REFUSED))
                return
        await self._finish(pending, posts, found)

    async def _order(self, pending: Pending, posts: Sequence[Seen]) -> Order:
        mirror = self._held.mirror
        answered = None if pending.way == "forward" else plan.answered(posts)
        answers = None
        if answered is not None:
            copy = (await self._held.store.copies(mirror.id, [answered])).get(answered)
            answers = None if copy is None else copy.target or None
        keys = tuple(self._key(post.id, pending.round) for post in posts)
        progress = HeldProgress(self._held) if pending.way == "upload" else None
        return Order(pending.way, mirror.source, mirror.target, tuple(posts), keys, answers, progress)

    def _key(self, message: int, round: int) -> str:
        return f"mirror/{self._held.mirror.id}/{message}/{round}"

    async def _refused(self, pending: Pending, posts: Sequence[Seen], refused: CopyRefused) -> None:
        """Nothing was sent: try the halves, and another way for a single message or album that is refused."""
        mirror, found = self._held.mirror, plan.groups(posts)
        if len(found) > 1:
            half = len(found) // 2
            parts = [[post for group in part for post in group] for part in (found[:half], found[half:])]
            for part, place, left_out in (
                (parts[0], mirror.place, {}),
                (parts[1], pending.place, pending.left_out),
            ):
                await self._run(Run(tuple(part), pending.way, place, left_out), round=pending.round)
            return
        way = "upload" if refused.restricted and pending.way == "forward" else _NEXT[pending.way]
        if way == "upload" and not any(post.file for post in posts):
            way = "send" if pending.way == "forward" else None
        if way is not None:
            await self._run(Run(tuple(posts), way, pending.place, pending.left_out), round=pending.round)
            return
        log.info("mirror %s: message %d is not copied: %s", mirror.id, posts[0].id, refused)
        await self._finish(pending, posts, {}, reason=str(refused))

    async def _finish(
        self, pending: Pending, posts: Sequence[Seen], found: Mapping[tuple[int, int], Posted], *, reason: str = REFUSED
    ) -> None:
        """Record what was posted. Messages that Telegram left out of several are copied by themselves first."""
        missing = [post for post in posts if (post.id, 0) not in found]
        rests = await self._rests(pending, posts, found)
        files = [one.file for one in found.values() if one.file is not None]
        if files:
            await self._on_copied(files)
        mains = {item.message: item for item in pending.items if item.number == 0}
        expiring = {post.id for post in posts if post.expires}
        copies = [
            Copy(
                message, found[message, 0].message_id, item.content, more=rests.get(message, ()),
                uploaded=pending.way == "upload", expires=message in expiring,
            )
            for message, item in mains.items()
            if (message, 0) in found
        ]  # fmt: skip
        above = max([self._held.mirror.above, *(one.message_id for one in found.values())])
        again = bool(missing) and bool(copies)
        if not again:
            copies += [Copy(post.id, 0, post.content) for post in missing]
        left_out = pending.left_out if not missing or again else together(pending.left_out, {reason: len(missing)})
        rest: dict[str, Any] = {} if again else {"place": pending.place, "left_out": self._with(left_out)}
        await self._held.write(
            copies=copies, pending=None, above=above, tries=0,
            copied=self._held.mirror.copied + (sum(copy.target > 0 for copy in copies) if pending.round == 0 else 0),
            **rest,
        )  # fmt: skip
        if again:
            for number, group in enumerate(plan.groups(missing), 1):
                last = number == len(plan.groups(missing))
                place = pending.place if last else self._held.mirror.place
                await self._run(Run(group, "send", place, pending.left_out if last else {}), round=pending.round)

    async def _rests(
        self, pending: Pending, posts: Sequence[Seen], found: Mapping[tuple[int, int], Posted]
    ) -> dict[int, tuple[int, ...]]:
        """The messages with what is left of long texts, posted where they are not yet."""
        rests: dict[int, tuple[int, ...]] = {}
        for post in posts:
            main = found.get((post.id, 0))
            if main is None:
                continue
            for number in range(1, len(self._channels.texts(post, pending.way))):
                one = found.get((post.id, number)) or await self._rest(pending, post, number, main)
                if one is not None:
                    rests[post.id] = (*rests.get(post.id, ()), one.message_id)
        return rests

    async def _rest(self, pending: Pending, post: Seen, number: int, main: Posted) -> Posted | None:
        key, target = f"{self._key(post.id, pending.round)}/{number}", self._held.mirror.target
        try:
            return await self._channels.post_rest(target, post, pending.way, number, key=key, answers=main.message_id)
        except SentBefore:
            return _posted(await self._sent_before(pending)).get((post.id, number))
        except CopyRefused as refused:
            log.info("mirror %s: the rest of message %d is not copied: %s", self._held.mirror.id, post.id, refused)
            return None

    async def _sent_before(self, pending: Pending) -> dict[tuple[int, int], Seen]:
        """Where Telegram says that it has sent them: all that are found, after a while also none."""
        for pause in FIND_PAUSES:
            await self._sleep(pause)
            found = await self._found(pending)
            if found:
                return found
        return {}

    async def _found(self, pending: Pending) -> dict[tuple[int, int], Seen]:
        """Those messages of the target that what is pending has become."""
        target = self._held.mirror.target
        top = await self._channels.newest(target)
        posts: list[Seen] = []
        start = max(pending.above, top - MOST_LOOKED_AT) + 1
        for first in range(start, top + 1, MOST):
            posts += await self._channels.read(target, range(first, min(first + MOST, top + 1)))
        return matched(pending.items, posts)

    def _with(self, left_out: Mapping[str, int]) -> dict[str, int]:
        return together(self._held.mirror.left_out, left_out)


def _posted(found: Mapping[tuple[int, int], Seen]) -> dict[tuple[int, int], Posted]:
    return {key: Posted(post.id, post.file) for key, post in found.items()}
