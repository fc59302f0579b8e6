"""Nothing that opens something is in a log line, however it stands there; ordinary lines stay as they are."""

import json
import logging
from collections.abc import Callable
from itertools import product
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.links import Grant, LinkSigner, Scope
from streamvault.access.users import UserSigner
from streamvault.logs.redaction import redacted
from streamvault.logs.setup import configure_logging
from streamvault.media.model import Origin
from tests.streamvault.logs.test_setup import restore_root_logger as restore_root_logger

FILE = Origin(-1001234567890, 7)
LINKS = LinkSigner(b"a secret of the tests")
V1 = LINKS.sign(FILE, scope="file", expires_at=None)
V2 = LINKS.sign(FILE, scope="file", expires_at=1_900_000_000, grant=Grant("link", -(2**61)))
API = "sv_" + "-aB3_" * 8 + "xyz"
BOT = "123456789:AA-bcdefghijklmnopqrstuvwxyz01_345"
COOKIE = UserSigner(b"a secret of the tests").sign("ab" * 16)
ONCE = "Zq3-_x9" * 4
SESSION = f"0123456789abcdef.{API[3:]}"
SECRETS = (V1, V2, API, BOT, COOKIE, ONCE, SESSION, f"svs_{SESSION}", "odd.secret~1")
"""As they are given out: link tokens, an API token, a bot's, cookies, a one-time link, sessions; and one of no form."""


def plain(text: str) -> str:
    return text


def encoded(text: str) -> str:
    return quote(text, safe="")


def twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="")


def every_character(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text)


FORMS = (plain, encoded, twice, every_character)

