"""How large a request's body may be; http/protocol bounds heads, and bodies that the application does not read."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""


class RequestLimits:
    """Raises HTTPException 413 for bodies beyond the limit, whether Content-Length says so or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if len(announced) > 18 or (announced.isdecimal() and int(announced) > MAX_BODY):
            raise _too_large()
        received = 0

        async def receive_counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise _too_large()
            return message

        await self._app(scope, receive_counting, send)


def _too_large() -> HTTPException:
    return HTTPException(413, "The request is larger than this server reads.", {"Connection": "close"})
