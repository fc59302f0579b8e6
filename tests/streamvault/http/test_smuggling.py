"""Held: no bytes of one request become another one, whichever way a proxy in front reads its length."""

import asyncio

import pytest

from tests.support.serving import Bench, serving

HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + HIDDEN
BOTH = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(CHUNKED)

AMBIGUOUS: dict[str, tuple[bytes, bytes]] = {
    "both lengths": (BOTH, CHUNKED),
    "both lengths, the other way round": (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNKED),
    "two lengths": (b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(HIDDEN), HIDDEN),
    "a list of lengths": (b"Content-Length: 0, %d\r\n" % len(HIDDEN), HIDDEN),
    "a length with a sign": (b"Content-Length: +0\r\n", HIDDEN),
    "a negative length": (b"Content-Length: -1\r\n", HIDDEN),
    "a hexadecimal length": (b"Content-Length: 0x0\r\n", HIDDEN),
    "a length beyond 64 bits": (b"Content-Length: 18446744073709551616\r\n", HIDDEN),
    "an empty length": (b"Content-Length:\r\n", HIDDEN),
    "a blank before the colon": (b"Transfer-Encoding : chunked\r\n", CHUNKED),
    "chunked is not the last": (b"Transfer-Encoding: chunked, identity\r\n", CHUNKED),
    "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", CHUNKED),
    "a vertical tab in the coding": (b"Transfer-Encoding: \x0bchunked\r\n", CHUNKED),
    "a NUL in a field": (b"X: a\x00b\r\nContent-Length: 0\r\n", HIDDEN),
    "a folded field": (b"X: a\r\n Transfer-Encoding: chunked\r\n", CHUNKED),
    "a bare CR in a field": (b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", HIDDEN),
    "a chunk size with a prefix": (b"Transfer-Encoding: chunked\r\n", b"0x0\r\n\r\n" + HIDDEN),
    "a chunk size beyond 64 bits": (b"Transfer-Encoding: chunked\r\n", b"10000000000000000\r\n\r\n" + HIDDEN),
    "a negative chunk size": (b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n" + HIDDEN),
    "a chunk longer than it says": (b"Transfer-Encoding: chunked\r\n", b"1\r\nab\r\n0\r\n\r\n" + HIDDEN),
}


async def answers(bench: Bench, raw: bytes) -> bytes:
    """Everything that comes back until the server closes; the client closes its side for writing at once."""
    reader, writer = await asyncio.open_connection(*bench.address)
    try:
        async with asyncio.timeout(60):
            writer.write(raw)
            writer.write_eof()
            return await reader.read()
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("method", [b"POST", b"GET"])
@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_an_ambiguous_length_hides_no_second_request(bench: Bench, name: str, method: bytes) -> None:
    fields, body = AMBIGUOUS[name]
    raw = method + b" /api/collections HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n" + body
    async with serving(bench):
        found = await answers(bench, raw)
    assert b"streamvault_" not in found, "the hidden request was answered"
    assert found.count(b"HTTP/1.1 ") <= 1
    assert not found or found.startswith(b"HTTP/1.1 4")


async def test_two_honest_requests_get_two_answers(bench: Bench) -> None:
    async with serving(bench):
        found = await answers(bench, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN)
    assert found.count(b"HTTP/1.1 200") == 2
    assert b"streamvault_" in found
