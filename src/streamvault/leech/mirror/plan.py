"""In which portions messages are copied; pure.

Albums stay whole: one that may go on behind the messages that were read is left for the next portion. A message whose
answered message has a copy is sent by itself, as Telegram forwards no replies. Order is kept throughout.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from streamvault.leech.mirror.model import Way
from streamvault.leech.mirror.posts import LEFT_OUT, Seen

MOST = 100
"""Messages of one request."""
NEIGHBOURS = 10
"""Messages of an album lie within so many ids, whatever came between them."""


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that go by one request. `place`: up to which all is done with afterwards."""

    posts: tuple[Seen, ...]
    way: Way
    place: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def complete(posts: Sequence[Seen], *, end: int, last: bool) -> Sequence[Seen]:
    """Those messages, of all up to the id `end` in their order, whose albums are whole. `last`: nothing is behind."""
    if last:
        return posts
    newest: dict[int, int] = {post.album: post.id for post in posts if post.album is not None}
    open_ones = {album for album, id in newest.items() if id + NEIGHBOURS > end}
    cut = next((number for number, post in enumerate(posts) if post.album in open_ones), len(posts))
    return posts[:cut] or posts


def groups(posts: Iterable[Seen]) -> list[tuple[Seen, ...]]:
    """The messages with those of each album together, at the place of its first one."""
    found: dict[tuple[str, int], list[Seen]] = {}
    for post in posts:
        key = ("post", post.id) if post.album is None or post.kind in LEFT_OUT else ("album", post.album)
        found.setdefault(key, []).append(post)
    return [tuple(group) for group in found.values()]


def runs(posts: Sequence[Seen], *, copied: Collection[int], done: Collection[int] = ()) -> Iterator[Run]:
    """What to send, in order. `copied`: messages that have copies, to which replies can answer; `done`: messages that
    need no copy any more. At the end comes a run without messages if some that are left out are last.
    """
    found = groups(posts)
    places, known = _places(found), set(copied)
    held: list[Seen] = []
    before, left_out, place = Counter[str](), Counter[str](), 0
    for group, after in zip(found, places, strict=True):
        wanted = [post for post in group if post.id not in done]
        if not wanted or group[0].kind in LEFT_OUT:
            left_out.update(LEFT_OUT[post.kind] for post in wanted)
            continue
        way = way_of(wanted, known)
        if held and (way != "forward" or len(held) + len(wanted) > MOST):
            yield Run(tuple(held), "forward", place, dict(before))
            held, before = [], Counter()
        before, left_out, place = before + left_out, Counter(), after
        known.update(post.id for post in wanted)
        held += wanted
        if way != "forward":
            yield Run(tuple(held), way, place, dict(before))
            held, before = [], Counter()
    if held:
        yield Run(tuple(held), "forward", place, dict(before))
    if places and (left_out or places[-1] > place):
        yield Run((), "forward", places[-1], dict(left_out))


def way_of(group: Sequence[Seen], copied: Collection[int]) -> Way:
    """How a message or album is copied at first."""
    if any(post.protected for post in group):
        return "upload" if any(post.file for post in group) else "send"
    return "send" if answered(group) in copied else "forward"


def answered(group: Sequence[Seen]) -> int | None:
    """The message that a message or album answers."""
    return next((post.reply_to for post in group if post.reply_to is not None), None)


def _places(found: Sequence[Sequence[Seen]]) -> list[int]:
    """For each group the id up to which every message belongs to it or to one before."""
    places: list[int] = []
    ahead = max((post.id for group in found for post in group), default=0) + 1
    for number in range(len(found) - 1, -1, -1):
        places.append(ahead - 1)
        ahead = min(ahead, *(post.id for post in found[number]))
    return places[::-1]
