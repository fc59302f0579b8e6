"""The rules of a call: pure functions from a call to what it becomes, to be stored by CallStore.replace.

People's functions raise VoiceConflict for what cannot be done. `now` is in Unix seconds. A worker's functions name the
`stream` that an event is of: where the call has another one by now, the event is of a stream that was replaced, and
nothing changes.
"""

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import replace

from streamvault.errors import EntryMissing, QueueFull, VoiceConflict
from streamvault.voice.model import Call, Item, Lease, Loop, Status

LEASE = 10.0
"""Seconds for which a worker holds a call without renewing its lease."""
MAX_QUEUE = 1000
"""Items of a queue."""
MAX_OF_PERSON = 100
"""Items of a queue that one person has added, who is no owner."""
MAX_VOLUME = 200
NEAR_END = 3.0
"""Seconds before its told duration at which an item may end: durations are rounded, and the end of a stream is lost."""
PROGRESS = 5.0
"""Seconds that have to be played for that a try counts as one with progress."""
MAX_TRIES = 3
"""Tries in a row without progress after which an item is given up."""
MAX_GAP = 5.0
"""Seconds for which a position is taken to go on without news from the worker."""
ALONE_PAUSE, ALONE_STOP = 60.0, 600.0
"""Seconds without a listener after which a call is paused, and left."""
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Seconds before each further try to join again."""
NOTHING = "Nothing plays in this chat."


def position_of(call: Call, now: float) -> float:
    """Where the item is now."""
    if call.item is None:
        return 0.0
    gone = min(MAX_GAP, max(0.0, now - call.position_at)) if call.status is Status.PLAYING else 0.0
    position = call.position + gone
    return position if call.item.duration is None else min(position, max(call.item.duration, call.position))


def added(
    call: Call, items: Sequence[Item], *, now: float, at_once: bool = False, position: float = 0.0, owner: bool = False
) -> Call:
    """The items behind the queue; the first one begins, at `position`, where nothing plays or it is wished `at_once`:
    then what played is given up. Raises QueueFull.
    """
    if not items:
        raise VoiceConflict("There is nothing to play.")
    _check_room(call, items, owner=owner)
    if call.item is not None and not at_once and call.status is not Status.FAILED:
        return replace(call, queue=(*call.queue, *items), updated=now)
    first, *others = items
    queue = (*others, *call.queue) if at_once else (*call.queue, *others)
    if call.item is not None and not at_once:  # it failed: it is tried again, and what is new comes behind
        return _opened(replace(call, queue=(*call.queue, *items)), call.item, call.position, now)
    return replace(_opened(call, first, position, now), queue=queue, person=first.person)


def paused(call: Call, *, now: float) -> Call:
    """Silent until it is resumed."""
    if call.item is None:
        raise VoiceConflict(NOTHING)
    if call.status is Status.PAUSED:
        return replace(call, paused_alone=False)
    position = position_of(call, now)
    return replace(call, status=Status.PAUSED, reason=None, position=position, position_at=now, paused_alone=False,
                   updated=now)  # fmt: skip


def resumed(call: Call, *, now: float) -> Call:
    """Go on after a pause or a failure, with a source that is opened anew: an old one may have ended meanwhile."""
    if call.item is None:
        raise VoiceConflict(NOTHING)
    if call.status in (Status.PLAYING, Status.JOINING):
        return call
    return _opened(call, call.item, call.position, now)


def sought(call: Call, position: float, *, now: float) -> Call:
    """Go on at that position; a paused call stays paused. Raises VoiceConflict behind the end."""
    if call.item is None:
        raise VoiceConflict(NOTHING)
    if call.item.duration is not None and position >= call.item.duration:
        raise VoiceConflict(f"It is {call.item.duration:.0f} s long.")
    return _elsewhere(call, max(0.0, position), now)


def with_volume(call: Call, volume: int, *, now: float) -> Call:
    """`volume` in percent, up to MAX_VOLUME."""
    if not 0 <= volume <= MAX_VOLUME:
        raise VoiceConflict(f"The volume is a number from 0 to {MAX_VOLUME}.")
    changed = replace(call, volume=volume, updated=now)
    return changed if call.item is None or volume == call.volume else _elsewhere(changed, position_of(call, now), now)


def with_loop(call: Call, loop: Loop, *, now: float) -> Call:
    """What is played again."""
    return replace(call, loop=loop, updated=now)


def shuffled(call: Call, *, now: float, shuffle: Callable[[MutableSequence[Item]], None]) -> Call:
    """What comes next in another order, which `shuffle` makes in place."""
    queue = list(call.queue)
    shuffle(queue)
    return replace(call, queue=tuple(queue), updated=now)


def skipped(call: Call, *, now: float, count: int = 1) -> Call:
    """The next item but `count` - 1; idle where there is none."""
    if call.item is None:
        raise VoiceConflict(NOTHING)
    for _ in range(max(1, count)):
        call = _next(call, now)
    return call


def stopped(call: Call, *, now: float) -> Call:
    """Nothing plays, and nothing is queued."""
    return _idle(replace(call, queue=()), now)


def ordered(call: Call, ids: Sequence[str], *, now: float) -> Call:
    """The queue in this order. Raises VoiceConflict where it does not name each entry once."""
    known = {item.id: item for item in call.queue}
    if len(ids) != len(known) or set(ids) != set(known):
        raise VoiceConflict("The queue has changed meanwhile: read it again, and name each of its entries once.")
    return replace(call, queue=tuple(known[id] for id in ids), updated=now)


def removed(call: Call, id: str, *, now: float) -> Call:
    """The queue without one entry. Raises EntryMissing."""
    queue = tuple(item for item in call.queue if item.id != id)
    if len(queue) == len(call.queue):
        raise EntryMissing("There is no such entry in the queue.")
    return replace(call, queue=queue, updated=now)


def emptied(call: Call, *, now: float) -> Call:
    """Nothing comes next; what plays goes on."""
    return replace(call, queue=(), updated=now)


def claimable(call: Call, now: float) -> bool:
    """Whether a worker may take it up."""
    return call.active and not held(call, now)


def held(call: Call, now: float) -> bool:
    """Whether a worker holds it."""
    return call.lease is not None and call.lease.until > now


def claimed(call: Call, worker: str, *, node: str, now: float) -> Call:
    """Held by a worker; what played before goes on at its position. Raises ValueError for one that is not claimable."""
    item = call.item
    if not claimable(call, now) or item is None:
        raise ValueError(f"the call of {call.chat_id} cannot be taken up")
    lease = Lease(worker, now + LEASE, call.fence + 1)
    call = replace(call, lease=lease, fence=lease.fence, node=node, due=0.0)
    if call.status is Status.PAUSED:
        return replace(call, updated=now)
    status = Status.JOINING if call.status is Status.JOINING else Status.RECONNECTING
    return replace(_opened(call, item, call.position, now), status=status, tries=call.tries)


def released(call: Call, *, now: float) -> Call:
    """Let go of by its worker, so that another one may take it up at once."""
    return replace(call, lease=None, node="", position=position_of(call, now), position_at=now, updated=now)


def begun(call: Call, stream: int, *, now: float) -> Call:
    """The stream is being sent since now."""
    if stream != call.stream or call.status not in (Status.JOINING, Status.RECONNECTING):
        return call
    return replace(call, status=Status.PLAYING, reason=None, position_at=now, due=0.0, updated=now)


def beaten(call: Call, *, now: float) -> Call:
    """The lease renewed, and the position as it is now."""
    lease = None if call.lease is None else replace(call.lease, until=now + LEASE)
    position = position_of(call, now)
    tries = 0 if position - call.began >= PROGRESS else call.tries
    return replace(call, lease=lease, position=position, position_at=now, tries=tries)


def ended(call: Call, stream: int, *, now: float) -> Call:
    """The source of a stream has ended: at its end the next item follows. Before, it goes on where it ended, at most
    MAX_TRIES times without progress: durations may be wrong, and files shorter than they say.
    """
    if stream != call.stream or call.status is not Status.PLAYING or call.item is None:
        return call
    position, duration = position_of(call, now), call.item.duration
    if duration is None or position >= duration - NEAR_END:
        return _followed(call, now)
    tries = 1 if position - call.began >= PROGRESS else call.tries + 1
    if tries > MAX_TRIES:
        return _followed(call, now)
    again = _opened(call, call.item, position, now)
    return replace(again, status=Status.RECONNECTING, reason="The file was interrupted.", tries=tries)


def interrupted(call: Call, reason: str, *, now: float) -> Call:
    """The call was lost, or could not be joined: it is joined again, after pauses that grow."""
    if not call.active or call.item is None:
        return call
    if call.status is Status.PAUSED:
        return replace(call, updated=now)
    position = position_of(call, now)
    tries = 1 if position - call.began >= PROGRESS else call.tries + 1
    if tries >= len(PAUSES):
        return failed(call, f"{reason} It was tried {tries} times: /resume tries again.", now=now)
    again = _opened(call, call.item, position, now)
    return replace(again, status=Status.RECONNECTING, reason=reason, tries=tries, due=now + PAUSES[tries - 1])


def failed(call: Call, reason: str, *, now: float) -> Call:
    """It cannot go on without a person; item, position and queue are kept."""
    if call.item is None:
        return call
    position = position_of(call, now)
    return replace(call, status=Status.FAILED, reason=reason, position=position, position_at=now, listeners=None,
                   alone_since=None, tries=0, due=0.0, updated=now)  # fmt: skip


def heard(call: Call, listeners: int, *, now: float) -> Call:
    """So many people listen. Without any, it is paused after ALONE_PAUSE, and stopped after ALONE_STOP; where one comes
    back, it goes on.
    """
    if listeners != call.listeners:
        call = replace(call, updated=now)
    if listeners:
        call = replace(call, listeners=listeners, alone_since=None)
        return resumed(call, now=now) if call.paused_alone and call.status is Status.PAUSED else call
    since = now if call.alone_since is None else call.alone_since
    call = replace(call, listeners=0, alone_since=since)
    if now - since >= ALONE_STOP and call.item is not None:
        return replace(stopped(call, now=now), reason="Nobody listened: the call was left.")
    if now - since >= ALONE_PAUSE and call.status is Status.PLAYING:
        return replace(paused(call, now=now), paused_alone=True, reason="Nobody listens.")
    return call


def _check_room(call: Call, items: Sequence[Item], *, owner: bool) -> None:
    if len(call.queue) + len(items) > MAX_QUEUE:
        raise QueueFull(f"A queue has room for {MAX_QUEUE} entries.")
    theirs = sum(one.person == items[0].person for one in (*call.queue, *items))
    if not owner and theirs > MAX_OF_PERSON:
        raise QueueFull(f"A queue has room for {MAX_OF_PERSON} entries of each person.")


def _opened(call: Call, item: Item, position: float, now: float) -> Call:
    """The item to be opened anew at a position."""
    return replace(
        call, status=Status.JOINING, reason=None, item=item, position=position, position_at=now, began=position,
        stream=call.stream + 1, tries=0, paused_alone=False, due=0.0, updated=now,
    )  # fmt: skip


def _elsewhere(call: Call, position: float, now: float) -> Call:
    """At another position; a call that is paused or failed stays so."""
    if call.status in (Status.PAUSED, Status.FAILED):
        return replace(call, position=position, position_at=now, began=position, updated=now)
    assert call.item is not None
    return _opened(call, call.item, position, now)


def _followed(call: Call, now: float) -> Call:
    """What follows by itself."""
    if call.loop is Loop.ONE and call.item is not None:
        return _opened(call, call.item, 0.0, now)
    return _next(call, now)


def _next(call: Call, now: float) -> Call:
    queue = (*call.queue, call.item) if call.loop is Loop.ALL and call.item is not None else call.queue
    if not queue:
        return _idle(call, now)
    return _opened(replace(call, queue=queue[1:]), queue[0], 0.0, now)


def _idle(call: Call, now: float) -> Call:
    return replace(
        call, status=Status.IDLE, reason=None, item=None, position=0.0, position_at=now, began=0.0, tries=0,
        stream=call.stream + 1, listeners=None, alone_since=None, paused_alone=False, due=0.0, updated=now,
    )  # fmt: skip
