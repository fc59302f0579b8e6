"""H6, H8, H10, H13, H15, and hostile ways: redirects, cookies, log-ins, crowded hosts, inner addresses, pages."""

import asyncio
import base64
import datetime
import logging
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, SECOND, THIRD, Clock, Sleeps, fetch, http_client, read_all
from tests.support.raw_server import Answer, Request, Talk, ranged, raw_server, response
from tests.support.waiting import until

SIGNED = "/a%27b%2Bc%2520d%2Fe.mkv?sig=Zm9v%2BYmFy%3D&n=http%3A//e/"
TARGETS = [SIGNED, "/~a/%7e?x=%2f%2F&y=a+b%20c", "/;p=1,2/(a)!*'$.mkv?[]{}|^`", "/?", "/%?%zz=%"]


@pytest.mark.parametrize("target", TARGETS)
async def test_path_and_query_are_sent_as_they_were_given(target: str) -> None:
    """H6"""
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        _, data = await fetch(server.url(target))
    assert (data, server.targets) == (FILM, [target])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_path_and_query_of_a_redirect_are_sent_as_they_came(target: str, status: str) -> None:
    """H6, H13"""

    def answer(request: Request) -> Answer:
        if request.target == "/get":
            return response(status, location=server.url(target))
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url("/get"))
    assert (data, server.targets) == (FILM, ["/get", target])


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/film.mkv", "/film.mkv"),
        (b"film.mkv?a=1", "/dir/film.mkv?a=1"),
        (b"../film.mkv", "/film.mkv"),
        (b"?id=2", "/dir/get?id=2"),
        (b"//127.0.0.1:PORT/film.mkv", "/film.mkv"),
        (b"//a.example:PORT/film.mkv", "/film.mkv"),
        (b"http://127.0.0.1:PORT/film.mkv#part", "/film.mkv"),
        (b"/caf\xe9 1.mkv", "/caf%E9%201.mkv"),
        ("/café/テ.mkv".encode(), "/caf%C3%A9/%E3%83%86.mkv"),
        (b"http://127.1:PORT/film.mkv", "/film.mkv"),
    ],
)
async def test_locations_of_all_forms(location: bytes, target: str) -> None:
    """H13"""

    def answer(request: Request) -> Answer:
        if request.target == "/dir/get":
            there = location.replace(b"PORT", str(server.port).encode())
            return response("302 Found", location=there.decode("utf-8", "surrogateescape"))
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url("/dir/get"))
    assert (data, server.targets) == (FILM, ["/dir/get", target])


@pytest.mark.parametrize("location", ["", "/film.mkv", "film.mkv"])
async def test_a_host_that_wants_its_cookie_back(location: str) -> None:
    """H13: also with an empty Location, which means the same address."""

    def answer(request: Request) -> Answer:
        if request.headers.get("cookie") != "session=a=b":
            return response("302 Found", location=location, set_cookie="session=a=b; Path=/; HttpOnly")
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url())
    assert (data, len(server.requests)) == (FILM, 2)


@pytest.mark.parametrize("location", ["", "/film.mkv", "?", "/film.mkv#x"])
async def test_a_redirect_to_itself_ends(location: str) -> None:
    """H13"""
    async with raw_server(lambda _: response("302 Found", location=location)) as server:
        with pytest.raises(SourceRefused, match=r"redirects in a circle"):
            await fetch(server.url())
    assert len(server.requests) < 4


async def test_redirects_without_end_are_not_followed_without_end() -> None:
    """H13"""
    async with raw_server(lambda request: response("302 Found", location=request.target + "x")) as server:
        with pytest.raises(SourceRefused, match="redirects more than 20 times"):
            await fetch(server.url())
    assert len(server.requests) == 21


async def test_a_redirect_to_nowhere() -> None:
    """H13"""
    async with raw_server(lambda _: response("302 Found")) as server:
        with pytest.raises(SourceFailed, match="without saying where to"):
            await fetch(server.url())


