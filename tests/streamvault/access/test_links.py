"""Link tokens open what they were signed for, and nothing else."""

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.links import LinkSigner
from streamvault.errors import AccessDenied
from streamvault.media.model import Origin

NOW = 1_800_000_000
FILE = Origin(-1001234567890, 7)
SECRET = b"0123456789abcdef"

ids = st.integers(-(2**63), 2**63 - 1)
origins = st.builds(Origin, ids, st.integers(1, 2**63 - 1))


class Clock:
    """Unix seconds, set by the test."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def signer(secret: bytes = SECRET) -> LinkSigner:
    return LinkSigner(secret, Clock())


def denied(token: str | None, origin: Origin | None, *, by: LinkSigner | None = None) -> AccessDenied:
    with pytest.raises(AccessDenied) as caught:
        (by or signer()).check(token, origin)
    return caught.value


@given(origins, st.one_of(st.none(), st.integers(NOW + 1, 2**48 - 1)))
def test_a_file_token_opens_its_file(origin: Origin, expires_at: int | None) -> None:
    signer().check(signer().sign(origin, scope="file", expires_at=expires_at), origin)


@given(origins, origins)
def test_a_file_token_opens_no_other_file(origin: Origin, other: Origin) -> None:
    token = signer().sign(origin, scope="file", expires_at=None)
    if other != origin:
        assert denied(token, other).authenticated
    assert denied(token, None).authenticated


@given(st.one_of(st.none(), origins))
def test_a_server_token_opens_everything(origin: Origin | None) -> None:
    signer().check(signer().sign(None, scope="server", expires_at=NOW + 1), origin)


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_not_authenticated(token: str | None) -> None:
    assert not denied(token, FILE).authenticated


def test_a_token_expires_at_its_second() -> None:
    clock = Clock()
    links = LinkSigner(SECRET, clock)
    token = links.sign(FILE, scope="file", expires_at=NOW + 60)
    clock.now = NOW + 59.9
    links.check(token, FILE)
    clock.now = NOW + 60
    error = denied(token, FILE, by=links)
    assert error.authenticated
    assert "expired" in str(error)


@given(st.integers(0, 24 * 8 - 1), st.booleans())
def test_a_token_with_a_flipped_bit_is_denied(bit: int, whole_server: bool) -> None:
    origin = None if whole_server else FILE
    token = signer().sign(origin, scope="server" if whole_server else "file", expires_at=NOW + 60)
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[bit // 8] ^= 1 << bit % 8
    assert denied(base64.urlsafe_b64encode(raw).decode(), FILE).authenticated


@given(st.text())
def test_any_text_is_denied(token: str) -> None:
    assert denied(token, FILE).authenticated == bool(token)


def test_a_file_token_does_not_become_a_server_token() -> None:
    raw = bytearray(base64.urlsafe_b64decode(signer().sign(FILE, scope="file", expires_at=None)))
    raw[1] = base64.urlsafe_b64decode(signer().sign(None, scope="server", expires_at=None))[1]
    assert denied(base64.urlsafe_b64encode(raw).decode(), FILE).authenticated


def test_a_token_for_the_index_routes_opens_nothing_else() -> None:
    token = signer().sign(None, scope="index", expires_at=None)
    signer().check(token, None, index=True)
    assert denied(token, FILE).authenticated
    with pytest.raises(AccessDenied):
        signer().check(token, None)


def test_a_proof_is_of_the_secret_and_of_the_challenge() -> None:
    proof = signer().prove("a")
    assert proof == signer().prove("a")
    assert len({proof, signer().prove("b"), signer(b"another secret of 16").prove("a")}) == 3


def test_another_secret_does_not_open() -> None:
    token = signer(b"another secret of 16").sign(FILE, scope="file", expires_at=None)
    assert denied(token, FILE).authenticated


def test_a_token_is_32_url_safe_characters_with_128_bits_of_mac() -> None:
    token = signer().sign(FILE, scope="file", expires_at=NOW)
    assert len(token) == 32
    assert token.replace("-", "").replace("_", "").isalnum()
    assert len(base64.urlsafe_b64decode(token)) - 8 == 128 // 8


@pytest.mark.parametrize("expires_at", [None, NOW, 2**48 - 1])
def test_expires_at_reads_the_expiry_of_a_token(expires_at: int | None) -> None:
    assert LinkSigner.expires_at(signer().sign(FILE, scope="file", expires_at=expires_at)) == expires_at


def test_an_empty_secret_raises_value_error() -> None:
    with pytest.raises(ValueError, match="secret"):
        LinkSigner(b"")


@pytest.mark.parametrize(
    ("origin", "scope", "expires_at"),
    [
        (None, "file", None),
        (FILE, "server", None),
        (FILE, "index", None),
        (FILE, "everything", None),
        (FILE, "file", 0),
        (FILE, "file", -1),
        (FILE, "file", 2**48),
    ],
)
def test_signing_with_wrong_arguments_raises_value_error(
    origin: Origin | None, scope: str, *, expires_at: int | None
) -> None:
    with pytest.raises(ValueError, match=r"fit|range"):
        signer().sign(origin, scope=scope, expires_at=expires_at)  # type: ignore[arg-type]


def test_no_token_reaches_a_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    token = signer(b"another secret of 16").sign(FILE, scope="file", expires_at=NOW + 60)
    with caplog.at_level(logging.DEBUG):
        error = denied(token, FILE)
    assert token not in caplog.text + repr(error)
