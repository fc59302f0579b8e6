"""Files as they were sent, and what is decided about them."""

from typing import Any

from streamvault.media.classification import classify
from streamvault.media.model import Kind, MediaFile, Sent
from tests.support.files import media_file

OCTETS = "application/octet-stream"
MIB = 1 << 20


def decided(name: str, kind: Kind = "document", mime_type: str = OCTETS, **changes: Any) -> MediaFile:
    """What is decided for a file that was sent so, in message 7."""
    changes = {"size": 700 * MIB, "duration": None, "caption": ""} | changes
    sent = Sent(kind, name, mime_type)
    return classify(media_file(7, kind=kind, name=name, mime_type=mime_type, sent=sent, **changes))


LONG_NAME = "Sea_Of_Glass_A_Story_Of_Two_Brothers_And_The_Long_Winter_S04"
