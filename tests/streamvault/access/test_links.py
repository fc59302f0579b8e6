"""Link tokens open what they were signed for, and nothing else."""

import base64
import hashlib
import hmac
import logging
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.links import Claims, Grant, GrantKind, LinkSigner, Scope
from streamvault.errors import AccessDenied
from streamvault.media.model import Origin

NOW = 1_800_000_000
FILE = Origin(-1001234567890, 7)
SECRET = b"0123456789abcdef"

ids = st.integers(-(2**63), 2**63 - 1)
origins = st.builds(Origin, ids, st.integers(1, 2**63 - 1))
kinds: tuple[GrantKind, ...] = ("person", "link", "token")
grants = st.builds(Grant, st.sampled_from(kinds), ids)
expiries = st.one_of(st.none(), st.integers(NOW + 1, 2**48 - 1))
LINK = Grant("link", 2**62 + 1)


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


def made_by_the_book(target: str, head: bytes) -> str:
    """A token as its description says, without any code of the product."""
    key = hmac.new(SECRET, b"streamvault link tokens", hashlib.sha256).digest()
    mac = hmac.new(key, head + target.encode(), hashlib.sha256).digest()
    return base64.b64encode(head + mac[:16], altchars=b"-_").decode("ascii")


@given(origins, expiries)
def test_tokens_without_a_grant_are_those_of_version_1(origin: Origin, expires_at: int | None) -> None:
    expiry = struct.pack(">Q", expires_at or 0)[2:]
    target = f"{origin.chat_id}/{origin.message_id}"
    made = signer().sign(origin, scope="file", expires_at=expires_at)
    assert made == made_by_the_book(target, b"\x01\x01" + expiry)
    for code, scope in ((b"\x02", "server"), (b"\x03", "index")):
        made = signer().sign(None, scope=scope, expires_at=expires_at)  # type: ignore[arg-type]
        assert made == made_by_the_book("", b"\x01" + code + expiry)


def test_a_token_of_an_earlier_version_of_the_product_still_opens() -> None:
    signer().check("AQEAAAAAAAB1TJTq23KxQJqSnS8P6L6v", FILE)


@given(origins, expiries, st.integers(-(2**63), 2**63 - 1))
def test_tokens_with_a_grant_are_those_of_version_2(origin: Origin, expires_at: int | None, number: int) -> None:
    expiry = struct.pack(">Q", expires_at or 0)[2:]
    target = f"{origin.chat_id}/{origin.message_id}"
    for code, kind in enumerate(kinds, start=1):
        made = signer().sign(origin, scope="file", expires_at=expires_at, grant=Grant(kind, number))
        assert made == made_by_the_book(target, b"\x02\x01" + expiry + struct.pack(">bq", code, number))
        assert len(made) == 44


@given(origins, expiries, st.one_of(st.none(), grants))
def test_claims_of_a_file_token(origin: Origin, expires_at: int | None, grant: Grant | None) -> None:
    token = signer().sign(origin, scope="file", expires_at=expires_at, grant=grant)
    assert signer().claims(token, origin) == Claims("file", origin, expires_at, grant, 0)
    assert LinkSigner.expires_at(token) == expires_at


@pytest.mark.parametrize(("scope", "grant"), [("server", None), ("server", LINK), ("index", None), ("link", LINK)])
@pytest.mark.parametrize("origin", [None, FILE])
def test_claims_of_other_tokens_name_no_file(scope: Scope, grant: Grant | None, origin: Origin | None) -> None:
    token = signer().sign(None, scope=scope, expires_at=None, grant=grant)
    assert signer().claims(token, origin) == Claims(scope, None, None, grant, 0)


@pytest.mark.parametrize("scope", ["file", "server", "link"])
def test_a_token_with_a_grant_opens_nothing_by_itself(scope: Scope) -> None:
    origin = FILE if scope == "file" else None
    assert denied(signer().sign(origin, scope=scope, expires_at=None, grant=LINK), FILE).authenticated


@given(grants, st.integers(0, 33 * 8 - 1), st.booleans())
def test_a_token_of_version_2_with_a_flipped_bit_has_no_claims(grant: Grant, bit: int, whole: bool) -> None:
    token = signer().sign(None if whole else FILE, scope="server" if whole else "file", expires_at=NOW + 9, grant=grant)
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(AccessDenied, match="not valid"):
        signer().claims(base64.urlsafe_b64encode(raw).decode(), FILE)


@given(grants)
def test_a_grant_can_be_neither_taken_off_nor_changed(grant: Grant) -> None:
    """Truncated to a head of version 1, or with the grant of another token: the signature covers all of it."""
    raw = base64.urlsafe_b64decode(signer().sign(FILE, scope="file", expires_at=None, grant=grant))
    other = base64.urlsafe_b64decode(
        signer().sign(FILE, scope="file", expires_at=None, grant=Grant(grant.kind, grant.id ^ 1))
    )
    for forged in (b"\x01" + raw[1:8] + raw[17:], raw[:8] + raw[17:], other[:17] + raw[17:], raw[:24], raw + raw[:1]):
        with pytest.raises(AccessDenied, match="not valid"):
            signer().claims(base64.urlsafe_b64encode(forged).decode().rstrip("="), FILE)


def test_a_token_of_version_2_expires_with_its_own_text() -> None:
    clock = Clock()
    links = LinkSigner(SECRET, clock)
    token = links.sign(FILE, scope="file", expires_at=NOW + 60, grant=LINK)
    clock.now = NOW + 60
    with pytest.raises(AccessDenied, match="expired") as caught:
        links.claims(token, FILE)
    assert caught.value.authenticated


@pytest.mark.parametrize(
    ("scope", "grant"),
    [
        ("link", None),
        ("link", Grant("person", 1)),
        ("server", Grant("link", 2**63)),
        ("server", Grant("link", -(2**63) - 1)),
        ("server", Grant("group", 1)),  # type: ignore[arg-type]
    ],
)
def test_signing_with_a_wrong_grant_raises_value_error(scope: Scope, grant: Grant | None) -> None:
    with pytest.raises(ValueError, match="grant"):
        signer().sign(None, scope=scope, expires_at=None, grant=grant)


OLDER, OLDEST = b"an older secret of 16", b"the oldest secret of 16"


@pytest.mark.parametrize("grant", [None, LINK])
def test_tokens_of_old_secrets_are_accepted_and_tell_which(grant: Grant | None) -> None:
    now = LinkSigner(SECRET, Clock(), old=(OLDER, OLDEST))
    for number, secret in enumerate((SECRET, OLDER, OLDEST)):
        token = signer(secret).sign(FILE, scope="file", expires_at=NOW + 60, grant=grant)
        assert now.claims(token, FILE) == Claims("file", FILE, NOW + 60, grant, number)
        with pytest.raises(AccessDenied):
            now.claims(token, Origin(FILE.chat_id, 8))


def test_new_tokens_and_proofs_are_of_the_present_secret() -> None:
    now = LinkSigner(SECRET, Clock(), old=(OLDER,))
    signer().check(now.sign(FILE, scope="file", expires_at=None), FILE)
    assert now.prove("a") == signer().prove("a")


def test_a_token_of_an_old_secret_ends_when_that_is_taken_away() -> None:
    assert denied(signer(OLDER).sign(FILE, scope="file", expires_at=None), FILE).authenticated
