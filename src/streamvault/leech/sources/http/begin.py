"""The first request for a file: what it is, and its bytes from the first on."""

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.codings import Decoder, codings_of, is_own
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.pages import refuse_pages
from streamvault.leech.sources.http.ranges import content_length, parse_content_range, validators
from streamvault.leech.sources.http.way import Way
from streamvault.leech.sources.magic import LOOKED_AT, type_by_bytes
from streamvault.leech.sources.names import mime_of, name_of
from streamvault.leech.sources.stream import Stream
from streamvault.media.signatures import begins_file

UNDONE = "undone"
"""`state["coding"]` of a file whose bytes are decoded here, so that its server's ranges do not fit them."""
OWN = "own"
"""`state["coding"]` of a file whose coding is its own form."""


async def begin(client: Client, way: Way) -> tuple[Described, Stream[Answer], dict[str, str]]:
    """What the file is, its bytes, and what `Checkpoint.state` is to hold. Raises SourceRefused, SourceFailed."""
    stream = await _first(client, way)
    try:
        return await _looked_at(client, way, stream)
    except BaseException:
        stream.answer.close()
        raise


async def _first(client: Client, way: Way) -> Stream[Answer]:
    """The answer to a range that is the whole file, as the only question that all servers answer truly; without a
    range where that is answered by something else.
    """
    limits = client.limits
    for attempt in range(limits.tries):
        answer = await way.get([(b"Range", b"bytes=0-")], begun=False)
        stream = _from_start(answer)
        if stream is not None:
            return stream
        answer.close()
        if answer.status == 416:
            break
        await client.sleep(limits.pause * 2**attempt)
    answer = await way.get([], begun=False)
    stream = _from_start(answer)
    if stream is None:
        answer.close()
        raise SourceFailed(f"{answer.url.host} sends other bytes than it was asked for")
    return stream


def _from_start(answer: Answer) -> Stream[Answer] | None:
    """The body of an answer that begins with the first byte of the file, else None."""
    if answer.status == 206:
        told = parse_content_range(answer.fields.get("content-range"))
        if told is None or told.start != 0 or told.end is None:
            return None
        length = content_length(answer.fields)
        if length is not None and length > told.end:
            return None
        end = told.end if length is None else length
        if codings_of(answer.fields) and end != told.total:
            return None  # a part of coded bytes
        return Stream(answer, 0, end, last=told.total == end)
    return None if answer.status == 416 else Stream(answer, 0, content_length(answer.fields), last=True)


async def _looked_at(
    client: Client, way: Way, stream: Stream[Answer]
) -> tuple[Described, Stream[Answer], dict[str, str]]:
    fields, url = stream.answer.fields, stream.answer.url
    state: dict[str, str] = {}
    told = parse_content_range(fields.get("content-range")) if stream.answer.status == 206 else None
    size = told.total if told else stream.end
    _refuse_size(client, url.host, size, endless=any(name in fields for name in ("icy-name", "icy-metaint", "icy-br")))
    head = await stream.peek(LOOKED_AT)
    content_type = fields.text("content-type") or ""
    codings = codings_of(fields)
    if codings and size != 0:
        state["coding"] = OWN if is_own(codings, url.path, content_type, head) else UNDONE
    if state.get("coding") == UNDONE:
        size, stream.last = None, True
        stream.undo(Decoder(codings, str(url.host)))
        head = await stream.peek(LOOKED_AT)
    if begins_file(head) or type_by_bytes(head):
        content_type = "" if content_type.partition(";")[0].strip().lower() == "text/html" else content_type
    disposition = fields.get("content-disposition")
    name = name_of(disposition, (way.first, url), content_type, head)
    refuse_pages(url.host, way.first.path, content_type, name=name, attached=disposition is not None, head=head)
    etag, modified = validators(fields)
    resumable = told is not None and state.get("coding") != UNDONE
    described = Described(name, size, mime_of(name, content_type, head), etag, modified, resumable)
    return described, stream, state


def _refuse_size(client: Client, host: object, size: int | None, *, endless: bool) -> None:
    most = client.limits.size
    if size is not None and most and size > most:
        raise SourceRefused(f"the file at {host} has {size:,} bytes, and at most {most:,} are taken (LEECH_MAX_SIZE)")
    if size is None and endless:
        raise SourceRefused(f"{host} sends a live stream, which has no end")
