"""The proxy of child processes: whom it serves, where it connects to, what goes through, and when it ends."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network

from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.passes import Pass
from streamvault.leech.egress.proxy import EgressProxy
from tests.support.raw_server import Talk, raw_server, response
from tests.support.waiting import until

ALLOWED = (ip_network("127.0.0.1/32"),)


class Names:
    """A resolver; each question takes the next of a name's addresses."""

    def __init__(self, addresses: dict[str, list[str]]) -> None:
        self._addresses = addresses

    async def __call__(self, name: str) -> Sequence[str]:
        if not self._addresses[name]:
            raise OSError("unknown")
        return [self._addresses[name].pop(0)]


@asynccontextmanager
async def proxy_for(
    admission: Pass, names: dict[str, list[str]] | None = None, *, silence: float = 60
) -> AsyncIterator[tuple[int, bytes]]:
    """The port of a proxy, and the line by which this pass is named."""
    async with EgressProxy(Guard(ALLOWED, Names(names or {})), silence=silence).running() as proxy:
        with proxy.admitted(admission) as address:
            assert address == f"http://child:{admission.secret}@127.0.0.1:{proxy.port}"
            yield proxy.port, login(admission.secret)


def login(secret: str) -> bytes:
    return b"Proxy-Authorization: Basic " + base64.b64encode(f"child:{secret}".encode()) + b"\r\n"


