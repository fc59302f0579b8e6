"""Follows edits and deletions of messages that were copied before.

An edit that changes nothing that is copied costs no request but the read. Deletions are followed only where that was
wished, and many at once only after somebody's word; the last copy of a file that there is stays in any case.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from streamvault.leech.mirror.copying import Copying, OnCopied
from streamvault.leech.mirror.held import HeldMirror, Sleep
from streamvault.leech.mirror.model import Change, Copy, State, together
from streamvault.leech.mirror.plan import MOST
from streamvault.leech.mirror.ports import Channels, CopyRefused
from streamvault.leech.mirror.posts import LEFT_OUT, Seen
from streamvault.media.model import MediaFile

log = logging.getLogger(__name__)

SETTLE = 60.0
"""Seconds after which deletions are followed: so long is counted how many there are."""
MANY, FEW, SHARE = 20, 3, 0.05
"""More deletions than MANY, or than SHARE of all copies and FEW, are not followed without somebody's word."""
EDIT_REFUSED = "edit that Telegram refuses"
LAST_COPY = "deletion of the last message with a file: its copy is kept"
ASKS = "{count} messages of the source were deleted at once. Say whether their copies are to be deleted too, or kept."

IsLast = Callable[[MediaFile], Awaitable[bool]]
"""Whether the message is the only one with its file. Raises CatalogError."""


async def nothing_is_last(_: MediaFile) -> bool:
    """The default of IsLast."""
    return False


class Following:
    """The changes of one held mirror."""

    def __init__(
        self, held: HeldMirror, channels: Channels, copying: Copying, *, on_copied: OnCopied,
        is_last: IsLast = nothing_is_last, sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._held, self._channels, self._copying = held, channels, copying
        self._on_copied, self._is_last, self._sleep = on_copied, is_last, sleep

    async def step(self) -> float | None:
        """Follow what has been noted; seconds after which there is more to do, None without. Raises as Channels,
        LeaseLost, CatalogError.
        """
        await self._compare()
        changes = await self._held.store.changes(self._held.mirror.id)
        edits = [one for one in changes if one.kind == "edit"]
        for first in range(0, len(edits), MOST):
            await self._edit(edits[first : first + MOST])
        return await self._delete([one for one in changes if one.kind == "delete"])

    async def _compare(self) -> None:
        """Look for what updates that were missed would have told: edits are followed, deletions noted."""
        held = self._held
        while (place := held.mirror.recheck) is not None:
            copies = {copy.message: copy for copy in await held.store.copied_after(held.mirror.id, place)}
            if not copies:
                await held.write(recheck=None)
                return
            posts = {post.id: post for post in await self._channels.read(held.source, list(copies))}
            for post in posts.values():
                await self._follow_if_changed(post, copies[post.id])
            gone = [Change(id, "delete", held.clock()) for id in copies if id not in posts and copies[id].target]
            if held.mirror.deletions and gone:
                await held.store.note(held.mirror.id, gone)
            await held.write(recheck=max(copies))

    async def _follow_if_changed(self, post: Seen, copy: Copy) -> None:
        if copy.target and post.content != copy.content and post.kind not in LEFT_OUT:
            await self._follow(post, copy)

    async def _edit(self, changes: Sequence[Change]) -> None:
        store, mirror = self._held.store, self._held.mirror
        copies = await store.copies(mirror.id, [one.message for one in changes])
        wanted = [id for id, copy in copies.items() if copy.target]
        posts = await self._channels.read(mirror.source, wanted) if wanted else []
        for post in posts:
            await self._follow_if_changed(post, copies[post.id])
        await store.settle(mirror.id, changes)

    async def _follow(self, post: Seen, copy: Copy) -> None:
        mirror = self._held.mirror
        try:
            posted = await self._channels.edit(mirror.source, mirror.target, post, copy.target)
        except CopyRefused as refused:
            await self._not_edited(post, copy, refused)
            return
        if posted.file is not None:
            await self._on_copied([posted.file])
        await self._held.write(copies=[replace(copy, content=post.content)])

    async def _not_edited(self, post: Seen, copy: Copy, refused: CopyRefused) -> None:
        """A copy that is gone stays so; one that no edit can make equal is deleted, and posted anew."""
        mirror = self._held.mirror
        if refused.gone:
            await self._held.write(copies=[replace(copy, target=0, more=(), content=post.content)])
        elif refused.album:
            await self._channels.delete(mirror.target, [copy.target, *copy.more])
            await self._copying.copy_again(post, round=int(self._held.clock()))
        else:
            log.info("mirror %s: the edit of message %d is not followed: %s", mirror.id, post.id, refused)
            counts = together(mirror.left_out, {EDIT_REFUSED: 1})
            await self._held.write(copies=[replace(copy, content=post.content)], left_out=counts)

    async def _delete(self, changes: Sequence[Change]) -> float | None:
        """Follow deletions, once they are SETTLE seconds old and not too many."""
        store, mirror = self._held.store, self._held.mirror
        if not changes:
            if mirror.asked:
                await self._held.write(asked=0, allowed=False)
            return None
        wait = max(one.noted for one in changes) + SETTLE - self._held.clock()
        if wait > 0 and not mirror.allowed:
            return wait
        copies = await store.copies(mirror.id, [one.message for one in changes])
        wanted = {id: copy for id, copy in copies.items() if copy.target and not copy.expires}
        if self._many(len(wanted)) and not mirror.allowed:
            reason = ASKS.format(count=len(wanted))
            if (mirror.asked, mirror.reason) != (len(wanted), reason):
                await self._held.write(asked=len(wanted), reason=reason, state=State.ASKING)
            return None
        await self._delete_copies(wanted)
        await store.settle(mirror.id, changes)
        return 0.0

    def _many(self, count: int) -> bool:
        return count > MANY or count > max(FEW, SHARE * self._held.mirror.copied)

    async def _delete_copies(self, copies: Mapping[int, Copy]) -> None:
        mirror, gone, kept = self._held.mirror, list[Copy](), 0
        ids = [copy.target for copy in copies.values()]
        posts = {
            post.id: post
            for first in range(0, len(ids), MOST)
            for post in await self._channels.read(mirror.target, ids[first : first + MOST])
        }
        for copy in copies.values():
            post = posts.get(copy.target)
            if post is not None and post.file is not None and await self._is_last(post.file):
                kept += 1
            else:
                gone.append(copy)
        for first in range(0, len(gone), MOST):
            part = gone[first : first + MOST]
            await self._channels.delete(mirror.target, [id for copy in part for id in (copy.target, *copy.more)])
            cleared = [replace(copy, target=0, more=()) for copy in part]
            await self._held.write(copies=cleared, deleted=self._held.mirror.deleted + len(part))
        if kept:
            await self._held.write(left_out=together(self._held.mirror.left_out, {LAST_COPY: kept}))
