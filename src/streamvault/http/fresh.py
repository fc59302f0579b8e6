"""Lists that a client may keep, and ask about by their entity tag."""

import hashlib
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from streamvault.http.conditions import names_tag

Answers = dict[int | str, dict[str, Any]]
"""What a route may answer, by status, for its description."""

NOT_MODIFIED: Answers = {304: {"description": "As If-None-Match names it"}}


def fresh(request: Request, model: BaseModel) -> Response:
    """`model` as JSON with a tag made of its content, or 304 where the client holds the same."""
    body = model.model_dump_json().encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fields = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    held = ", ".join(request.headers.getlist("if-none-match"))
    if held and names_tag(held, etag, weakly=True):
        return Response(status_code=304, headers=fields)
    return Response(body, headers=fields, media_type="application/json")
