"""Every kind of Range request, each with the clause of RFC 9110 that defines its answer.

A row says what it asks for as plain Python slices; `check_row` takes the expected bytes from them
alone. Nothing here uses the product, so the same rows can be put to any server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.http_client import Address, Reply, request

MIB = 1024 * 1024
SIZES = (0, 1, MIB, MIB + 1, 3_000_000_000)
READ_AT_MOST = 4 * MIB
"""Bytes read of a longer answer: its beginning is compared, other rows request its end."""

HUGE = "9" * 5000

Bytes = Callable[[int, int], bytes]
"""The expected bytes `[start, stop)` of the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request. `header` may hold {size}, {last}, {beyond} and {half} of the file's size.

    `parts`: the slices asked for, or None where the Range header is to be ignored (200 with the whole).
    `empty`: the status for a file of 0 bytes. `if_range` may hold {etag}, {modified} and {earlier}.
    `least`: the smallest file that the row makes sense for.
    """

    name: str
    clause: str
    header: str | None
    parts: tuple[Callable[[int], slice], ...] | None
    empty: int = 416
    if_range: str | None = None
    method: str = "GET"
    least: int = 0

    def fields(self, size: int, *, etag: str, modified: str) -> dict[str, str]:
        """The header fields of the request for a file of `size` bytes."""
        places = {"size": size, "last": size - 1, "beyond": size + 1, "half": size // 2}
        fields = {} if self.header is None else {"Range": self.header.format(**places)}
        if self.if_range is not None:
            earlier = "Thu, 01 Jan 1970 00:00:01 GMT"
            fields["If-Range"] = self.if_range.format(etag=etag, modified=modified, earlier=earlier)
        return fields


def of(start: int | None, stop: int | None) -> Callable[[int], slice]:
    """The same slice for every file."""
    return lambda size: slice(start, stop)


def _ignored(name: str, clause: str, header: str | None) -> Row:
    return Row(name, clause, header, None, empty=200)


_WHOLE = of(0, None)
_NONE = of(0, 0)
_FIVE = of(0, 5)

ROWS: tuple[Row, ...] = (
    _ignored("no Range", "14.2", None),
    # one int-range
    Row("first byte", "14.1.2", "bytes=0-0", (of(0, 1),)),
    Row("open from the beginning", "14.1.2", "bytes=0-", (_WHOLE,)),
    Row("first 500 bytes", "14.1.2", "bytes=0-499", (of(0, 500),)),
    Row("second 500 bytes", "14.1.2", "bytes=500-999", (of(500, 1000),)),
    Row("exactly the whole", "14.1.2", "bytes=0-{last}", (_WHOLE,), least=1),
    Row("one byte too many", "14.1.2", "bytes=0-{size}", (_WHOLE,)),
    Row("far beyond the end", "14.1.2", "bytes=0-999999999999999", (_WHOLE,)),
    Row("last-pos of 5000 digits", "14.1.1", f"bytes=0-{HUGE}", (_WHOLE,)),
    Row("last byte", "14.1.2", "bytes={last}-{last}", (of(-1, None),), least=1),
    Row("open from the last byte", "14.1.2", "bytes={last}-", (of(-1, None),), least=1),
    Row("last byte and beyond", "14.1.2", "bytes={last}-{beyond}", (of(-1, None),), least=1),
    Row("open from the middle", "14.1.2", "bytes={half}-", (lambda size: slice(size // 2, None),)),
    Row("leading zeros", "14.1.1", "bytes=000-0004", (_FIVE,)),
    Row("5000 leading zeros", "14.1.1", f"bytes={'0' * 5000}-4", (_FIVE,)),
    Row("from the size on", "14.1.2", "bytes={size}-", (_NONE,)),
    Row("the byte behind the last", "15.5.17", "bytes={size}-{size}", (_NONE,)),
    Row("behind the end", "15.5.17", "bytes={beyond}-", (_NONE,)),
    Row("first-pos of 5000 digits", "15.5.17", f"bytes={HUGE}-", (_NONE,)),
    Row("both of 5000 digits", "15.5.17", f"bytes={HUGE}-{HUGE}", (_NONE,)),
    # around the edges of Telegram's windows
    Row("last byte of the first MiB", "14.1.2", "bytes=1048575-1048575", (of(MIB - 1, MIB),)),
    Row("first byte of the second MiB", "14.1.2", "bytes=1048576-1048576", (of(MIB, MIB + 1),)),
    Row("both sides of a MiB", "14.1.2", "bytes=1048575-1048576", (of(MIB - 1, MIB + 1),)),
    Row("exactly the first MiB", "14.1.2", "bytes=0-1048575", (of(0, MIB),)),
    Row("a MiB and a byte", "14.1.2", "bytes=0-1048576", (of(0, MIB + 1),)),
    Row("a MiB from the second byte on", "14.1.2", "bytes=1-1048576", (of(1, MIB + 1),)),
    Row("exactly the second MiB", "14.1.2", "bytes=1048576-2097151", (of(MIB, 2 * MIB),)),
    Row("open from the second MiB", "14.1.2", "bytes=1048576-", (of(MIB, None),)),
    Row("across three windows", "14.1.2", "bytes=1000000-3000000", (of(1_000_000, 3_000_001),)),
    Row("beyond 2 GiB", "14.1.2", "bytes=2147483640-2147483655", (of(2**31 - 8, 2**31 + 8),)),
    # suffix-ranges
    Row("suffix of 1", "14.1.2", "bytes=-1", (of(-1, None),), empty=200),
    Row("suffix of 500", "14.1.2", "bytes=-500", (of(-500, None),), empty=200),
    Row("suffix of the size", "14.1.2", "bytes=-{size}", (lambda size: slice(-size, None),), least=1),
    Row("suffix longer than the file", "14.1.2", "bytes=-{beyond}", (_WHOLE,), empty=200),
    Row("suffix of 1 MiB", "14.1.2", "bytes=-1048576", (of(-MIB, None),), empty=200),
    Row("suffix of 1 MiB and a byte", "14.1.2", "bytes=-1048577", (of(-MIB - 1, None),), empty=200),
    Row("suffix of 5000 digits", "14.1.1", f"bytes=-{HUGE}", (_WHOLE,), empty=200),
    Row("suffix of 0", "14.1.2", "bytes=-0", (_NONE,)),
    Row("suffix of 000", "14.1.2", "bytes=-000", (_NONE,)),
    # what the grammar allows besides
    Row("unit in capitals", "14.1", "BYTES=0-4", (_FIVE,)),
    Row("unit in mixed case", "14.1", "Bytes=0-4", (_FIVE,)),
    Row("white space around the field", "5.5", " \tbytes=0-4 \t", (_FIVE,)),
    Row("white space around the comma", "5.6.1.2", "bytes=0-0 ,\t2-2", (of(0, 1), of(2, 3))),
    Row("empty elements before", "5.6.1.2", "bytes=, ,0-4", (_FIVE,)),
    Row("empty elements behind", "5.6.1.2", "bytes=0-4,,  ,", (_FIVE,)),
    Row("empty elements between", "5.6.1.2", "bytes=0-0,,2-2", (of(0, 1), of(2, 3))),
    # malformed or unknown: ignored
    _ignored("unit alone", "14.2", "bytes"),
    _ignored("empty set", "14.1.1", "bytes="),
    _ignored("set of nothing but commas", "5.6.1.2", "bytes=, ,"),
    _ignored("empty field", "14.2", ""),
    _ignored("lone hyphen", "14.1.1", "bytes=-"),
    _ignored("letters", "14.1.1", "bytes=abc"),
    _ignored("number without hyphen", "14.1.1", "bytes=5"),
    _ignored("signed first-pos", "14.1.1", "bytes=+1-2"),
    _ignored("signed last-pos", "14.1.1", "bytes=1-+2"),
    _ignored("negative suffix", "14.1.1", "bytes=--5"),
    _ignored("backwards", "14.1.1", "bytes=5-2"),
    _ignored("backwards in 5000 digits", "14.1.1", f"bytes={HUGE}-{HUGE[1:]}"),
    _ignored("hexadecimal", "14.1.1", "bytes=0x0-0x5"),
    _ignored("fraction", "14.1.1", "bytes=1.0-2"),
    _ignored("underscore", "14.1.1", "bytes=0-1_000"),
    _ignored("two hyphens", "14.1.1", "bytes=0-4-8"),
    _ignored("superscript digit", "14.1.1", "bytes=0-\u00b2"),
    _ignored("no equals sign", "14.2", "bytes 0-4"),
    _ignored("space before the equals sign", "14.1.1", "bytes =0-4"),
    _ignored("space behind the equals sign", "14.1.1", "bytes= 0-4"),
    _ignored("space inside a range", "14.1.1", "bytes=0 - 4"),
    _ignored("semicolon for a comma", "14.1.1", "bytes=0-4;6-8"),
    _ignored("one bad range among good ones", "14.1.1", "bytes=0-4,x"),
    _ignored("one backwards range among good ones", "14.2", "bytes=0-4,9-6"),
    _ignored("unknown unit", "14.2", "items=0-4"),
    _ignored("no unit", "14.1.1", "=0-4"),
    # several ranges
    Row("first and last byte", "14.1.2", "bytes=0-0,-1", (of(0, 1), of(-1, None)), empty=200),
    Row("two ranges", "15.3.7.2", "bytes=0-4,10-14", (_FIVE, of(10, 15))),
    Row("two ranges, last first", "15.3.7.2", "bytes=10-14,0-4", (of(10, 15), _FIVE)),
    Row("adjoining ranges", "15.3.7.2", "bytes=0-4,5-9", (_FIVE, of(5, 10))),
    Row("ranges on both sides of a MiB", "15.3.7.2", "bytes=1048570-1048575,1048576-1048580",
        (of(MIB - 6, MIB), of(MIB, MIB + 5))),
    Row("ranges far apart", "15.3.7.2", "bytes=0-9,-10", (of(0, 10), of(-10, None)), empty=200),
    Row("two overlapping ranges", "14.2", "bytes=0-9,5-14", (of(0, 10), of(5, 15))),
    Row("the same range twice", "14.2", "bytes=0-4,0-4", (_FIVE, _FIVE)),
    Row("one of two beyond the end", "15.3.7.2", "bytes=0-4,{beyond}-", (_FIVE, _NONE)),
    Row("all of two beyond the end", "15.5.17", "bytes={size}-,{beyond}-", (_NONE, _NONE)),
    Row("suffix of 0 and a range", "14.1.2", "bytes=-0,0-4", (_NONE, _FIVE)),
    Row("sixteen ranges", "14.2", "bytes=" + ",".join(f"{n * 10}-{n * 10 + 4}" for n in range(16)),
        tuple(of(n * 10, n * 10 + 5) for n in range(16))),
    _ignored("seventeen ranges", "14.2", "bytes=" + ",".join(f"{n * 10}-{n * 10 + 4}" for n in range(17))),
    Row("three overlapping ranges", "14.2", "bytes=0-9,5-14,8-20", None, least=21),
    # If-Range
    Row("If-Range with our tag", "13.1.5", "bytes=0-4", (_FIVE,), if_range="{etag}"),
    Row("If-Range with another tag", "13.1.5", "bytes=0-4", None, if_range='"another"', empty=200),
    Row("If-Range with our tag, but weak", "13.1.5", "bytes=0-4", None, if_range="W/{etag}", empty=200),
    Row("If-Range with our date", "13.1.5", "bytes=0-4", (_FIVE,), if_range="{modified}"),
    Row("If-Range with an earlier date", "13.1.5", "bytes=0-4", None, if_range="{earlier}", empty=200),
    Row("If-Range with nonsense", "13.1.5", "bytes=0-4", None, if_range="yesterday", empty=200),
    Row("If-Range that fails, beyond the end", "13.2.2", "bytes={beyond}-", None, if_range='"another"', empty=200),
    Row("If-Range that holds, beyond the end", "13.2.2", "bytes={beyond}-", (_NONE,), if_range="{etag}"),
    # HEAD
    Row("HEAD", "9.3.2", None, None, method="HEAD", empty=200),
    Row("HEAD with a range", "14.2", "bytes=0-4", None, method="HEAD", empty=200),
    Row("HEAD with a range beyond the end", "14.2", "bytes={beyond}-", None, method="HEAD", empty=200),
)  # fmt: skip


def rows_for(size: int) -> tuple[Row, ...]:
    """The rows that apply to a file of `size` bytes."""
    return tuple(row for row in ROWS if size >= row.least)


async def ask(row: Row, target: str, *, address: Address, size: int) -> Reply:
    """Send the row to a server; `target` is path and query of a file of `size` bytes."""
    validators = (await request(address, target, method="HEAD")).headers
    fields = row.fields(size, etag=validators["etag"], modified=validators["last-modified"])
    return await request(address, target, method=row.method, headers=fields, limit=READ_AT_MOST)


def check_row(row: Row, reply: Reply, *, size: int, expected_bytes: Bytes) -> None:
    """Assert that `reply` is the answer to `row` for a file of `size` bytes, byte by byte."""
    spans = _spans(row, size)
    assert reply.headers["accept-ranges"] == "bytes"
    if spans == []:
        assert reply.status == 416
        assert reply.headers["content-range"] == f"bytes */{size}"
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.complete
        return
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', reply.headers["etag"])
    if spans is None:
        assert reply.status == 200
        assert "content-range" not in reply.headers
        _check_body(reply, start=0, stop=size, expected_bytes=expected_bytes, sent=row.method != "HEAD")
    elif len(spans) == 1:
        start, stop = spans[0]
        assert reply.status == 206
        assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
        _check_body(reply, start=start, stop=stop, expected_bytes=expected_bytes)
    else:
        assert reply.status == 206
        assert "content-range" not in reply.headers
        _check_parts(reply, spans, size=size, expected_bytes=expected_bytes)


def _spans(row: Row, size: int) -> list[tuple[int, int]] | None:
    """The spans of the file that the row selects; None for all of it without ranges, empty for none."""
    if row.parts is None or (size == 0 and row.empty == 200):
        return None
    spans = [part(size).indices(size)[:2] for part in row.parts]
    return [(start, stop) for start, stop in spans if start < stop]


def _check_body(reply: Reply, *, start: int, stop: int, expected_bytes: Bytes, sent: bool = True) -> None:
    assert reply.headers["content-length"] == str(stop - start)
    read = min(stop - start, READ_AT_MOST) if sent else 0
    assert len(reply.body) == read
    assert reply.body == expected_bytes(start, start + read)


def _check_parts(reply: Reply, spans: list[tuple[int, int]], *, size: int, expected_bytes: Bytes) -> None:
    """The multipart/byteranges body, taken apart by its boundary alone (RFC 2046 section 5.1.1)."""
    kind, _, boundary = reply.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    assert reply.complete
    assert reply.headers["content-length"] == str(len(reply.body))
    delimiter = b"\r\n--" + boundary.encode()
    preamble, *parts, epilogue = (b"\r\n" + reply.body).split(delimiter)
    assert (preamble, epilogue) == (b"", b"--\r\n")
    assert len(parts) == len(spans)
    for part, (start, stop) in zip(parts, spans, strict=True):
        head, _, content = part.partition(b"\r\n\r\n")
        assert f"Content-Range: bytes {start}-{stop - 1}/{size}" in head.decode().split("\r\n")
        assert content == expected_bytes(start, stop)
