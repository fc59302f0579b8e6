"""What a client says of itself in the query of /api/facts and of works, and the way to play that is decided for it.

`client=1` asks for the decision; the other parameters are lists, parted by commas. See playback.decision.
"""

from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request
from pydantic import BaseModel

from streamvault.http.items import with_examples
from streamvault.playback.client import Client, engine_of
from streamvault.playback.decision import Decision, Way, Wish, decide
from streamvault.playback.model import Facts

MOST = 2000
"""Characters of a list."""

_List = Annotated[str, Query(max_length=MOST)]


class Play(BaseModel):
    """How to play the film.

    `way`: direct (the file as it is), hls (by the browser's own), hls.js (by a script), or player (VLC and the like).
    `reasons`: why not the other ways. `audio`, `subtitles`: indices of the tracks to begin with. `seeks`: false where
    seeking would stop the film; `warning` says why.
    """

    model_config = with_examples(
        {
            "way": "hls",
            "reasons": {"direct": "The browser does not decode the sound, ac3 (ac-3): it would play in silence."},
            "audio": 1,
            "subtitles": 3,
            "seeks": True,
            "warning": "",
        }
    )

    way: Way
    reasons: dict[Way, str]
    audio: int | None
    subtitles: int | None
    seeks: bool
    warning: str


def client_of(
    request: Request,
    *,
    client: bool = False,
    containers: _List = "",
    takes: _List = "",
    mse: _List = "",
    languages: _List = "",
) -> Client | None:
    """What the query and the User-Agent field say; None without `client=1`."""
    if not client:
        return None
    engine = engine_of(request.headers.get("user-agent", ""))
    return Client(engine, _set(containers), _set(takes), _set(mse), tuple(_parts(languages)))


ByClient = Annotated[Client | None, Depends(client_of)]
"""The type of a route's parameter that gets what the client takes, None where it does not say."""


class Asks:
    """What a client takes and wants; `client` None where it wants no decision."""

    def __init__(self, client: ByClient, *, audio: Annotated[int | None, Query(ge=0, le=4095)] = None) -> None:
        self.client = client
        self.wish = Wish(audio)

    def play(self, facts: Facts, *, repackages: bool = True) -> Play | None:
        """The way to play a film of these facts, None where the client asks for none. Raises HTTPException 400."""
        if self.client is None:
            return None
        try:
            found = decide(facts, self.client, wish=self.wish, repackages=repackages)
        except ValueError as error:
            raise HTTPException(400, f"Choose another sound: {error}.") from error
        return _described(found)


AskedBy = Annotated[Asks, Depends()]
"""The type of a route's parameter that gets what the client says of itself."""


def _described(found: Decision) -> Play:
    return Play(
        way=found.way, reasons=dict(found.reasons), audio=found.audio, subtitles=found.subtitles,
        seeks=found.seeks, warning=found.warning,
    )  # fmt: skip


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _set(text: str) -> frozenset[str]:
    return frozenset(_parts(text))
