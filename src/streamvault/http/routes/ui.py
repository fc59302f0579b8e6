"""The web UI: its one document at the address of each page, its files, and where its API is.

A page has no secrets and is open to everybody: what may be seen is decided by the API that it asks. A token in the
address of a page counts its browser as one of a link's viewers, before the page sends requests (middleware/access).
"""

import asyncio

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.addresses import is_https
from streamvault.http.cookies import session_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.encodings import IDENTITY, chosen_encoding
from streamvault.http.etags import body_with_etag, is_held
from streamvault.http.middleware.access import token_of
from streamvault.http.middleware.problem_page import HEADERS
from streamvault.http.page_hints import link_field
from streamvault.http.rules import CONFIG, PAGES, UI_FILES
from streamvault.http.web import ASSETS, UiFile

router = APIRouter(include_in_schema=False)

_REVALIDATED = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""The name of such a file has a hash of its content."""

_NOT_BUILT = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>StreamVault</title></head><body>"
    "<h1>The web UI is not built</h1><p>Run <code>make ui</code> in the folder of StreamVault, and start the server "
    "again. The API works without it.</p></body></html>"
)
_ANEW = "The web UI was built anew since the server started: start the server again."


async def page(request: Request, *, services: Services) -> Response:
    """The document of every page; 503 while it is not built."""
    if services.ui is None:
        return Response(_NOT_BUILT, 503, headers={**HEADERS, "Cache-Control": "no-store"})
    fields = {"Content-Security-Policy": services.ui.policy, "Referrer-Policy": "no-referrer", **_REVALIDATED}
    if token_of(request.scope) is None:  # with one, addresses of the API have it, too
        fields["Link"] = link_field(request.scope["path"], services.ui.pages, lists=_sees_lists(request, services))
    return await _answer(request, services.ui.page, fields)


@router.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
async def asset(name: str, request: Request, *, services: Services) -> Response:
    """A file whose name tells its content."""
    return await _answer(request, _found(services, ASSETS + name), _IMMUTABLE)


async def file_at_root(request: Request, *, services: Services) -> Response:
    """One of the files that have to lie at the root."""
    return await _answer(request, _found(services, request.scope["path"].removeprefix("/")), _REVALIDATED)


@router.api_route(CONFIG, methods=["GET", "HEAD"])
async def config(request: Request) -> Response:
    """Where the API of the page is: here. A copy of the UI on another host has a file of this name."""
    return body_with_etag(request, b'{"api": ""}\n', media_type="application/json", fields=_REVALIDATED)


def _sees_lists(request: Request, services: HttpServices) -> bool:
    """Whether it looks like it: a session may have ended, and its requests are refused then."""
    settings = services.settings
    https = is_https(request.scope, settings.public_url)
    return settings.public_access or session_of(request.cookies, https=https) is not None


for _path in PAGES:
    router.add_api_route(_path, page, methods=["GET", "HEAD"])
for _path in UI_FILES:
    router.add_api_route(_path, file_at_root, methods=["GET", "HEAD"])


def _found(services: Services, name: str) -> UiFile:
    file = None if services.ui is None else services.ui.files.get(name)
    if file is None:
        raise HTTPException(404, "The web UI has no such file: reload the page.")
    return file


async def _answer(request: Request, file: UiFile, fields: dict[str, str]) -> Response:
    """The file in the coding that the request takes best, or 304."""
    accepted = request.headers.getlist("accept-encoding")
    coding = chosen_encoding(", ".join(accepted) if accepted else None, file.sizes)
    if coding is None:
        raise HTTPException(406, "This file lies in no coding that Accept-Encoding takes.", {"Vary": "Accept-Encoding"})
    encoded = {} if coding == IDENTITY else {"Content-Encoding": coding}
    headers = {**fields, **encoded, "ETag": f'"{file.tag}-{coding}"', "Vary": "Accept-Encoding"}
    if is_held(request, headers["ETag"]):
        return Response(status_code=304, headers={name: headers[name] for name in headers if name not in encoded})
    if request.method == "HEAD":
        length = {"Content-Length": str(file.sizes[coding])}
        return Response(headers={**headers, **length}, media_type=file.media_type)
    try:
        body = await asyncio.to_thread(file.read, coding)
    except OSError as error:
        raise HTTPException(404, _ANEW) from error
    return Response(body, headers=headers, media_type=file.media_type)
