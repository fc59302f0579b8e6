"""H6, H13, H15: addresses byte for byte, references as RFC 3986 resolves them, and no password where one is shown."""

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.sources.urls import parse_url, resolve_reference

BASE = parse_url("http://a.example/b/c/d;p?q")


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (
            "http://h.example/a%27b%2Bc%2520d%2Fe.mkv?sig=Zm9v%2BYmFy%3D&n=http%3A//e/",
            "/a%27b%2Bc%2520d%2Fe.mkv?sig=Zm9v%2BYmFy%3D&n=http%3A//e/",
        ),
        ("http://h.example", "/"),
        ("http://h.example?x=1", "/?x=1"),
        ("http://h.example/a?", "/a?"),
        ("http://h.example/%7e%7E~%zz%", "/%7e%7E~%zz%"),
        ("http://h.example/a/../b/./c", "/a/../b/./c"),
        ("http://h.example//a//b?x=?&y=/#part", "//a//b?x=?&y=/"),
        ("  http://h.example/a b.mkv ", "/a%20b.mkv"),
        ("http://h.example/é?ü", "/%C3%A9?%C3%BC"),
        ("http://h.example/[1]|{x}^\"'<>`\\", "/[1]|{x}^\"'<>`\\"),
    ],
)
def test_path_and_query_stay_as_they_are_but_for_illegal_bytes(given: str, target: str) -> None:
    assert parse_url(given).target == target


@pytest.mark.parametrize(
    ("reference", "resolved"),
    [
        (b"g", "/b/c/g"),
        (b"./g", "/b/c/g"),
        (b"g/", "/b/c/g/"),
        (b"/g", "/g"),
        (b"?y", "/b/c/d;p?y"),
        (b"g?y", "/b/c/g?y"),
        (b"#s", "/b/c/d;p?q"),
        (b"g#s", "/b/c/g"),
        (b";x", "/b/c/;x"),
        (b"", "/b/c/d;p?q"),
        (b".", "/b/c/"),
        (b"..", "/b/"),
        (b"../g", "/b/g"),
        (b"../../../../g", "/g"),
        (b"/./g", "/g"),
        (b"/../g", "/g"),
        (b"g.", "/b/c/g."),
        (b"..g", "/b/c/..g"),
        (b"./../g", "/b/g"),
        (b"g;x=1/../y", "/b/c/y"),
        (b"g?y/../x", "/b/c/g?y/../x"),
        (b"/a%27b%2Bc%2520d%2Fe.mkv?n=http%3A//e/", "/a%27b%2Bc%2520d%2Fe.mkv?n=http%3A//e/"),
        (b"/caf\xe9.mkv", "/caf%E9.mkv"),
        ("/café.mkv?テ".encode(), "/caf%C3%A9.mkv?%E3%83%86"),
        (b"/a b.mkv", "/a%20b.mkv"),
    ],
)
def test_references_on_the_same_host(reference: bytes, resolved: str) -> None:
    assert resolve_reference(BASE, reference).shown == f"http://a.example{resolved}"


@pytest.mark.parametrize(
    ("reference", "resolved"),
    [
        (b"//host.example/x", "http://host.example/x"),
        (b"//host.example", "http://host.example/"),
        (b"//host.example:8080?x", "http://host.example:8080/?x"),
        (b"https://host.example/x/../y%2f", "https://host.example/x/../y%2f"),
        (b"HTTPS://HOST.example:443/", "https://host.example/"),
        ("http://bücher.example/ü".encode(), "http://xn--bcher-kva.example/%C3%BC"),
        ("http://bücher.example/ü".encode("latin-1"), "http://xn--bcher-kva.example/%FC"),
    ],
)
def test_references_to_other_hosts(reference: bytes, resolved: str) -> None:
    assert resolve_reference(BASE, reference).shown == resolved


def test_a_reference_to_another_host_takes_no_login_along() -> None:
    base = parse_url("https://user:p%40ss@a.example/x")
    assert base.login == (b"user", b"p@ss")
    assert resolve_reference(base, b"//b.example/y").login is None
    assert not base.trusts(resolve_reference(base, b"//b.example/y"))
    assert base.trusts(resolve_reference(base, b"/y"))


@pytest.mark.parametrize(
    ("first", "second", "trusted"),
    [
        ("http://a.example/", "https://a.example/x", True),
        ("https://a.example/", "http://a.example/x", False),
        ("http://a.example/", "http://a.example:8080/x", False),
        ("http://a.example:8080/", "https://a.example/x", False),
        ("http://a.example/", "http://sub.a.example/", False),
        ("http://A.example./", "http://a.example/", True),
    ],
)
def test_whom_a_login_is_sent_to(first: str, second: str, trusted: bool) -> None:
    assert parse_url(first).trusts(parse_url(second)) is trusted


@pytest.mark.parametrize("given", ["https://user:p%40ss@h.example/x.mkv", "https://user:p@ss@h.example/x.mkv"])
def test_nothing_that_is_shown_holds_the_password(given: str) -> None:
    url = parse_url(given)
    assert url.login == (b"user", b"p@ss")
    assert url.shown == "https://h.example/x.mkv"
    assert "ss" not in repr(url).replace("https", "")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("ftp://h.example/x", "ftp: is not read here"),
        ("file:///etc/passwd", "file: is not read here"),
        ("gopher://127.0.0.1:6379/_x", "gopher: is not read here"),
        ("javascript:alert(1)", "does not begin with http"),
        ("http:/h.example/", "does not begin with http"),
        ("//h.example/x", "does not begin with http"),
        ("h.example/x", "does not begin with http"),
        ("", "does not begin with http"),
        ("http://", "names no host"),
        ("http://user@/", "names no host"),
        ("http://good.example\\@127.0.0.1/", "backslash"),
        ("http://127.0.0.1\\.good.example/", "backslash"),
        ("http://h.example:0/", "port that does not exist"),
        ("http://h.example:65536/", "port that does not exist"),
        ("http://h.example:99999999/", "port that does not exist"),
        ("http://h.example:80:80/", "port that is no number"),
        ("http://h.example:x/", "port that is no number"),
        ("http://::1/", "port that is no number"),
        ("http://h.example/\r\nX: y", "control characters"),
        ("http://h\x00.example/", "control characters"),
        ("http://h.example/" + "x" * 20_000, "longer than"),
        ("http://[::1%25lo]/", "network interface"),
    ],
)
def test_what_is_no_address(given: str, what: str) -> None:
    with pytest.raises(SourceRefused, match=what):
        parse_url(given)


@pytest.mark.parametrize("given", ["http://good.example@127.0.0.1/x", "http://a:b@good.example@127.0.0.1/x"])
def test_the_host_is_what_stands_behind_the_last_at(given: str) -> None:
    assert parse_url(given).authority == "127.0.0.1"


@pytest.mark.parametrize(
    "reference", [b"ftp://h.example/", b"file:///etc/passwd", b"data:text/plain,x", b"mailto:a@b.c"]
)
def test_a_redirect_to_another_scheme_is_refused(reference: bytes) -> None:
    with pytest.raises(SourceRefused, match=r"is not read here|no web address"):
        resolve_reference(BASE, reference)
