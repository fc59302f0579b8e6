"""The page of a one-time link of the bot, which logs in the browser that opens it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from streamvault.access.browsers import browser_name, is_preview
from streamvault.http.dependencies import Services
from streamvault.http.log_in import begin_session, set_session
from streamvault.http.login_page import once_page, used_page
from streamvault.http.middleware.access import USER_COOKIE

router = APIRouter(include_in_schema=False)


@router.api_route("/login/{once}", methods=["GET", "HEAD"])
async def show(once: str, request: Request, *, services: Services) -> Response:
    """A one-time link: says who is logged in where, and asks for a click, so that no preview uses it up.

    A program, which shows no pages and follows links on purpose, is logged in at once.
    """
    if _is_program(request):
        return await redeem(once, request, services=services)
    person = await services.once_links.peek(once)
    if person is None:
        return used_page()
    return once_page(person.name, browser_name(request.headers.get("user-agent", "")))


@router.post("/login/{once}")
async def redeem(once: str, request: Request, *, services: Services) -> Response:
    """Log this browser in."""
    person = await services.once_links.redeem(once)
    if person is None:
        return used_page()
    user = services.users.user(request.cookies.get(USER_COOKIE))
    agent = request.headers.get("user-agent", "")
    value = await begin_session(services, request.scope, person, user=user, user_agent=agent)
    response = RedirectResponse("../", 303, {"Cache-Control": "no-store"})
    set_session(services, request.scope, response, value)
    return response


def _is_program(request: Request) -> bool:
    """Whether no browser asks, nor what looks at links to describe them, which calls itself a bot."""
    headers = request.headers
    shows_pages = "text/html" in headers.get("accept", "") or "sec-fetch-mode" in headers
    return request.method == "GET" and not shows_pages and not is_preview(headers.get("user-agent", ""))
