"""What somebody wants of feeds: what stands behind /rss; pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from streamvault.leech.feeds.model import Rules
from streamvault.telegram.bot.leech.requests import NotUnderstood
from streamvault.telegram.bot.texts import display_name

NO_RULES = Rules()
What = Literal["list", "add", "try", "remove"]

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_WORDS: Mapping[str, Callable[[Rules, tuple[str, ...]], Rules]] = {
    "-i": lambda rules, words: replace(rules, include=words),
    "-x": lambda rules, words: replace(rules, exclude=words),
    "-q": lambda rules, words: replace(rules, prefer=words),
}
_FLAGS = frozenset({"-a", "-t", "-d", "-p"})
_VERBS: Mapping[str, What] = {
    "list": "list", "add": "add", "sub": "add", "try": "try", "remove": "remove", "delete": "remove", "unsub": "remove",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """`target`: an address, or the id of a feed that is to be removed. `existing`: -a, `as_document`: -d."""

    what: What
    target: str = ""
    rules: Rules = NO_RULES
    existing: bool = False
    as_document: bool = False


def feed_request(text: str) -> FeedRequest:
    """What stands behind /rss: nothing for the list, an address with rules, or a verb before it. Raises
    NotUnderstood.
    """
    words = text.split()
    verb = _VERBS.get(words[0].lower()) if words else "list"
    rest = words[1:] if verb is not None else words
    if verb == "list":
        return FeedRequest("list")
    if verb == "remove":
        if len(rest) != 1 or not _ID.fullmatch(rest[0]):
            raise NotUnderstood("Which feed? /rss remove is followed by the id of a feed, which /rss shows.")
        return FeedRequest("remove", rest[0])
    return _followed(verb or "add", rest)


def _followed(what: What, words: list[str]) -> FeedRequest:
    addresses, flags, rules = list[str](), set[str](), Rules()
    while words:
        word = words.pop(0)
        if _ADDRESS.fullmatch(word):
            addresses.append(word)
        elif word in _WORDS:
            rules = _WORDS[word](rules, _list(word, words))
        elif word in _FLAGS:
            flags.add(word)
        else:
            raise NotUnderstood(
                f"I do not know \u201c{display_name(word, 60)}\u201d: an address of a feed begins with https:// or "
                "http://, and the options are -i WORDS, -x WORDS, -q WORDS, -a, -t, -p and -d. /help says more."
            )
    if len(addresses) != 1:
        raise NotUnderstood("Which feed? Write one address behind /rss, as in /rss https://example.org/rss -i 1080p.")
    return FeedRequest(
        what, addresses[0], replace(rules, titles="-t" in flags, pages="-p" in flags),
        existing="-a" in flags, as_document="-d" in flags,
    )  # fmt: skip


def _list(option: str, words: list[str]) -> tuple[str, ...]:
    """The words up to the next option or address, taken away; commas part them."""
    end = next((at for at, one in enumerate(words) if one in {*_WORDS, *_FLAGS} or _ADDRESS.fullmatch(one)), len(words))
    taken = tuple(part.strip() for part in " ".join(words[:end]).split(",") if part.strip())
    del words[:end]
    if not taken:
        raise NotUnderstood(f"Words have to stand behind {option}, parted by commas, as in {option} 1080p, web-dl.")
    return taken
