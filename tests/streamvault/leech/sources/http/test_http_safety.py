"""No inner address by redirects or changing names, TLS that is verified, and no secret in an error or a log (H15)."""

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
from tests.support.http_sources import FILM, SECOND, THIRD, fetch
from tests.support.raw_server import Answer, Request, ranged, raw_server, response


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