async def test_cookies_and_log_in_reach_no_other_host() -> None:
    """H13, H15"""
    async with raw_server(lambda request: ranged(request, FILM), host=SECOND) as other:

        def answer(request: Request) -> Answer:
            location = "/there" if request.target == "/film.mkv" else f"http://b.example:{other.port}/x.mkv"
            return response("302 Found", location=location, set_cookie="a=1; Domain=example; Path=/")

        async with raw_server(answer) as server:
            _, data = await fetch(f"http://user:p%40ss@a.example:{server.port}/film.mkv")
    assert data == FILM
    expected = "Basic " + base64.b64encode(b"user:p@ss").decode()
    assert [request.headers.get("authorization") for request in server.requests] == [expected, expected]
    assert [request.headers.get("cookie") for request in server.requests] == [None, "a=1"]
    assert not {"authorization", "cookie"} & set(other.requests[0].headers)
    assert other.requests[0].headers["host"] == f"b.example:{other.port}"


@pytest.mark.parametrize("target", ["/x.mkv", "/secret-path/x.mkv?token=secret-query"])
async def test_no_error_and_no_log_holds_a_secret(target: str, caplog: pytest.LogCaptureFixture) -> None:
    """H15"""
    caplog.set_level(logging.DEBUG)
    answers = [response("401 Unauthorized"), response("403 No"), response("500 Oops"), b"", b"nonsense\r\n\r\n"]
    for answer in answers:
        async with raw_server(lambda _, answer=answer: answer) as server:  # type: ignore[misc]
            url = server.url(target).replace("//", "//secret-user:secret-pass@", 1)
            with pytest.raises((SourceRefused, SourceFailed)) as caught:
                await fetch(url)
        assert "secret" not in str(caught.value) + repr(caught.value)
        assert "127.0.0.1" in str(caught.value)
    assert "secret" not in caplog.text


async def test_the_only_question_is_a_get_of_the_whole_range() -> None:
    """H8: HEAD would hang here."""

    async def hang(_: Talk) -> None:
        await asyncio.Event().wait()

    def answer(request: Request) -> Answer:
        return ranged(request, FILM) if request.line.startswith(b"GET ") else hang

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url())
    assert (data, opened.described.resumable) == (FILM, True)
    assert [(request.line, request.headers["range"]) for request in server.requests] == [
        (b"GET /film.mkv HTTP/1.1", "bytes=0-")
    ]


@pytest.mark.parametrize("body", [b"", b"x", FILM])
async def test_a_server_that_takes_no_ranges_at_all(body: bytes) -> None:
    """H8: also the answer of several servers to a range of an empty file."""

    def answer(request: Request) -> Answer:
        if "range" in request.headers:
            return response("416 Range Not Satisfiable", content_range=f"bytes */{len(body)}")
        return response("200 OK", body, content_disposition='attachment; filename="a.mkv"')

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url("/dl"))
    assert (data, opened.described.size, opened.described.name) == (body, len(body), "a.mkv")


class OneAtATime:
    """A host that refuses a connection while it has another, and that holds each until the test lets go."""

    def __init__(self, refusal: bytes) -> None:
        self.refusal, self.busy, self.refused = refusal, False, 0
        self.go = asyncio.Event()

    def __call__(self, request: Request) -> Answer:
        if self.busy:
            self.refused += 1
            return self.refusal
        self.busy = True
        return self._hold

    async def _hold(self, talk: Talk) -> None:
        try:
            answer = ranged(talk.request, FILM)
            await talk.send(answer[:100_000])
            await self.go.wait()
            await talk.send(answer[100_000:])
        finally:
            self.busy = False


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many", "503 Busy", "509 Bandwidth"])
async def test_a_host_with_one_connection_serves_three_jobs_in_turn(status: str) -> None:
    """H10: none is a failure, and the limit is kept for later jobs."""
    host = OneAtATime(response(status))
    async with raw_server(host) as server:
        client = http_client()
        jobs = [asyncio.ensure_future(read_all(HttpSource(client, server.url()))) for _ in range(3)]
        await until(lambda: host.refused >= 2)
        host.go.set()
        assert [data for _, data in await asyncio.gather(*jobs)] == [FILM] * 3
        refused = host.refused
        more = [read_all(HttpSource(client, server.url())) for _ in range(3)]
        assert [data for _, data in await asyncio.gather(*more)] == [FILM] * 3
    assert host.refused == refused


