"""Answers with an entity tag of their content, and 304 where If-None-Match names it (RFC 9110 section 13.1.2)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from streamvault.http.conditions import names_tag

Responses = dict[int | str, dict[str, Any]]
"""The answers of a route by status, for its description."""

FIELDS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""Header fields of every list."""

NOT_MODIFIED: Responses = {304: {"description": "As If-None-Match names it"}}


def etag_of(identity: bytes) -> str:
    """A strong entity tag of a body, or of whatever a body is a function of."""
    return f'"{hashlib.sha256(identity).hexdigest()[:32]}"'


def is_held(request: Request, etag: str) -> bool:
    """Whether If-None-Match names it."""
    held = ", ".join(request.headers.getlist("if-none-match"))
    return bool(held) and names_tag(held, etag, weakly=True)


def json_with_etag(request: Request, model: BaseModel) -> Response:
    """`model` as JSON with an entity tag of its content, or 304 where the client has the same."""
    return body_with_etag(request, model.model_dump_json().encode(), media_type="application/json", fields=FIELDS)


def body_with_etag(request: Request, body: bytes, *, media_type: str, fields: Mapping[str, str]) -> Response:
    """The same for any body; `fields` are its header fields. HEAD gets the fields that GET would."""
    etag = etag_of(body)
    headers = {**fields, "ETag": etag}
    if is_held(request, etag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(len(body))}, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)
