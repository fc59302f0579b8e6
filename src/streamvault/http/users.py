"""The user of a request, whose personal data it reads or writes: that of the cookie, created by the first write."""

import math
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from starlette.types import Scope

from streamvault.access.users import YEAR
from streamvault.http.addresses import is_https, viewer_address
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.middleware.access import USER_COOKIE, identity_of


def user_of_person(person: int) -> str:
    """The user under whom the personal data of a logged-in person is stored."""
    return f"tg:{person}"


def _user_of(request: Request) -> str | None:
    person = identity_of(request.scope).person
    if person is not None:
        return user_of_person(person.id)
    return services_of(request).users.user(request.cookies.get(USER_COOKIE))


def _user_or_new(request: Request, response: Response) -> str:
    services = services_of(request)
    user = _user_of(request)
    if user is not None and identity_of(request.scope).person is not None:
        return user
    if user is None:
        wait = services.new_users.admit(viewer_address(request.scope))
        if wait:
            again = {"Retry-After": str(math.ceil(wait))}
            raise HTTPException(
                429, "Too many new users from your address: come back later, or send the cookie that was set.", again
            )
        user = services.users.new_user()
    response.headers.append("Set-Cookie", cookie_field(services, request.scope, user))
    return user


def cookie_field(services: HttpServices, scope: Scope, user: str) -> str:
    """The Set-Cookie field. Pages of other origins send the cookie only with SameSite=None, which requires https."""
    settings, value = services.settings, services.users.sign(user)
    secure = is_https(scope, settings.public_url)
    elsewhere = secure and bool(settings.cors_origins) and "*" not in settings.cors_origins
    same_site = "None" if elsewhere else "Lax"
    return f"{USER_COOKIE}={value}; Max-Age={YEAR}; Path=/; HttpOnly; SameSite={same_site}" + (
        "; Secure" if secure else ""
    )


OptionalUser = Annotated[str | None, Depends(_user_of)]
"""The type of a route's parameter that gets the user, or None without a valid cookie."""

RequiredUser = Annotated[str, Depends(_user_or_new)]
"""The same, but a new user is created without a valid cookie; the answer sets the cookie."""
