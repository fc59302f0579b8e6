"""`/s/TOKEN/...`: a token in the path, for players and programs that drop or mangle a query.

The rest of such a path is served as if it came alone with `?token=TOKEN`. Only the paths that players open take part:
files, thumbnails, HLS, subtitles and playlists.
"""

import re
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.http.middleware.problem_page import for_reader
from streamvault.http.middleware.problems import problem

PREFIX = "/s/"
_STATE = "path_token"
_TARGET = re.compile(
    r"/s/([^/]*)(/(?:stream|thumb|hls|subtitles)/.+|/api/(?:[^/]+/)*[^/]+\.m3u8?)", re.DOTALL
)  # fmt: skip


class TokenPath:
    """Takes the token out of the path, so that nothing behind it has to know such paths; 404 for others below /s/."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        match = _TARGET.fullmatch(scope["path"])
        if match is None:
            answer = problem(404, "After a token in the path come /stream, /thumb, /hls, /subtitles or a playlist.")
            await for_reader(answer, scope)(scope, receive, send)
            return
        token, path = match.groups()
        state = {**scope.get("state", {}), _STATE: token}
        await self._app({**scope, "path": path, "raw_path": quote(path).encode(), "state": state}, receive, send)


def path_token(scope: Scope) -> str | None:
    """The token that stood in the path, possibly empty; None if the path had no place for one."""
    found: str | None = scope.get("state", {}).get(_STATE)
    return found
