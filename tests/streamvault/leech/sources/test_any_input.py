"""Whatever is given or sent, addresses and names are read or refused, and nothing else happens."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.sources.disposition import disposition_name
from streamvault.leech.sources.http.cookies import Cookies
from streamvault.leech.sources.http.fields import Fields
from streamvault.leech.sources.http.ranges import parse_content_range
from streamvault.leech.sources.http.refusals import LONGEST_WAIT, retry_after
from streamvault.leech.sources.names import LONGEST, name_of
from streamvault.leech.sources.urls import Url, parse_url, resolve_reference

BASE = parse_url("http://user:pass@host.example/a/b?c")
MARKS = ("http://", "https:", "//", "/", "..", "?", "#", "@", ":", "[", "]", "\\", "%", "%2F", "%00")
PIECES = st.sampled_from((*MARKS, "a.example", "1", "0x7f", "é", "。", "xn--", " "))
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join))
FIELDS = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [b"filename", b"*", b"*0", b"=", b'"', b";", b"utf-8''", b"%41", b"=?utf-8?B?", b"?=", b"/", b" "]
        ),
        max_size=15,
    ).map(b"".join),
)


def _is_sent_safely(url: Url) -> bool:
    sent = url.target + url.authority
    return sent.isascii() and not any(ord(letter) <= 32 or ord(letter) == 127 for letter in sent)


@given(TEXTS)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for given_text in (text, f"http://{text}", f"http://host.example/{text}"):
        try:
            url = parse_url(given_text)
        except SourceRefused:
            continue
        assert _is_sent_safely(url)
        assert url.target.startswith(("/", "?")) or "/" in url.target
        assert parse_url(url.shown).target == url.target


@given(st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary()))
def test_any_location_is_an_address_or_refused(reference: bytes) -> None:
    try:
        url = resolve_reference(BASE, reference)
    except SourceRefused:
        return
    assert _is_sent_safely(url)
    assert url.scheme in ("http", "https")


@given(FIELDS, TEXTS, st.text(max_size=30), st.binary(max_size=40))
def test_any_header_gives_a_name_of_one_segment(field: bytes, text: str, content_type: str, head: bytes) -> None:
    try:
        url = parse_url(f"http://host.example/{text}")
    except SourceRefused:
        url = BASE
    for disposition in (field, b"attachment; " + field, None):
        name = name_of(disposition, (BASE, url), content_type, head)
        assert name.strip(". ")
        assert len(name.encode()) <= LONGEST
        assert not any(letter in "/\\" or ord(letter) < 32 for letter in name)


@given(FIELDS)
def test_any_field_is_read(field: bytes) -> None:
    assert isinstance(disposition_name(field), str)
    told = parse_content_range(field)
    assert told is None or told.start is None or told.start >= 0
    Cookies().take(BASE, [field])
    wait = retry_after(Fields([(b"retry-after", field), (b"date", field)]), 0.0)
    assert wait is None or 0 <= wait <= LONGEST_WAIT
