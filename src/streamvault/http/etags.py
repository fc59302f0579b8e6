"""Lists that a client may keep, and ask about by their entity tag."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from streamvault.http.conditions import names_tag

Answers = dict[int | str, dict[str, Any]]
"""What a route may answer, by status, for its description."""

FIELDS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""Of every list."""

NOT_MODIFIED: Answers = {304: {"description": "As If-None-Match names it"}}


def fresh(request: Request, model: BaseModel) -> Response:
    """`model` as JSON with a tag made of its content, or 304 where the client holds the same."""
    return tagged(request, model.model_dump_json().encode(), media_type="application/json", fields=FIELDS)


def tagged(request: Request, body: bytes, *, media_type: str, fields: Mapping[str, str]) -> Response:
    """The same for any body, whose own fields are `fields`. HEAD gets what GET would, without the body."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**fields, "ETag": etag}
    held = ", ".join(request.headers.getlist("if-none-match"))
    if held and names_tag(held, etag, weakly=True):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(len(body))}, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)
