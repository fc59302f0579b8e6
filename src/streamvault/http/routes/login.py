"""Log-ins that a page waits for, log-outs, and the sessions of a person.

The page that starts a log-in gets a secret in a cookie, one for each log-in so that two tabs may wait, or in the answer
for a page of another origin, which sends it as a bearer token: only with it the log-in can be waited for, so that who
reads the code off a screen gets nothing.
"""

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault.access.login import FETCH_SECONDS, LOGIN_SECONDS, Outcome, code_of, shown_code
from streamvault.access.service import Credentials
from streamvault.http.addresses import client_of, is_https, viewer_address
from streamvault.http.cookies import login_field, login_of, session_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.log_in import begin_session, drop_session, set_session
from streamvault.http.middleware.access import USER_COOKIE, identity_of, token_in
from streamvault.http.qr import qr_code
from streamvault.http.slots import NoFreeSlot

router = APIRouter(tags=["access"])

_NO_STORE = {"Cache-Control": "no-store"}
Code = Annotated[str, Query(min_length=1, max_length=40, description="`code` of /api/login/start")]


class Qr(BaseModel):
    """A QR code: the path of an SVG whose view box is `size` wide and high."""

    size: int
    path: str


_SESSION: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a",
    "browser": "Firefox on Linux",
    "address": "203.0.113.7",
    "created_at": 1735689600,
    "last_used_at": 1735693200,
    "expires_at": 1743465600,
    "current": True,
}


class LoginStarted(BaseModel):
    """A log-in that waits: send `code` to the bot, or open `bot_url`; it asks which number the page shows.

    `qr` is a picture of `bot_url`; both are null while the bot is not connected. `secret`: only for pages of another
    origin, else null.
    """

    model_config = with_examples(
        {
            "bot_url": "https://t.me/examplebot?start=login_4F7K2M9Q",
            "code": "4F7K-2M9Q",
            "number": 42,
            "expires_at": 1735689900,
            "qr": {"size": 37, "path": "M4 4h7v1h-7z"},
            "secret": None,
        }
    )

    bot_url: str | None
    code: str
    number: int
    expires_at: int
    qr: Qr | None
    secret: str | None


class LoginState(BaseModel):
    """`token`: the bearer token of a page of another origin, once; null for others, which get a cookie."""

    model_config = with_examples({"state": "waiting", "token": None})

    state: str
    token: str | None = None


class Session(BaseModel):
    """A browser that is logged in; times in Unix seconds. `current`: the one that asks."""

    model_config = with_examples(_SESSION)

    id: str
    browser: str
    address: str
    created_at: int
    last_used_at: int | None
    expires_at: int
    current: bool


class Sessions(BaseModel):
    """The sessions of a person, the latest first."""

    model_config = with_examples({"items": [_SESSION], "next_cursor": None})

    items: list[Session]
    next_cursor: str | None = None


@router.post("/api/login/start", responses={429: {"description": "Too many log-ins were confirmed at once"}})
async def start(request: Request, *, services: Services) -> Response:
    """Start a log-in, which waits five minutes for its person."""
    started = await services.logins.start(
        user_agent=request.headers.get("user-agent", ""),
        address=client_of(request.scope),
        counted=viewer_address(request.scope),
        user=services.users.user(request.cookies.get(USER_COOKIE)),
    )
    username = services.bot_username()
    elsewhere = _is_elsewhere(request, services)
    url = f"https://t.me/{username}?start={started.start_parameter}" if username else None
    picture = qr_code(url) if url else None
    body = LoginStarted(
        bot_url=url,
        code=shown_code(started.code),
        number=started.number,
        expires_at=int(started.expires_at),
        qr=Qr(size=picture.size, path=picture.path) if picture else None,
        secret=started.secret if elsewhere else None,
    )
    answer = JSONResponse(body.model_dump(), headers=_NO_STORE)
    if not elsewhere:
        https = is_https(request.scope, services.settings.public_url)
        seconds = int(LOGIN_SECONDS + FETCH_SECONDS)
        answer.headers.append("Set-Cookie", login_field(started.code, started.secret, seconds=seconds, https=https))
    return answer


