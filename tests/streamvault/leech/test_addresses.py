"""Addresses of sources: checked, shown, and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import MAX_ADDRESS, read_address

ALL = ("http", "https", "ftp", "magnet")
HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
V2 = "d8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb"


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("https://user:p%40ss@host/x.mkv", "https://host/x.mkv"),
        ("ftp://anonymous:me%40here@Host:2121/a%20b/%23 1[x].mkv", "ftp://Host:2121/a%20b/%23 1[x].mkv"),
        ("http://token@host", "http://host"),
        ("https://a:b@c@host/x", "https://host/x"),
        ("https://us:er:p/../@[::1]:80/x?y=z@w", ""),
        ("HTTPS://u:p@host/a%27b%2Bc%2520d%2Fe?sig=Zm9v%2BYmFy%3D#t@1", "https://host/a%27b%2Bc%2520d%2Fe?sig=Zm9v%2BYmFy%3D#t@1"),
    ],
)  # fmt: skip
def test_credentials_are_not_shown(full: str, shown: str) -> None:
    """H15."""
    if not shown:  # a slash ends the authority: no credentials, and no port that is a number
        with pytest.raises(SourceRefused, match="not valid"):
            read_address(full)
        return
    address = read_address(full)
    assert (address.full, address.shown, address.credentials) == (full, shown, True)


@pytest.mark.parametrize(
    "text",
    ["https://host/a%27b%2Bc%2520d%2Fe.mkv?sig=Zm9v%2BYmFy%3D&n=http%3A//e/", "http://host", "ftp://host/Фильм 1.mkv",
     "https://host/x@y", "https://例え.テスト/三体.mkv", "http://[::1]:8000/x", "https://t.me/c/123/45?single"],
)  # fmt: skip
def test_without_credentials_it_is_shown_as_it_was_given(text: str) -> None:
    address = read_address(f"  {text}\n")
    assert (address.full, address.shown, address.credentials) == (text, text, False)


@pytest.mark.parametrize(
    "spellings",
    [
        ("https://host/x", "HTTPS://HOST:443/x", "https://host./x#part"),
        ("http://host", "http://host/", "http://host:80"),
        ("ftp://host:21/%7Ea%2fb", "ftp://host/~a%2Fb"),
        ("https://host/Фильм.mkv", "https://host/%d0%a4%d0%b8%d0%bb%d1%8c%d0%bc.mkv"),
        ("https://bücher.example/a b", "https://xn--bcher-kva.example/a%20b"),
        (f"magnet:?xt=urn:btih:{HASH}", f"magnet:?dn=Film&xt=urn:btih:{HASH.upper()}&tr=http://t/KEY",
         "magnet:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK",
         f"magnet:?xt.1=urn:btih:{HASH}&xt.2=urn:btmh:1220{V2}"),
        (f"magnet:?xt=urn:btmh:1220{V2}", f"magnet:?xt=urn:btmh:1220{V2.upper()}&dn=x"),
    ],
)  # fmt: skip
def test_spellings_of_the_same_source(spellings: tuple[str, ...]) -> None:
    """T2, and duplicates."""
    assert len({read_address(one, schemes=ALL).same for one in spellings}) == 1


def test_other_sources_are_others() -> None:
    texts = (
        "https://host/x", "http://host/x", "https://host/X", "https://host:8443/x", "https://host/x?a=1",
        "https://host/a%2Fb", "https://host/a/b", "https://host/a%2Bb", "https://host/a+b", "https://u@host/x",
        "https://u:p@host/x", "https://host2/x",
    )  # fmt: skip
    assert len({read_address(one).same for one in texts}) == len(texts)


def test_passkeys_of_trackers_are_not_shown() -> None:
    """T10."""
    address = read_address(f"magnet:?xt=urn:btih:{HASH}&dn=A%20Film&tr=https%3A%2F%2Ft%2FPASSKEY", schemes=ALL)
    assert address.shown == f"magnet:?xt=urn:btih:{HASH}&dn=A%20Film"
    assert "PASSKEY" in address.full


@pytest.mark.parametrize(
    "text",
    ["", "   ", "host/x", "file:///etc/passwd", "javascript:alert(1)", "gopher://host/", "data:,x", "https:///x",
     "https:host", "http://", "http://host:99999/", "http://host:x/", "http://host:0/", "http://[::1/", "ftp:/host",
     "https://host/\ud800", "https://ho\nst/", "https://host/\0", "--exec=x", "magnet:?dn=x", "magnet:?xt=urn:btih:1",
     "magnet:?xt=urn:btih:" + "\u00e9" * 32,
     "https://" + "x" * MAX_ADDRESS, "https://u:SECRET@:80/", "https://ho\u2100st/", "https://." + "é" * 64 + "/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        read_address(text, schemes=ALL)
    assert "SECRET" not in str(refused.value)


def test_torrents_only_where_they_are_taken() -> None:
    with pytest.raises(SourceRefused, match=r"by LEECH_TORRENTS=true\."):
        read_address(f"magnet:?xt=urn:btih:{HASH}")


@given(st.text(max_size=60), st.sampled_from(["", "https://", "ftp://u:p@", "magnet:?xt=urn:btih:", "http://h/?"]))
def test_any_text_is_an_address_or_refused(text: str, start: str) -> None:
    try:
        address = read_address(start + text, schemes=ALL)
    except SourceRefused:
        return
    assert read_address(address.full, schemes=ALL) == address
    assert address.same.encode()
    assert read_address(address.shown, schemes=ALL).shown == address.shown
