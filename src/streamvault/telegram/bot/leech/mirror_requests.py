"""What somebody wants of mirrors: what stands behind /mirror; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from streamvault.leech.mirror.asking import What
from streamvault.telegram.bot.leech.requests import NotUnderstood
from streamvault.telegram.bot.texts import display_name

MIRROR_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)

_NUMBER = re.compile(r"-100[0-9]{6,13}", re.ASCII)
_NAME = re.compile(r"@?([A-Za-z][A-Za-z0-9_]{3,31})", re.ASCII)
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.(?:me|dog))/(?:c/([0-9]{6,13})|(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31}))"
    r"(?:/[0-9/]*)?(?:\?.*)?",
    re.ASCII | re.IGNORECASE,
)
_OPTIONS = frozenset({"-o", "--once", "\u2014once"})
_DELETIONS = frozenset({"-d", "--deletions", "\u2014deletions"})
"""Clients write two hyphens as a dash."""
_VERBS: Mapping[str, What] = {
    "remove": "remove", "rm": "remove", "delete": "delete", "keep": "keep", "add": "add",
}  # fmt: skip
_WHICH = "Which channels? Write source and target behind /mirror, as in /mirror @films @films_copy or by their numbers."


@dataclass(frozen=True, slots=True)
class MirrorRequest:
    """`mirror`: the id of the mirror that is changed; `source` and `target`: numbers, or usernames with an @."""

    what: What | Literal["list"]
    mirror: str | None = None
    source: int | str = 0
    target: int | str = 0
    once: bool = False
    deletions: bool = False


def mirror_request(text: str) -> MirrorRequest:
    """What stands behind /mirror: nothing for the list, two channels with options, or a verb and an id. Raises
    NotUnderstood.
    """
    words = text.split()
    if not words or words == ["list"]:
        return MirrorRequest("list")
    verb = _VERBS.get(words[0].lower())
    if verb is None or verb == "add":
        return _added(words[1:] if verb else words)
    if len(words) != 2 or not MIRROR_ID.fullmatch(words[1]):
        raise NotUnderstood(f"Which mirror? /mirror {words[0].lower()} is followed by an id, which /mirror shows.")
    return MirrorRequest(verb, words[1])


def _added(words: list[str]) -> MirrorRequest:
    chats, once, deletions = list[int | str](), False, False
    for word in words:
        if word in _OPTIONS:
            once = True
        elif word in _DELETIONS:
            deletions = True
        else:
            chats.append(_chat(word))
    if len(chats) != 2:
        raise NotUnderstood(_WHICH)
    return MirrorRequest("add", None, chats[0], chats[1], once, deletions)


def _chat(word: str) -> int | str:
    """A channel by its number, its username, or a link to it or a message there. Raises NotUnderstood."""
    if _NUMBER.fullmatch(word):
        return int(word)
    if name := _NAME.fullmatch(word):
        return f"@{name[1]}"
    if link := _LINK.fullmatch(word):
        return int(f"-100{link[1]}") if link[1] else f"@{link[2]}"
    raise NotUnderstood(
        f"{display_name(word, 60)} is no channel: write its number (-100...), its @username, or a link to a message "
        "there. Options are -o (what is there now, once) and -d (deletions are followed)."
    )