@router.get("/api/login/wait", response_model=LoginState, responses={429: {"description": "Too many wrong codes"}})
async def wait(request: Request, code: Code, *, services: Services) -> Response:
    """Wait up to 25 seconds for the person's answer: `waiting`, `confirmed`, `refused` or `expired`.

    With `confirmed` the browser gets its session as a cookie, or a page of another origin its token.
    """
    token, in_header = token_in(request.scope)
    bearer = token if token and in_header else None
    https, plain = is_https(request.scope, services.settings.public_url), code_of(code)
    secret = bearer or login_of(request.cookies, plain, https=https) or ""
    outcome = await _waited(services, request, plain, secret)
    state = LoginState(state=outcome.state)
    if outcome.person is None:
        answer = JSONResponse(state.model_dump(), headers=_NO_STORE)
        if outcome.state == "refused":
            answer.headers.append("Set-Cookie", login_field(plain, "", seconds=0, https=https))
        return answer
    value = await begin_session(
        services,
        request.scope,
        outcome.person,
        user=outcome.user,
        user_agent=request.headers.get("user-agent", ""),
        bearer=bearer is not None,
    )
    if bearer is not None:
        return JSONResponse(LoginState(state=outcome.state, token=value).model_dump(), headers=_NO_STORE)
    answer = JSONResponse(state.model_dump(), headers=_NO_STORE)
    set_session(services, request.scope, answer, value)
    answer.headers.append("Set-Cookie", login_field(plain, "", seconds=0, https=https))
    return answer


@router.post("/api/logout", status_code=204)
async def log_out(request: Request, *, services: Services) -> Response:
    """End the session of this browser."""
    identity = identity_of(request.scope)
    if identity.via != "session":  # the gate lets everybody through, also while it cannot read the session
        identity = (await services.access.identify(_session_in(request, services), None)).identity
    answer = Response(status_code=204, headers=_NO_STORE)
    if identity.via == "session" and identity.person is not None and identity.credential:
        await services.access.sessions.end(identity.person.id, identity.credential)
        await services.access.revoked()
        services.access.audit.note("logout", person=identity.person.id, address=client_of(request.scope))
    drop_session(services, request.scope, answer)
    return answer


@get_and_head(router, "/api/sessions", response_model=Sessions)
async def list_sessions(request: Request, *, services: Services) -> Response:
    """The browsers in which the caller is logged in."""
    identity = identity_of(request.scope)
    items = [
        Session(
            id=one.id,
            browser=one.browser,
            address=one.address,
            created_at=int(one.created),
            last_used_at=None if one.last_used is None else int(one.last_used),
            expires_at=int(one.expires),
            current=one.id == identity.credential,
        )
        for one in await services.access.sessions.listed(person_of(request))
    ]
    return JSONResponse(Sessions(items=items).model_dump(), headers=_NO_STORE)


@router.delete("/api/sessions/{id}", status_code=204, responses={404: {"description": "No such session"}})
async def end_session(request: Request, id: str, *, services: Services) -> Response:
    """Log one of the caller's browsers out."""
    person = person_of(request)
    if not await services.access.sessions.end(person, id):
        await services.access.revoked()  # a try before this one may have got no further
        raise HTTPException(404, "You have no such session.")
    await services.access.revoked()
    services.access.audit.note("session ended", person=person, detail=id, address=client_of(request.scope))
    return Response(status_code=204, headers=_NO_STORE)


def person_of(request: Request) -> int:
    """The id of the person who asks; the gate lets nobody else through to routes that call this."""
    person = identity_of(request.scope).person
    if person is None:
        raise HTTPException(401, "This needs a log-in.")
    return person.id


def _session_in(request: Request, services: HttpServices) -> Credentials:
    token, in_header = token_in(request.scope)
    https = is_https(request.scope, services.settings.public_url)
    return Credentials(token if in_header else None, session_of(request.cookies, https=https), in_header)


async def _waited(services: HttpServices, request: Request, code: str, secret: str) -> Outcome:
    """What came of a log-in; without effect if the client hangs up meanwhile. Raises HTTPException."""
    address = viewer_address(request.scope)
    given_up = asyncio.Event()
    watching = asyncio.create_task(_set_when_gone(request, given_up))
    try:
        with services.login_slots.slot(address, given_up.set):
            return await services.logins.wait(code, secret, address=address, given_up=given_up)
    except NoFreeSlot as error:
        whose = "from your address" if error.own else "on this server"
        detail = f"Too many log-ins wait {whose}: come back later."
        raise HTTPException(429 if error.own else 503, detail, {"Retry-After": "5"}) from error
    finally:
        watching.cancel()


async def _set_when_gone(request: Request, event: asyncio.Event) -> None:
    """Set `event` when the client disconnects: a confirmation must not be handed to nobody."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    event.set()


def _is_elsewhere(request: Request, services: HttpServices) -> bool:
    """Whether a page of another origin asks, whose cookies browsers keep back; a page of ours, never mind CORS_ORIGINS,
    gets no secret that its scripts could read."""
    origin = request.headers.get("origin", "").rstrip("/")
    if request.headers.get("sec-fetch-site") == "same-origin" or origin not in services.settings.cors_origins:
        return False
    own = (request.headers.get("host"), urlsplit(services.settings.public_url).netloc)
    return urlsplit(origin).netloc not in own
