"""Which of the encodings that a file lies in a request gets (RFC 9110 section 12.5.3); pure."""

import re
from collections.abc import Collection

IDENTITY = "identity"
PREFERRED = ("br", "gzip", IDENTITY)
"""Of what a request takes equally well, the first that there is: from small to large."""

_ALIASES = {"x-gzip": "gzip"}
_ENTRY = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?")


def chosen_encoding(accepted: str | None, there: Collection[str]) -> str | None:
    """The content coding of `there` that a request with this Accept-Encoding gets; None if it takes none of them.

    None for `accepted` is a request without the field, which gets the file as it is: it may be of a program that knows
    no codings.
    """
    weights = {IDENTITY: 1.0} if accepted is None else _weights(accepted)
    able = [coding for coding in PREFERRED if coding in there and _weight(weights, coding) > 0]
    return max(able, key=lambda coding: _weight(weights, coding), default=None)


def _weights(accepted: str) -> dict[str, float]:
    """The weight of each coding in the field; entries that are not well formed count as not written."""
    weights: dict[str, float] = {}
    for entry in accepted.split(","):
        found = _ENTRY.fullmatch(entry)
        if found is not None:
            name = found[1].lower()
            weights[_ALIASES.get(name, name)] = float(found[2] or 1)
    return weights


def _weight(weights: dict[str, float], coding: str) -> float:
    """Of what is not named: that of `*`; without one nothing, but the file as it is is then the last choice."""
    least = 0.0001 if coding == IDENTITY else 0.0
    return weights.get(coding, weights.get("*", least))
