"""A message as mirrors see it, and what is not copied."""

import hashlib
from dataclasses import dataclass
from typing import Any

from streamvault.media.model import MediaFile

SERVICE = "service message"
LEFT_OUT = {
    "quiz": "quiz: Telegram tells no bot the right answer",
    "paid": "paid media",
    "invoice": "invoice",
    "game": "game of another bot",
    "dice": "dice: a copy would show another throw",
    "giveaway": "giveaway",
    "story": "story",
    "live location": "live location: a copy would stand still",
    "live stream": "live stream",
    "list of tasks": "list of tasks",
    "view once": "photo or video that can be seen once",
    "expired": "file that can no longer be seen",
    "unsupported": "message of a kind that this version does not know",
    "service": SERVICE,
}
"""Kinds of messages that are left out, with the reason."""
REFUSED = "Telegram refuses to copy it"
TOO_LARGE = "file above the limit of this account"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it was read. `kind`: of LEFT_OUT, else what it is. `album`: equal for messages of one. `reply_to`: a
    message of the same chat. `signature`: of its file, the same for a copy of it. `content`: equal while nothing has
    changed that is copied. `protected`: Telegram lets nobody copy it. `expires`: it is deleted by a timer. `raw`: as
    Telegram sends it.
    """

    id: int
    kind: str
    date: int = 0
    album: int | None = None
    reply_to: int | None = None
    text: str = ""
    signature: str = ""
    content: str = ""
    protected: bool = False
    expires: bool = False
    file: MediaFile | None = None
    raw: Any = None

    @property
    def mark(self) -> str:
        """See mark_of."""
        return mark_of(self.signature, self.text)


def mark_of(signature: str, text: str) -> str:
    """By what a message is found again: a digest of what it holds."""
    whole = f"{signature}\n{text.strip()}".encode(errors="replace")
    return hashlib.sha256(whole).hexdigest()[:24]
