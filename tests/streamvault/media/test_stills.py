"""Which files may contain a picture."""

from typing import Any

import pytest

from streamvault.media.model import Origin
from streamvault.media.stills import may_hold_still
from tests.support.files import media_file

OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        (True, {"kind": "video"}),
        (True, {"kind": "audio", "mime_type": "audio/mpeg"}),
        (True, {"kind": "document", "mime_type": "video/x-matroska"}),
        (True, {"kind": "document", "mime_type": OCTETS, "name": "A.Film.2020.MKV"}),
        (False, {"kind": "document", "mime_type": OCTETS, "name": "mkv"} | {"name": "archive.zip"}),
        (True, {"kind": "animation", "mime_type": "image/gif"}),
        (False, {"kind": "video", "mime_type": OCTETS, "name": "film.mkv.001"}),
        (False, {"kind": "document", "mime_type": "audio/x-mpegurl", "name": "a.m3u"}),
        (False, {"kind": "voice", "mime_type": "audio/ogg"}),
        (False, {"kind": "photo", "mime_type": "image/jpeg", "name": "a.mp4"}),
        (False, {"kind": "video", "size": 0}),
        (False, {"kind": "video", "part_of": Origin(1, 2)}),
    ],
    ids=[
        "video",
        "audio",
        "by type",
        "by name",
        "archive",
        "gif",
        "a piece alone",
        "playlist",
        "voice",
        "photo",
        "empty",
        "piece",
    ],
)
def test_may_hold_still(wanted: bool, changes: dict[str, Any]) -> None:
    assert may_hold_still(media_file(**changes)) is wanted
