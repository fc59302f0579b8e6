"""What a client says of itself in a query, and what it is told."""

import pytest
from fastapi import HTTPException
from starlette.requests import Request

from streamvault.http.ways import Asks, client_of
from streamvault.playback.model import Facts, Track

FACTS = Facts("matroska", 60.0, tracks=(
    Track(0, "video", "h264", "avc1.64001f"), Track(1, "audio", "ac3", "ac-3"), Track(2, "audio", "aac", "mp4a.40.2"),
))  # fmt: skip
CHROMIUM = "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


def asking(*, client: bool = True, audio: int | None = None) -> Asks:
    request = Request({"type": "http", "headers": [(b"user-agent", CHROMIUM.encode())]})
    described = {"takes": "avc1.64001f, mp4a.40.2", "mse": "avc1.64001f,mp4a.40.2", "containers": "mp4,hls"}
    return Asks(client_of(request, client=client, **described), audio=audio)


def test_the_decision_comes_with_its_reasons() -> None:
    play = asking().play(FACTS)
    assert play is not None
    assert (play.way, play.audio) == ("hls.js", 1)
    assert "ac3" in play.reasons["direct"]
    assert set(play.reasons) == {"direct", "hls", "player"}


def test_whoever_does_not_ask_is_told_the_facts_alone() -> None:
    assert asking(client=False).play(FACTS) is None


def test_a_sound_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(HTTPException, match=r"Choose another sound.*1, 2"):
        asking(audio=7).play(FACTS)
