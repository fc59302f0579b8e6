"""The result of one check."""

from dataclasses import dataclass
from typing import Literal

from streamvault.errors import ConfigError

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `mend` says what to do about it, and is empty for "ok"."""

    name: str
    status: Status
    detail: str
    mend: str = ""


def failed(name: str, error: ConfigError) -> Finding:
    """The finding for a ConfigError, whose text says what is wrong before its last colon, and how to mend it after."""
    detail, _, mend = str(error).rpartition(": ")
    return Finding(name, "failed", detail or mend, mend if detail else "see README.md")


def from_reason(name: str, reason: str, *, status: Status = "failed") -> Finding:
    """The finding for a reason of `conditions`: what cannot be done, a colon, and how to mend it."""
    detail, _, mend = reason.partition(": ")
    return Finding(name, status, detail, mend or "see the server's log")
