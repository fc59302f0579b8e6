"""The OpenAPI description: what FastAPI derives from the routes, and the errors that all of them share."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from streamvault.http.middleware.readiness import PROBE_PATHS

_DESCRIPTION = """A private media server for the files that Telegram channels hold.

Unless PUBLIC_ACCESS is set, every route but `/healthz` and `/readyz` needs a link token, as `?token=` or as
`Authorization: Bearer`. Lists carry an `ETag`: ask again with `If-None-Match`. Refusals are RFC 9457 problems.

Watch state, favourites and collections belong to the browser that keeps the cookie `sv_user`, which the first write
sets. A page of another origin has to be named in CORS_ORIGINS, to send its requests with `credentials: "include"`, and
to reach this server over https, or browsers keep that cookie back.
"""
_PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457 problem details. `errors`, where a parameter is wrong: which one, and why.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "why"],
                "properties": {
                    "where": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "why": {"type": "string"},
                },
            },
        },
    },
    "examples": [{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such film or series."}],
}
_SHARED = {
    "413": "The body is larger than 1 MiB",
    "431": "Address and header fields are larger than 64 KiB",
    "503": "Not available at the moment; Retry-After says when to come back",
}
_GUARDED = {
    "401": "A link token is needed",
    "403": "The token does not open this",
}
_CHANGING = {
    "403": "The token does not open this, or a page of another origin may not change it",
    "415": "The body is not JSON",
    "429": "Too many new users; Retry-After says when to come back",
}


class DescribedApp(FastAPI):
    """A FastAPI whose description includes the errors that the middleware answers."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if not self.openapi_schema:
            document = get_openapi(title=self.title, version=self.version, description=_DESCRIPTION, routes=self.routes)
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    _complete(path, method, operation)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = _PROBLEM
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            self.openapi_schema = document
        return self.openapi_schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the shared errors to those of one operation; every error is a problem."""
    responses = operation["responses"]
    shared = dict(_SHARED)
    if path not in PROBE_PATHS:
        shared |= _GUARDED if method == "get" else _GUARDED | _CHANGING
    for status, description in shared.items():
        responses.setdefault(status, {"description": description})
    if "requestBody" in operation:
        responses.setdefault("400", {"description": "The body is not JSON in UTF-8"})
    if "422" in responses:
        responses["422"]["description"] = "A parameter is not valid; `errors` says which one, and why"
    for status, response in responses.items():
        if status >= "400":
            response["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
