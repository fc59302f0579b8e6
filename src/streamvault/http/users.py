"""Whose watch state, favourites and collections a request is about: the cookie's user, made at the first write."""

import math
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response

from streamvault.access.users import YEAR
from streamvault.http.dependencies import services_of

COOKIE = "sv_user"


def _reader(request: Request) -> str | None:
    return services_of(request).users.user(request.cookies.get(COOKIE))


def _writer(request: Request, response: Response) -> str:
    services = services_of(request)
    user = _reader(request)
    if user is None:
        wait = services.new_users.admit()
        if wait:
            again = {"Retry-After": str(math.ceil(wait))}
            raise HTTPException(429, "Too many new users: come back later, or send the cookie that was set.", again)
        user = services.users.new_user()
    response.headers.append("Set-Cookie", _field(request, services.users.sign(user)))
    return user


def _field(request: Request, value: str) -> str:
    """The cookie. A user interface elsewhere gets it sent only with SameSite=None, which browsers take over https."""
    settings = services_of(request).settings
    public = urlsplit(settings.public_url)
    by_proxy = public.scheme == "https" and request.headers.get("host") == public.netloc
    secure = request.url.scheme == "https" or by_proxy
    elsewhere = secure and bool(settings.cors_origins) and "*" not in settings.cors_origins
    same_site = "None" if elsewhere else "Lax"
    return f"{COOKIE}={value}; Max-Age={YEAR}; Path=/; HttpOnly; SameSite={same_site}" + ("; Secure" if secure else "")


Reader = Annotated[str | None, Depends(_reader)]
"""The user, or None for somebody who was never here."""

Writer = Annotated[str, Depends(_writer)]
"""The user, made if need be; the answer brings the cookie."""
