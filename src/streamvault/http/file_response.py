"""Plans the answer to a request for a file: status, header fields and byte ranges, before any byte is read; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException

from streamvault.http import headers
from streamvault.http.conditions import Outcome, evaluate, range_applies
from streamvault.media.byterange import ByteRange, content_range, parse_range
from streamvault.media.model import MediaFile

MAX_AGE = 3600
"""Seconds that a client may use an answer without validating it; after that the entity tag decides."""


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The parts of a request that decide its answer; header names in lower case.

    `boundary`: for multipart/byteranges, unguessable.
    """

    method: str
    headers: Mapping[str, str]
    boundary: str
    download: bool = False


@dataclass(frozen=True, slots=True)
class PlannedResponse:
    """Status and header fields, and the body as literal bytes and byte ranges of the file, in order."""

    status: int
    headers: Mapping[str, str]
    body: tuple[bytes | ByteRange, ...] = ()


def plan_response(file: MediaFile, info: RequestInfo, *, charset: str = "") -> PlannedResponse:
    """The answer for `file`: 200, 206 or 304. Raises RangeNotSatisfiable, and HTTPException 412.

    `charset`: of a text, "" if it is not known.

    HEAD gets the fields of a GET without Range, which RFC 9110 section 14.2 defines for GET alone.
    """
    if _is_fresh(file, info):
        return PlannedResponse(304, _common(file, info))
    ranges = _ranges(file, info)
    media_type = headers.content_type(file) + (f"; charset={charset}" if charset else "")
    if ranges is None:
        return _whole(file, info, media_type=media_type)
    if len(ranges) == 1:
        only = ranges[0]
        fields = _described(file, info, media_type=media_type, length=only.length)
        return PlannedResponse(206, fields | {"Content-Range": content_range(only, file.size)}, (only,))
    body = _multipart(file, ranges, media_type=media_type, boundary=info.boundary)
    length = sum(len(part) if isinstance(part, bytes) else part.length for part in body)
    combined = f"multipart/byteranges; boundary={info.boundary}"
    return PlannedResponse(206, _described(file, info, media_type=combined, length=length), body)


def plan_thumbnail(file: MediaFile, info: RequestInfo, *, size: str, immutable: bool = False) -> PlannedResponse:
    """The answer for the thumbnail `size` (as in FileKey) of `file`, without its body and what that tells: 200 or 304.

    Ranges are ignored, as it is small. `immutable`: a reload of the page within MAX_AGE asks for it no more. Raises
    HTTPException 412.
    """
    key = replace(file.key, thumb_size=size)
    thumb = replace(file, key=key)
    fields = _common(thumb, info) | {"Accept-Ranges": "none"}
    if immutable:
        fields["Cache-Control"] += ", immutable"
    if _is_fresh(thumb, info):
        return PlannedResponse(304, fields)
    return PlannedResponse(200, fields | headers.security("image/jpeg"))


def _is_fresh(file: MediaFile, info: RequestInfo) -> bool:
    """Whether the client has the current `file`. Raises HTTPException 412 if a precondition fails."""
    validators = headers.validators(file)
    outcome = evaluate(validators, info.headers)
    if outcome is Outcome.FAILED:
        raise HTTPException(412, "The file is not the one that the request names.", {"ETag": validators.etag})
    return outcome is Outcome.NOT_MODIFIED


def _ranges(file: MediaFile, info: RequestInfo) -> tuple[ByteRange, ...] | None:
    if info.method != "GET" or not range_applies(info.headers.get("if-range"), headers.validators(file)):
        return None
    return parse_range(info.headers.get("range"), file.size)


def _whole(file: MediaFile, info: RequestInfo, *, media_type: str) -> PlannedResponse:
    fields = _described(file, info, media_type=media_type, length=file.size)
    sends = info.method == "GET" and file.size > 0
    return PlannedResponse(200, fields, (ByteRange(0, file.size),) if sends else ())


def _multipart(
    file: MediaFile, ranges: tuple[ByteRange, ...], *, media_type: str, boundary: str
) -> tuple[bytes | ByteRange, ...]:
    """The body of RFC 9110 section 15.3.7.2, parts in the requested order."""
    body: list[bytes | ByteRange] = []
    for index, part in enumerate(ranges):
        head = f"--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {content_range(part, file.size)}\r\n\r\n"
        body += [(b"\r\n" if index else b"") + head.encode(), part]
    return (*body, f"\r\n--{boundary}--\r\n".encode())


def _described(file: MediaFile, info: RequestInfo, *, media_type: str, length: int) -> dict[str, str]:
    return {
        **_common(file, info),
        "Content-Type": media_type,
        "Content-Length": str(length),
        "Content-Disposition": headers.content_disposition(file.name, download=info.download),
        **headers.security(headers.content_type(file)),
        "X-Accel-Buffering": "no",  # nginx would read all of a film ahead of a slow viewer, into a file on its disk
    }


def _common(file: MediaFile, info: RequestInfo) -> dict[str, str]:
    """The fields that a 304 has too (RFC 9110 section 15.4.5)."""
    validators = headers.validators(file)
    return {
        "Accept-Ranges": "bytes",
        "ETag": validators.etag,
        "Last-Modified": validators.last_modified,
        "Cache-Control": f"private, max-age={MAX_AGE}",  # a shared cache would fill with films, public or not
    }
