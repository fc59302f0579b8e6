"""Routes for GET that answer HEAD with the same status and header fields (RFC 9110 section 9.3.2)."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def get_and_head(router: APIRouter, path: str, **how: Any) -> Callable[[_Endpoint], _Endpoint]:
    """Decorates an endpoint of GET and HEAD, of which the schema shows GET; `how` as for `router.get`.

    The endpoint runs for HEAD as for GET, so that status, length and entity tag are the same; the server leaves the
    body out. An endpoint whose body is costly or endless must check the method itself.
    """

    def add(endpoint: _Endpoint) -> _Endpoint:
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], **how | {"include_in_schema": False})
        router.add_api_route(path, endpoint, methods=["GET"], **how)
        return endpoint

    return add
