"""One HTTP/1.1 request of the control API: reads it, and checks where it comes from."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tgemulator.control.arguments import ControlError
from tgemulator.control.json_text import JsonError, parse_json

MAX_HEAD = 16 * 1024
MAX_BODY = 4 * 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` without the query, header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; {} when it is empty."""
        if not self.body:
            return {}
        try:
            value = parse_json(self.body)
        except JsonError as error:
            raise ControlError(400, f"the body {error}") from None
        if not isinstance(value, dict):
            raise ControlError(400, "the body must be a JSON object")
        return value


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one HTTP/1.1 request. ControlError 400 or 413 for what is malformed or too large."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise ControlError(413, f"the header is larger than {MAX_HEAD} bytes") from None
    except asyncio.IncompleteReadError:
        raise ControlError(400, "the request ends within its header") from None
    line, *rest = head[:-4].split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise ControlError(400, "not an HTTP/1.1 request")
    headers = {name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}
    try:
        target = urlsplit(words[1])
    except ValueError:
        raise ControlError(400, "not a valid request target") from None
    body = await _read_body(reader, headers)
    return Request(words[0], target.path, dict(parse_qsl(target.query)), headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """The body that Content-Length announces."""
    if "transfer-encoding" in headers:
        raise ControlError(400, "send a Content-Length instead of Transfer-Encoding")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise ControlError(400, "Content-Length is not a number")
    if len(length) > 12 or int(length) > MAX_BODY:
        raise ControlError(413, f"the body is larger than {MAX_BODY} bytes")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        raise ControlError(400, "the request ends within its body") from None


def check_origin(request: Request) -> None:
    """ControlError 403 or 415 for a request that a foreign web page could have caused (DNS rebinding included)."""
    if _host_name(f"//{request.headers.get('host', '')}") not in _LOOPBACK:
        raise ControlError(403, "the Host header must name a loopback address")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers['host']}":
        raise ControlError(403, "requests from other sites are refused")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ControlError(403, "requests from other sites are refused")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and kind != "application/json":
        raise ControlError(415, "the body must be application/json")


def _host_name(url: str) -> str | None:
    """The host of a URL, without its port; None if it has none or is malformed."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
