"""Who a request comes from, for what one viewer may cost the others: the address, and the credential if one counts."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import Scope

from streamvault.http.addresses import viewer_address
from streamvault.http.middleware.access import identity_of, token_of


def viewer_of(scope: Scope) -> str:
    """The viewer of a request that has passed the gate; where PUBLIC_ACCESS let it pass, its token tells nothing."""
    identity = identity_of(scope)
    if identity.via in ("none", "public"):
        return viewer_address(scope)
    return f"{viewer_address(scope)} {identity.credential or token_of(scope)}"


def _viewer(connection: HTTPConnection) -> str:
    return viewer_of(connection.scope)


Viewer = Annotated[str, Depends(_viewer)]
"""The type of a route's parameter that gets the viewer."""