async def test_a_host_that_refuses_the_next_connection_within_seconds_is_waited_for() -> None:
    """H10"""
    clock = Clock()
    refused_until = 0.0

    def answer(request: Request) -> Answer:
        nonlocal refused_until
        if clock.now < refused_until:
            return response("403 Forbidden")
        refused_until = clock.now + 3
        return ranged(request, FILM)

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    async with raw_server(answer) as server:
        client = http_client(clock=clock, sleep=sleep)
        for _ in range(3):
            assert (await read_all(HttpSource(client, server.url())))[1] == FILM


async def test_a_host_takes_as_many_connections_as_the_limit() -> None:
    """H10"""
    go = asyncio.Event()

    async def hold(talk: Talk) -> None:
        await go.wait()
        await talk.send(ranged(talk.request, FILM))

    async with raw_server(lambda _: hold) as server:
        client = http_client(connections=2)
        jobs = [asyncio.ensure_future(read_all(HttpSource(client, server.url()))) for _ in range(5)]
        await until(lambda: server.open == 2)
        go.set()
        await asyncio.gather(*jobs)
    assert server.most == 2


@pytest.mark.parametrize(
    ("status", "fields", "seconds"),
    [
        ("429 Too Many Requests", {"retry_after": "7"}, 7.0),
        ("503 Busy", {"retry_after": "120"}, 120.0),
        ("503 Busy", {"retry_after": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60.0),
        (
            "503 Busy",
            {"retry_after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"},
            30.0,
        ),
        ("503 Busy", {"retry_after": "99999999999999"}, 86400.0),
        ("503 Busy", {"retry_after": "-5"}, None),
        ("503 Busy", {"retry_after": "soon"}, None),
        ("503 Busy", {"retry_after": "²"}, None),
        ("500 Oops", {}, None),
        ("502 Bad Gateway", {}, None),
        ("408 Timeout", {}, None),
    ],
)
async def test_servers_that_cannot_now_are_asked_later(
    status: str, fields: dict[str, str], seconds: float | None
) -> None:
    """H10"""
    async with raw_server(lambda _: response(status, b"", **fields)) as server:
        client = http_client()
        with pytest.raises(SourceFailed, match="cannot give the file now") as caught:
            await read_all(HttpSource(client, server.url()))
        assert caught.value.retry_after == seconds
        if seconds:
            with pytest.raises(SourceFailed, match="left alone") as caught:
                await read_all(HttpSource(client, server.url()))
            assert (caught.value.retry_after, len(server.requests)) == (seconds, 1)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("401 Unauthorized", "asks for a log-in"),
        ("402 Payment Required", "to be paid"),
        ("403 Forbidden", "a log-in is needed, or the link has expired"),
        ("404 Not Found", "no such file"),
        ("405 Method Not Allowed", "plain download"),
        ("410 Gone", "no longer has the file"),
        ("451 Unavailable", "legal reasons"),
        ("418 Teapot", r"refuses the request \(418\)"),
        ("204 No Content", r"without a file \(204\)"),
        ("304 Not Modified", r"without a file \(304\)"),
        ("300 Choices", r"without a file \(300\)"),
    ],
)
async def test_refusals_say_what_to_do(status: str, what: str) -> None:
    async with raw_server(lambda _: response(status, b"<html>no</html>")) as server:
        with pytest.raises(SourceRefused, match=what):
            await fetch(server.url())


async def test_a_wrong_password_is_said() -> None:
    async with raw_server(lambda _: response("401 Unauthorized")) as server:
        with pytest.raises(SourceRefused, match="does not accept the user and password"):
            await fetch(server.url().replace("//", "//user:wrong@", 1))


@pytest.mark.parametrize(
    ("target", "fields", "body"),
    [
        ("/film.mkv", {"content_type": "text/html; charset=utf-8"}, b"please log in"),
        ("/film.mkv", {"content_type": "video/x-matroska"}, b"\n<!DOCTYPE html><html>log in"),
        ("/dl?id=7", {"content_type": "text/html"}, b"<html>your download begins"),
        ("/film.mkv", {"content_disposition": "attachment; filename=film.mkv"}, b"<html>log in"),
        ("/film.mkv", {"content_type": "application/xhtml+xml"}, b"<?xml version='1.0'?><html>"),
    ],
)
async def test_pages_where_a_file_was_promised(target: str, fields: dict[str, str], body: bytes) -> None:
    async with raw_server(lambda _: response("200 OK", body, **fields)) as server:
        with pytest.raises(SourceRefused, match="answers with a web page and not with a file"):
            await fetch(server.url(target))


