"""Finds in the target what was sent before a crash; pure."""

from collections.abc import Sequence

from streamvault.leech.mirror.model import Item
from streamvault.leech.mirror.posts import Seen


def matched(items: Sequence[Item], posts: Sequence[Seen]) -> dict[tuple[int, int], Seen]:
    """The messages of the target that items became, by (message, number). One request posts its messages in order, so
    that of equal ones the first is the first's.
    """
    found: dict[tuple[int, int], Seen] = {}
    at = 0
    for item in items:
        place = next((number for number in range(at, len(posts)) if posts[number].mark == item.mark), None)
        if place is not None:
            found[item.message, item.number] = posts[place]
            at = place + 1
    return found
