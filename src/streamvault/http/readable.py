"""Routes that are read: each answers GET, and HEAD with the same status and fields (RFC 9110, section 9.3.2)."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def readable(router: APIRouter, path: str, **how: Any) -> Callable[[_Endpoint], _Endpoint]:
    """Decorates the endpoint of GET and HEAD, of which the schema shows GET; `how` as for `router.get`.

    The endpoint runs for HEAD as it does for GET, so that status, length and entity tag are those of the answer that
    GET would have; the server leaves the body out. What is costly to make, or has no end, must look at the method.
    """

    def add(endpoint: _Endpoint) -> _Endpoint:
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"], **how | {"include_in_schema": False})
        router.add_api_route(path, endpoint, methods=["GET"], **how)
        return endpoint

    return add