@pytest.mark.parametrize(
    ("target", "fields", "body", "name"),
    [
        ("/page.html", {"content_type": "text/html"}, b"<html>", "page.html"),
        ("/dl", {"content_disposition": "attachment; filename=a.htm", "content_type": "text/html"}, b"<html>", "a.htm"),
        ("/film.mkv", {"content_type": "text/html"}, FILM, "film.mkv"),
        ("/film", {"content_type": "text/html"}, FILM, "film.mkv"),
    ],
)
async def test_pages_that_were_asked_for_and_films_that_are_called_pages(
    target: str, fields: dict[str, str], body: bytes, name: str
) -> None:
    async with raw_server(lambda _: response("200 OK", body, **fields)) as server:
        opened, data = await fetch(server.url(target))
    assert (data, opened.described.name) == (body, name)


@pytest.mark.parametrize(
    "location",
    [
        f"http://{THIRD}:PORT/",
        "http://inner.example:PORT/",
        "//127.3:PORT/",
        "http://0x7f.3:PORT/",
        "http://0177.0.0.3:PORT/",
        "http://2130706435:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.3]:PORT/",
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata@169.254.169.254/",
        "http://a.example@127.0.0.3:PORT/",
        "https://10.0.0.1/",
        "http://0/",
        "http://a.example\\@127.0.0.3:PORT/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.3:PORT/_GET",
    ],
)
async def test_redirects_to_inner_addresses_are_refused(location: str) -> None:
    def answer(request: Request) -> Answer:
        if request.target == "/1":
            return response("302 Found", location="/2")
        return response("302 Found", location=location.replace("PORT", str(inner.port)))

    async with raw_server(lambda _: response("200 OK", b"secret"), host=THIRD) as inner, raw_server(answer) as server:
        with pytest.raises(SourceRefused):
            await fetch(server.url("/1"))
    assert (server.targets, inner.requests) == (["/1", "/2"], [])


@pytest.mark.parametrize("first", [1, 2, 3])
async def test_a_name_that_changes_to_an_inner_address_is_refused_at_that_hop(first: int) -> None:
    """DNS rebinding: each connection is judged by the answer that it is made with."""
    answers = 0

    async def rebinding(_: str) -> Sequence[str]:
        nonlocal answers
        answers += 1
        return ["127.0.0.1"] if answers <= first else [THIRD]

    def answer(request: Request) -> Answer:
        return response("302 Found", location=f"{request.target}x")

    async with raw_server(lambda _: response("200 OK", b"secret"), host=THIRD) as inner, raw_server(answer) as server:
        with pytest.raises(SourceRefused, match=r"rebind\.example lies in this machine"):
            await fetch(f"http://rebind.example:{server.port}/1", resolver=rebinding)
    assert (len(server.requests), inner.requests) == (first, [])


def _certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, str(folder / "ca.pem")


async def test_https_is_verified(tmp_path: Path) -> None:
    tls, ca_file = _certificates(tmp_path, "a.example")
    async with raw_server(lambda request: ranged(request, FILM), tls=tls) as server:
        url = f"https://a.example:{server.port}/film.mkv"
        assert (await fetch(url, ca_file=ca_file))[1] == FILM
        with pytest.raises(SourceRefused, match=r"certificate of a\.example is not valid"):
            await fetch(url)
        with pytest.raises(SourceRefused, match=r"certificate of 127\.0\.0\.1 is not valid"):
            await fetch(server.url(), ca_file=ca_file)


async def test_https_to_a_plain_server_is_said() -> None:
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        with pytest.raises(SourceFailed, match="does not open a secure connection"):
            await fetch(server.url().replace("http:", "https:"), handshake=0.05)


async def test_pauses_grow() -> None:
    sleeps = Sleeps()

    def answer(request: Request) -> Answer:
        if "range" not in request.headers:
            return response("200 OK", FILM)
        return response("206 Partial Content", FILM[5:], content_range=f"bytes 5-{len(FILM) - 1}/{len(FILM)}")

    async with raw_server(answer) as server:
        assert (await fetch(server.url(), sleep=sleeps))[1] == FILM
    assert sleeps.seconds == [1, 2, 4, 8]
