"""The texts of the commands for calls: plain text, as a file may have any name."""

import re
from collections.abc import Sequence

from streamvault.media.model import MediaFile
from streamvault.telegram.bot.texts import Answer, Button, display_name
from streamvault.voice.files import name_of
from streamvault.voice.model import Call, Item, Loop, Status
from streamvault.voice.transitions import position_of

COMMANDS = (
    ("play", "Play something of the library in the call"),
    ("vplay", "The same, with its picture"),
    ("queue", "What comes next"),
    ("now", "What plays"),
    ("skip", "The next one"),
    ("pause", "Pause"),
    ("resume", "Go on"),
    ("seek", "Go to a position, as 1:30 or +30"),
    ("volume", "Louder or quieter, 0 to 200"),
    ("loop", "Play again: one, all or off"),
    ("shuffle", "Mix what comes next"),
    ("stop", "Leave the call"),
)
WHAT = "Write what to play, as /play garden song."
NOT_FOUND = "The library has nothing like that."
STRANGER = "Only people who may see the library of this server choose what is played."
NO_CONTROL = "Only admins of this chat, and owners of this server, do that."
NO_PERSON = "I cannot see who you are: write as yourself, not as a channel or as the group."
EMPTY = "Nothing comes next."
NOTHING = "Nothing plays in this chat."
CHOOSE = "Which one?"
BAD_TIME = "Write a position as 90, 1:30 or 1:02:03, or +30 and -15 to go on or back."
BAD_VOLUME = "Write a volume from 0 to 200."
BAD_LOOP = "Write one, all or off."
SHOWN = 10
"""Entries of a queue that are shown."""
LABEL = 60
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})|(\d{1,6})", re.ASCII)
_DOING = {
    Status.JOINING: "Joining the call", Status.PLAYING: "Playing", Status.PAUSED: "Paused",
    Status.RECONNECTING: "Connecting again", Status.FAILED: "Stopped", Status.IDLE: "",
}  # fmt: skip


def clock(seconds: float) -> str:
    """A position, as 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def read_position(text: str, current: float) -> float | None:
    """What `/seek` names, in seconds; None for what is no position."""
    sign, rest = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    match = _CLOCK.fullmatch(rest.strip())
    if match is None:
        return None
    hours, minutes, seconds, plain = (int(part or 0) for part in match.groups())
    value = float(plain or hours * 3600 + minutes * 60 + seconds)
    return {"": value, "+": current + value, "-": max(0.0, current - value)}[sign]


def now_playing(call: Call, now: float) -> str:
    """What plays, and how far it is."""
    if call.item is None:
        return f"{NOTHING} {call.reason}" if call.reason else NOTHING
    place = clock(position_of(call, now))
    if call.item.duration is not None:
        place = f"{place} of {clock(call.item.duration)}"
    lines = [f"{_DOING[call.status]}: {_name(call.item)}", place]
    if call.reason:
        lines.append(call.reason)
    if call.listeners is not None:
        lines.append(f"{call.listeners} listening" if call.listeners else "Nobody listens.")
    return "\n".join(lines)


def queue(call: Call) -> str:
    """What comes next."""
    if not call.queue:
        return EMPTY
    lines = [f"{number}. {_name(item)}" for number, item in enumerate(call.queue[:SHOWN], 1)]
    if len(call.queue) > SHOWN:
        lines.append(f"and {len(call.queue) - SHOWN} more")
    if call.loop is not Loop.OFF:
        lines.append("It is repeated." if call.loop is Loop.ALL else "What plays now is repeated.")
    return "\n".join(lines)


def added(call: Call, item: Item) -> str:
    """What has become of something that was to be played."""
    if call.item == item:
        return f"Playing: {_name(item)}"
    return f"Queued as {len(call.queue)}: {_name(item)}"


def choices(files: Sequence[MediaFile], *, video: bool) -> Answer:
    """A button for each file."""
    kind = "v" if video else "a"
    rows = [
        (Button(_label(file), data=f"voice:{kind}:{file.origin.chat_id}:{file.origin.message_id}"),) for file in files
    ]
    return Answer(CHOOSE, tuple(rows))


def _label(file: MediaFile) -> str:
    length = f" ({clock(file.duration)})" if file.duration else ""
    return display_name(name_of(file), LABEL) + length


def _name(item: Item) -> str:
    length = f" ({clock(item.duration)})" if item.duration is not None else ""
    return display_name(item.name) + length