ADDRESSES = (
    "https://tv.example.org/s/{}/stream/-1001/2/film.mp4", "/s/{}/api/catalog.m3u8", "/tv/s/{}/thumb/-1001/2?w=160",
    "/stream/-1001/2?token={}", "/stream/-1001/2/a.mp4?download=1&token={}&x=1", "/x?a=1;token={}", "/X?TOKEN={}",
    "https://tv.example.org/login/{}", "/tv/login/{}?next=/", "/api/login/wait?code={}", "https://t.me/vault_bot?start={}",
    "/stremio/{}/manifest.json", "/dav/{}/Films/a.mkv",
)  # fmt: skip
HEADERS = (
    "Authorization: Bearer {}", "authorization: bearer  {}", "Authorization: Basic {}", "Authorization:{}",
    "AUTHORIZATION={}", "Proxy-Authorization: Basic {}", "Cookie: a=b; sv_session={}; c=d", "Cookie: a=b; other={}",
    "Set-Cookie: sv_user={}; Path=/", "{{'Authorization': 'Bearer {}', 'x': 'y'}}",
    '{{"cookie": "a={}"}}', "[(b'authorization', b'Bearer {}'), (b'a', b'b')]",
    "(b'cookie', b'sv_user={}')", "headers=Headers({{'set-cookie': 'a=\"{}\"; b'}})", "sent Bearer {} to it",
    "the cookie __Host-sv_session={} is", "sv_user={};", "'authorization', 'it\\'s {}'",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_secret_of_an_address_is_written(address: str) -> None:
    arounds = ("{}", "GET {} failed", "ValueError('{}')", '"{}"', "Referer: {}", "<a href='{}'>", "next={}")
    for form, secret, around in product(FORMS, SECRETS, arounds):
        text = redacted(around.format(form(address.format(secret))))
        for shown in FORMS:
            assert shown(secret) not in text
        assert "***" in text


@pytest.mark.parametrize("header", HEADERS)
def test_no_secret_of_a_header_field_is_written(header: str) -> None:
    for secret, around in product(SECRETS, ("{}", "sent {}", "a: b\r\n{}\r\nHost: x", "  {}\n")):
        text = redacted(around.format(header.format(secret)))
        assert secret not in text
        assert "***" in text


FIELDS = (
    "token={}", "access_token={}", "token = {}", "a: b, token='{}', c", "{{'token': '{}'}}", '{{"token":"{}","x":1}}',
    "{{'secret': '{}'}}", "('token', '{}')", "BotConfig(token='{}', x=1)",
)  # fmt: skip
CODES = (
    "code={}", "code: {}", "{{'code': '{}'}}", '{{"code": "{}", "x": 1}}', "('code', '{}')", "/login {}",
    "/login@vault_bot {}", "/start login_{}", "/start@vault_bot login_{}", "login_{}",
    "a press of 'login:{}:0123456789abcdef:47'",
)  # fmt: skip
INVITATIONS = ("/start invite_{}", "/start@vault_bot invite_{}", "'invite_{}'", "a press of 'withdraw:{}'")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", FIELDS)
def test_no_secret_of_a_field_is_written(field: str, form: Callable[[str], str]) -> None:
    for secret in SECRETS:
        assert form(secret) not in redacted(field.format(form(secret)))


@pytest.mark.parametrize("code", ["4F7K2M9Q", "4F7K-2M9Q", "4f7k-2m9q", "00000000", "ZZZZ-9999"])
@pytest.mark.parametrize("text", CODES)
def test_no_code_of_a_log_in_is_written(text: str, code: str) -> None:
    written = redacted(text.format(code))
    assert code not in written
    assert "0123456789abcdef" not in written
    assert "***" in written


@pytest.mark.parametrize("text", INVITATIONS)
@given(st.text("abcXYZ019_-", min_size=43, max_size=43), st.sampled_from(FORMS))
def test_no_invitation_is_written(text: str, token: str, form: Callable[[str], str]) -> None:
    assert redacted(text.format(form(token))) == text.format("***")


scopes: st.SearchStrategy[Scope] = st.sampled_from(["file", "server", "index", "link"])
numbers = st.integers(-(2**63), 2**63 - 1)


@given(scopes, st.one_of(st.none(), numbers), st.one_of(st.none(), st.integers(1, 2**48 - 1)), st.sampled_from(FORMS))
def test_a_link_token_is_known_by_its_form(
    scope: Scope, number: int | None, expires_at: int | None, form: Callable[[str], str]
) -> None:
    grant = None if number is None and scope != "link" else Grant("link", number or 0)
    token = LINKS.sign(FILE if scope == "file" else None, scope=scope, expires_at=expires_at, grant=grant)
    for around in ("{}", "a {} b", "'{}'", "({})", "{},", "x={}", "/{}/", "{}."):
        assert redacted(around.format(form(token))) == around.format("***")


@given(st.text("abcXYZ019_-", min_size=43, max_size=43), st.sampled_from(FORMS))
def test_an_api_token_is_known_by_its_form(text: str, form: Callable[[str], str]) -> None:
    for around in ("{}", "a {} b", "'{}'", "user:{}@host", "%20{}%20", "key={}"):
        assert form("sv_" + text) not in redacted(around.format(form("sv_" + text)))


ORDINARY = (
    "a basic group cannot be served before it is turned into a supergroup",
    "exported the authorization to data centre 4", "the authorization exported to data centre 2 has expired",
    "links and cookies signed with /data/secret_key are accepted as well: delete it to end them",
    "the stream of -1001234567890/42 is aborted: no answer", "GET '/stream/-1001/2/film.mp4' failed",
    "/stream/-1001/2/a%20b.mp4?download=1&x=2", "file AgADqQADx3pQUwAgADqQADx3pQUwAgA of 12 MiB", "streamvault_v2",
    "the cookie sv_user is set", "12:34:56 at 2001:db8::1", "sha256:" + "0123456789abcdef" * 4, "/api/login/start",
    "/logins/x and /assets/s.js", "proxy 127.0.0.1:1080 answers in 12 ms", "a bearer token is needed",
    "exit code=1", "error code: 420", "code=404, reason", "{'code': 400, 'token': None}", "the token: it has ended",
    "/login sent by 42", "login:x", "invite_x", "/start invite_", "FloodWait code=420 (caused by auth.SendCode)",
)  # fmt: skip


@pytest.mark.parametrize("secret", [SESSION, f"svs_{SESSION}", API, BOT])
@pytest.mark.parametrize("form", FORMS)
def test_what_has_a_form_of_its_own_is_found_anywhere(secret: str, form: Callable[[str], str]) -> None:
    for around in ("{}", "a {} b", "'{}'", "({})", "x={}&y=1", "/{}/"):
        text = redacted(around.format(form(secret)))
        assert form(secret) not in text
        assert form(secret[-40:]) not in text


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert redacted(line) == line


def test_what_stands_around_a_secret_stays() -> None:
    assert redacted(f"GET /s/{V1}/stream/-1/2/a.mp4?x=1 failed") == "GET /s/***/stream/-1/2/a.mp4?x=1 failed"
    assert redacted(f"/s%2F{V1}%2Fstream") == "/s%2F***%2Fstream"
    assert redacted(f"[('Cookie', 'a={COOKIE}'), ('Host', 'x')]") == "[('Cookie', '***'), ('Host', 'x')]"


@pytest.mark.parametrize("form", ["console", "json"])
def test_both_forms_of_the_log_are_clean(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", form, secrets=['quoted"secret\\1'])
    for template in (*ADDRESSES, *HEADERS):
        for secret in SECRETS:
            try:
                raise ValueError(template.format(secret))
            except ValueError:
                logging.getLogger(template).exception("%s and %s", template.format(secret), 'quoted"secret\\1')
    written = capsys.readouterr().err
    assert len(written) > 10_000
    assert [secret for secret in (*SECRETS, "secret\\1") if secret in written] == []
    if form == "json":
        assert all(json.loads(line)["message"] for line in written.splitlines())


@pytest.mark.parametrize(
    "piece",
    [
        "%25",
        "%",
        "/s/",
        "sv_",
        "'cookie', '",
        "Cookie: ",
        "?token=",
        "token='",
        "code: ",
        "/login ",
        "login_",
        "invite_",
        "A",
        "\\'",
        "%252525",
    ],
)
def test_long_lines_of_strangers_cost_little(piece: str) -> None:
    """The work grows with the length, not with its square: a pattern that backtracks would not end in time."""
    assert V1 not in redacted(piece * (200_000 // len(piece)) + f"'\n?token={V1}")
