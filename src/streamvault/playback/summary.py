"""How a file plays in a browser, in the few words that lists have room for; pure."""

from dataclasses import dataclass
from typing import Literal

from streamvault.playback.client import Client, any_browser
from streamvault.playback.decision import Decision, decide
from streamvault.playback.model import Facts

ListedWay = Literal["direct", "hls", "player", "unknown"]
"""direct: the file as it is. hls: repackaged. player: a program such as VLC. unknown: the file was not read yet."""

MOST_CODECS = 16
"""Codec strings of one file in a list."""


@dataclass(frozen=True, slots=True)
class Summary:
    """`reason`: why not a cheaper way, "" where it plays as it is. `codecs`: the codec strings (RFC 6381) of its
    pictures and sounds, about which a client may ask its browser.
    """

    way: ListedWay
    reason: str = ""
    codecs: tuple[str, ...] = ()


UNKNOWN = Summary("unknown", "The server has not looked into this file yet.")


def summary(facts: Facts, client: Client | None = None, *, repackages: bool = True) -> Summary:
    """Of `client`; None: of one that takes what every browser takes. `repackages` as in decide."""
    named = (track.codec_string for kind in ("video", "audio") for track in facts.of_type(kind))
    codecs = tuple(dict.fromkeys(filter(None, named)))
    found = decide(facts, client or any_browser(codecs), repackages=repackages)
    way: ListedWay = "hls" if found.way == "hls.js" else found.way
    return Summary(way, _reason(found, way), codecs[:MOST_CODECS])


def _reason(found: Decision, way: ListedWay) -> str:
    """Why not as it is, and why not repackaged; each sentence once."""
    if way == "direct":
        return ""
    told = [found.reasons["direct"]] if way == "hls" else [found.reasons[one] for one in ("direct", "hls", "hls.js")]
    return " ".join(dict.fromkeys(told))
