"""Who a request comes from, for what one viewer may cost the others: the address, and the token if one is needed."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import Scope

from streamvault.http.addresses import viewer_address
from streamvault.http.dependencies import services_of
from streamvault.http.middleware.access import token_of


def viewer_of(scope: Scope, *, public: bool) -> str:
    """The viewer of a request that may pass. With `public` nobody has checked the token, which then tells nothing."""
    return viewer_address(scope) if public else f"{viewer_address(scope)} {token_of(scope)}"


def _viewer(connection: HTTPConnection) -> str:
    return viewer_of(connection.scope, public=services_of(connection).settings.public_access)


Viewer = Annotated[str, Depends(_viewer)]
"""The type of a route's parameter that gets the viewer."""
