"""Begins a web session for a person who has logged in, and takes along what the browser had before."""

import logging

from starlette.responses import Response
from starlette.types import Scope

from streamvault.access.browsers import browser_name
from streamvault.access.identity import Person
from streamvault.access.sessions import LONGEST
from streamvault.errors import AccessDenied, CatalogError
from streamvault.http.addresses import client_of, is_https
from streamvault.http.cookies import session_field
from streamvault.http.dependencies import HttpServices
from streamvault.http.users import user_of_person

log = logging.getLogger(__name__)

NO_MEMBER = "You may not use this server: ask an owner of it to invite you."


async def begin_session(
    services: HttpServices, scope: Scope, person: Person, *, user: str | None, user_agent: str, bearer: bool = False
) -> str:
    """The value of a new session; `user`: whose personal data the browser had before.

    Raises AccessDenied for somebody who was removed since the confirmation, and CatalogError; no session is begun then.
    """
    if (await services.access.people.standing(person.id)).role == "none":
        raise AccessDenied(NO_MEMBER, authenticated=True)
    address = client_of(scope)
    await services.access.people.seen(person.id, person.name)
    value = await services.access.sessions.begin(
        person.id, browser=browser_name(user_agent), address=address, bearer=bearer
    )
    services.access.audit.note("login", person=person.id, detail=browser_name(user_agent), address=address)
    if user is not None:
        try:
            await services.personal.move(user, user_of_person(person.id))
        except CatalogError as error:
            log.warning("what a browser had before its log-in stays with it, as the database failed: %s", error)
    return value


def set_session(services: HttpServices, scope: Scope, response: Response, value: str) -> None:
    """Give the browser its session."""
    https = is_https(scope, services.settings.public_url)
    response.headers.append("Set-Cookie", session_field(value, seconds=int(LONGEST), https=https))


def drop_session(services: HttpServices, scope: Scope, response: Response) -> None:
    """Take the session from the browser."""
    https = is_https(scope, services.settings.public_url)
    response.headers.append("Set-Cookie", session_field("", seconds=0, https=https))
