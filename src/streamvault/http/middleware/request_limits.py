"""Limits the size of requests; no route needs large ones."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""

MAX_HEAD = 64 * 1024
"""Bytes of a request's path, query and header fields."""


class RequestLimits:
    """Raises HTTPException 413 or 431 for requests beyond the limits, whether Content-Length says so or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = len(scope["path"]) + len(scope["query_string"])
        if head + sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEAD:
            raise _too_large(431)
        announced = Headers(scope=scope).get("content-length", "0")
        if len(announced) > 18 or (announced.isdecimal() and int(announced) > MAX_BODY):
            raise _too_large(413)
        received = 0

        async def receive_counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise _too_large(413)
            return message

        await self._app(scope, receive_counting, send)


def _too_large(status: int) -> HTTPException:
    return HTTPException(status, "The request is larger than this server reads.", {"Connection": "close"})
