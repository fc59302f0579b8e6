"""Turns errors into HTTP answers (RFC 9457 problem details); nothing else does."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault import errors
from streamvault.http.middleware.problem_page import for_reader
from streamvault.media.byterange import unsatisfied_content_range

logger = logging.getLogger(__name__)

RETRY_SOON = 5
"""Seconds for Retry-After where the source names none."""

_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.FileMissing, 404),
    (errors.FileGone, 410),
    (errors.RangeNotSatisfiable, 416),
    (errors.TooManyTries, 429),
    (errors.SourceBusy, 503),
    (errors.SourceUnavailable, 503),
    (errors.SourceError, 502),
    (errors.CatalogError, 503),
)

_TOLD: tuple[tuple[type[Exception], int], ...] = (
    (errors.JobMissing, 404),
    (errors.JobConflict, 409),
    (errors.SourceRefused, 400),
    (errors.QuotaExceeded, 429),
    (errors.VoiceConflict, 409),
    (errors.EntryMissing, 404),
    (errors.QueueFull, 429),
)
"""Errors whose texts are for who asked."""

_DETAIL = {
    404: "No file here that this server may show.",
    410: "The file was deleted from Telegram.",
    416: "No requested range lies inside the file.",
    429: "Too many tries: come back later.",
    502: "Reading from Telegram failed.",
    503: "Telegram or the database is not available at the moment.",
}


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """An `application/problem+json` answer; `extra` are extension members (RFC 9457 section 3.2)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(
        body | dict(extra or {}),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def problem_for(error: Exception) -> Response | None:
    """The answer for an expected error; None for any other, which is a defect."""
    if isinstance(error, errors.AccessDenied):
        return _denied(error)
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, headers=error.headers)
    if isinstance(error, errors.NotPlayable):
        return problem(422, error.reason)
    if isinstance(error, errors.TooBusy):
        return problem(503, str(error), headers=_headers(error, 503))
    for kind, status in _TOLD:
        if isinstance(error, kind):
            return problem(status, str(error))
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return problem(status, _DETAIL[status], headers=_headers(error, status))
    return None


def _denied(error: errors.AccessDenied) -> Response:
    if error.authenticated:
        return problem(403, str(error))
    return problem(401, str(error), headers={"WWW-Authenticate": 'Bearer realm="streamvault"'})


def _headers(error: Exception, status: int) -> dict[str, str]:
    if isinstance(error, errors.RangeNotSatisfiable):
        return {"Content-Range": unsatisfied_content_range(error.size), "Accept-Ranges": "bytes"}
    if isinstance(error, errors.SourceBusy | errors.TooManyTries | errors.TooBusy):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {"Retry-After": str(RETRY_SOON)} if status == 503 else {}


class ProblemMiddleware:
    """Turns whatever the inner application raises into a problem, as long as no status line was sent.

    After that the answer is left unfinished, which makes Uvicorn close the connection, so that no client takes a
    truncated body for a complete one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_observed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        except Exception as error:  # a defect must not end the connection's task without an answer
            answer = problem_for(error)
            if answer is None:
                logger.exception("%s %r failed", scope["method"], scope["path"])
            elif started:
                logger.warning("%s %r was aborted: %r", scope["method"], scope["path"], error)
            if not started:
                answer = answer or problem(500, "The server failed; its log says how.")
                await for_reader(answer, scope)(scope, receive, send)


def install(app: FastAPI, methods: Callable[[str], Sequence[str]]) -> None:
    """Make FastAPI's own errors (404, 405, validation) problems, too; `methods` gives those of all routes of a path."""

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(methods(request.scope["path"]))
        return for_reader(problem(error.status_code, error.detail, headers=headers), request.scope)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [{"where": list(fault["loc"]), "why": fault["msg"]} for fault in error.errors()]
        answer = problem(422, f"Not valid: {_sentence(faults[0])}.", extra={"errors": faults})
        return for_reader(answer, request.scope)


def _sentence(fault: Mapping[str, Any]) -> str:
    """The parameter, and why it is not valid."""
    return f"{'.'.join(map(str, fault['where'][1:])) or fault['where'][0]}: {fault['why']}"