async def said(port: int, request: bytes) -> bytes:
    """All that a proxy answers to these bytes, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await reader.read()
    finally:
        writer.close()


def get(url: str, own: bytes, fields: bytes = b"") -> bytes:
    return f"GET {url} HTTP/1.1\r\nHost: elsewhere.example\r\n".encode() + own + fields + b"\r\n"


async def test_what_is_asked_goes_to_the_judged_address_without_what_is_the_proxys() -> None:
    def answer(_: object) -> bytes:
        return response("200 OK", b"bytes", connection="keep-alive", x_own="kept")

    admission = Pass(10_000)
    async with raw_server(answer) as web, proxy_for(admission, {"film": ["127.0.0.1"]}) as (port, own):
        fields = b"Connection: keep-alive\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\n"
        answered = await said(port, get(f"http://film:{web.port}/a%2Fb?c=%2B", own, fields))
        assert answered.endswith(b"\r\nx-own: kept\r\ncontent-length: 5\r\nConnection: close\r\n\r\nbytes")
        [request] = web.requests
        assert request.line == b"GET /a%2Fb?c=%2B HTTP/1.1"
        assert request.headers == {"host": f"film:{web.port}", "accept": "*/*", "connection": "close"}
        assert admission.used > len(answered)


async def test_bodies_and_interim_answers_pass() -> None:
    async def answer(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await talk.send(b"HTTP/1.1 200 OK\nX: y\n\n" + b"z" * 100_000)  # as some servers end lines

    async with raw_server(lambda _: answer) as web, proxy_for(Pass(1_000_000)) as (port, own):
        head = b"POST" + get(f"http://127.0.0.1:{web.port}/", own, b"Content-Length: 3\r\n")[3:]
        answered = await said(port, head + b"abc")
        assert answered.startswith(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nz"
        )
        assert answered.count(b"z") == 100_000


async def test_what_is_refused_reaches_nobody() -> None:
    """By request: the status that is answered. The canary listens on an address that is not allowed."""
    admission = Pass(10_000)
    async with raw_server(lambda _: response("200 OK")) as web, raw_server(web.answer, host="127.0.0.3") as canary:
        inner = [
            f"127.0.0.3:{canary.port}",
            f"2130706435:{canary.port}",
            f"0x7f.3:{canary.port}",
            f"inner:{canary.port}",
        ]
        addresses = {"inner": ["127.0.0.3"] * 9, "turns": ["127.0.0.1", "127.0.0.3"], "gone": list[str]()}
        async with proxy_for(admission, addresses) as (port, own):
            for place in inner:
                assert b" 403 " in await said(port, get(f"http://{place}/", own))
                assert b" 403 " in await said(port, b"CONNECT %b HTTP/1.0\r\n%b\r\n" % (place.encode(), own))
            assert [str(error).split(" lies in ")[1].split(",")[0] for error in admission.refusals] == [
                "this machine"
            ] * 8
            turning = get(f"http://turns:{web.port}/", own)
            assert b" 200 " in await said(port, turning)
            assert b" 403 " in await said(port, turning), "the answer of the first question was used again"
            assert b" 502 " in await said(port, get(f"http://gone:{web.port}/", own))
            for request in (
                get(f"ftp://127.0.0.1:{web.port}/", own), get(f"file:///{web.port}", own), get("/etc/passwd", own),
                get(f"http://user@127.0.0.1:{web.port}/", own), get("http://127.0.0.1:99999/", own),
                b"CONNECT 127.0.0.1 HTTP/1.0\r\n" + own + b"\r\n", b"\x16\x03\x01\r\n\r\n",
            ):  # fmt: skip
                assert b" 400 " in await said(port, request), request
            for wrong in (b"", login("wrong"), login(""), b"Proxy-Authorization: Bearer x\r\n"):
                assert b" 407 " in await said(port, get(f"http://127.0.0.1:{web.port}/", wrong))
        assert not canary.requests
        assert len(web.requests) == 1


async def test_a_tunnel_carries_tls_alone() -> None:
    seen: list[bytes] = []

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(100))
        writer.write(b"\x16 from the host")
        writer.close()

    server = await asyncio.start_server(host, "127.0.0.1", 0)
    async with server, proxy_for(Pass(10_000)) as (port, own):
        connect = b"CONNECT 127.0.0.1:%d HTTP/1.0\r\n%b\r\n" % (server.sockets[0].getsockname()[1], own)
        assert (await said(port, connect + b"\x16 hello")).endswith(b"established\r\n\r\n\x16 from the host")
        assert (await said(port, connect + b"EHLO mail\r\n")).endswith(b"established\r\n\r\n")
        assert [first for first in seen if first] == [b"\x16 hello"]


async def endless(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await talk.send(b"x" * 65536)


async def silent(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.Event().wait()


async def test_bytes_and_silence_are_bounded() -> None:
    admission = Pass(1_000_000)
    async with raw_server(lambda _: endless) as web, proxy_for(admission) as (port, own):
        assert 900_000 < len(await said(port, get(web.url(), own))) < 1_100_000
        assert admission.exceeded
    async with raw_server(lambda _: silent) as web, proxy_for(Pass(1_000_000), silence=0.2) as (port, own):
        assert (await said(port, get(web.url(), own))).endswith(b"\r\n\r\n")


async def test_the_end_of_a_pass_ends_its_connections() -> None:
    admission = Pass(1_000_000)
    async with raw_server(lambda _: silent) as web, EgressProxy(Guard(ALLOWED)).running() as proxy:
        own = login(admission.secret)
        with proxy.admitted(admission):
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(get(web.url(), own))
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            assert not reader.at_eof()
        assert await reader.read() == b""
        writer.close()
        assert b" 407 " in await said(proxy.port, get(web.url(), own))


async def test_a_child_has_so_many_connections_at_a_time() -> None:
    async with raw_server(lambda _: silent) as web, proxy_for(Pass(1_000_000, connections=2)) as (port, own):
        held = [asyncio.create_task(said(port, get(web.url(), own))) for _ in range(2)]
        await until(lambda: len(web.requests) == 2)
        assert b" 503 " in await said(port, get(web.url(), own))
        for task in held:
            task.cancel()


async def test_heads_are_bounded() -> None:
    long = b"X: " + b"y" * 70_000 + b"\r\n"
    async with (
        raw_server(lambda _: b"HTTP/1.1 200 OK\r\n" + long + b"\r\n") as web,
        proxy_for(Pass(10**6)) as (port, own),
    ):
        assert await said(port, get(web.url(), own)) == b""
        assert await said(port, get(web.url(), own, long)) == b""
