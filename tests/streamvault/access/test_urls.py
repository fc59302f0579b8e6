"""URLs with tokens, for any file name."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.links import Grant, LinkSigner, Scope
from streamvault.access.urls import DAY, LONGEST_NAME, SHORT_NAME, Caller, Urls, path_name, shortened
from streamvault.errors import AccessDenied
from tests.support.files import CHANNEL, media_file

NOW = 20_000 * DAY + 5000.0


@dataclass(frozen=True)
class Chosen:
    """The settings that links depend on."""

    public_url: str = "https://tv.example.org"
    public_access: bool = False


def signer(now: float = NOW) -> LinkSigner:
    return LinkSigner(b"a secret of the tests", clock=lambda: now)


def urls(chosen: Chosen | None = None) -> Urls:
    return Urls(chosen or Chosen(), signer(), clock=lambda: NOW)


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_both_links_open_their_file_and_no_other() -> None:
    file, other = media_file(7), media_file(8)
    links = urls().links(file)
    assert links.watch.startswith(f"https://tv.example.org/watch/{CHANNEL}/7?")
    assert links.download.startswith(f"https://tv.example.org/stream/{CHANNEL}/7/film%207.mp4?")
    assert query(links.download)["download"] == ["1"]
    for link in (links.watch, links.download):
        [token] = query(link)["token"]
        signer(NOW + 10_000 * DAY).check(token, file.origin)
        with pytest.raises(AccessDenied):
            signer().check(token, other.origin)


def test_with_public_access_links_carry_no_token() -> None:
    links = urls(Chosen(public_access=True)).links(media_file(7))
    assert "token" not in links.watch + links.download
    assert links.download.endswith("?download=1")


@pytest.mark.parametrize(
    ("public_url", "buttons"),
    [
        ("https://tv.example.org", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", False),
        ("http://LOCALHOST", False),
        ("http://media:8080", False),
        ("http://[::1]:8080", False),
        ("https://tv.example.org:8443/sub/folder", True),
    ],
)
def test_buttons_need_a_host_with_a_dot(public_url: str, buttons: bool) -> None:
    assert urls(Chosen(public_url)).buttons == buttons


def test_urls_begin_with_the_path_of_public_url() -> None:
    at = urls(Chosen("https://example.org/tv", public_access=True))
    assert at.links(media_file(7)).watch == f"https://example.org/tv/watch/{CHANNEL}/7"
    assert at.stream_path(media_file(7), caller=None) == f"/tv/stream/{CHANNEL}/7/film%207.mp4"
    assert at.thumb_path(media_file(7), caller=None) == f"/tv/thumb/{CHANNEL}/7"


def test_a_file_without_thumbnail_has_no_thumbnail_url() -> None:
    assert urls().thumb_path(media_file(7, thumb_sizes=()), caller=None) is None


def test_a_server_that_makes_pictures_has_a_thumbnail_url_for_films() -> None:
    at = Urls(Chosen(), signer(), stills=True)
    assert at.thumb_path(media_file(7, thumb_sizes=()), caller=None) == f"/thumb/{CHANNEL}/7"
    assert at.thumb_path(media_file(7, thumb_sizes=(), kind="voice"), caller=None) is None


def test_a_token_for_one_file_is_passed_on_unchanged() -> None:
    file = media_file(7)
    own = signer().sign(file.origin, scope="file", expires_at=int(NOW) + 60)
    assert query(urls().stream_path(file, caller=urls().caller(own)))["token"] == [own]


@pytest.mark.parametrize(("server_lasts", "file_lasts"), [(None, 2 * DAY - 5000), (60, 60), (30 * DAY, 2 * DAY - 5000)])
def test_a_token_for_the_server_gives_files_tokens_that_last_no_longer(
    server_lasts: int | None, file_lasts: int
) -> None:
    file = media_file(7)
    expires_at = None if server_lasts is None else int(NOW) + server_lasts
    caller = urls().caller(signer().sign(None, scope="server", expires_at=expires_at))
    for path in (urls().stream_path(file, caller=caller), urls().thumb_path(file, caller=caller)):
        assert path is not None
        [token] = query(path)["token"]
        signer(NOW + file_lasts - 1).check(token, file.origin)
        with pytest.raises(AccessDenied):
            signer(NOW + file_lasts).check(token, file.origin)
        with pytest.raises(AccessDenied):
            signer().check(token, None)


@given(st.text())
def test_any_name_is_one_path_segment(name: str) -> None:
    path = urlsplit(urls().stream_path(media_file(7, name=name), caller=None)).path
    assert path.isascii()
    segments = path.split("/")
    assert segments[:4] == ["", "stream", str(CHANNEL), "7"]
    assert len(segments) == 5
    assert segments[4] not in ("", ".", "..")
    assert unquote(segments[4]) == shortened(path_name(name), LONGEST_NAME)
    assert not set(path_name(name)) & set("/\\#%?;\r\n\0")


@pytest.mark.parametrize("name", ["Küche & Garten.mp4", "東京物語.mkv", "100 <b>[x]_y.mp4", "👩\u200d👩\u200d👧.webm"])
def test_ordinary_names_are_kept(name: str) -> None:
    segment = urlsplit(urls().stream_path(media_file(7, name=name), caller=None)).path.rpartition("/")[2]
    assert unquote(segment) == name


def test_characters_that_proxies_and_players_mangle_are_replaced() -> None:
    """M"""
    segment = urlsplit(urls().stream_path(media_file(7, name="50% off? #1; a/b\\c.mp4"), caller=None)).path
    assert unquote(segment.rpartition("/")[2]) == "50_ off_ _1_ a_b_c.mp4"
    assert not any(code in segment for code in ("%23", "%25", "%3F", "%3B", "%2F", "%5C"))


@pytest.mark.parametrize("stem", ["🎬" * 300, "👩\u200d👩\u200d👧" * 60, "東京物語" * 100, "фильм " * 200, "a" * 3000])
@pytest.mark.parametrize("extension", ["", ".mkv"])
def test_an_address_has_a_bounded_length_and_the_extension(stem: str, extension: str) -> None:
    """X"""
    segment = urlsplit(urls().stream_path(media_file(7, name=stem + extension), caller=None)).path.rpartition("/")[2]
    assert LONGEST_NAME - 20 < len(segment) <= LONGEST_NAME
    assert unquote(segment).endswith(extension)
    assert (stem + extension).startswith(unquote(segment).removesuffix(extension).rstrip())


def test_names_of_usual_length_are_whole_in_every_script() -> None:
    """X"""
    for name in ("Очень длинное название фильма о путешествии на край света и обратно.mkv", "電影" * 50 + ".mkv"):
        assert unquote(urls().stream_path(media_file(7, name=name), caller=None)).partition("?")[0].endswith(name)


@given(st.text(min_size=100, max_size=400).map(path_name), st.sampled_from(["", ".mp4", ".映画", "." + "x" * 300]))
def test_long_names_are_shortened_and_keep_their_extension(stem: str, extension: str) -> None:
    short = shortened(stem + extension)
    quoted = urlsplit(urls().links(media_file(7, name=stem + extension)).download).path.rpartition("/")[2]
    assert len(quoted) <= SHORT_NAME
    if extension in (".mp4", ".映画"):
        assert short.endswith(extension)


GRANT = Grant("person", 42)


@pytest.mark.parametrize("scope", ["server", "link"])
@pytest.mark.parametrize("in_path", [False, True])
def test_the_grant_of_a_caller_is_passed_on(scope: Scope, in_path: bool) -> None:
    file, grant = media_file(7), Grant("link", 42)
    token = signer().sign(None, scope=scope, expires_at=int(NOW) + 60, grant=grant)
    caller = urls().caller(token, in_path=in_path)
    assert caller == Caller(grant=grant, expires_at=int(NOW) + 60, in_path=in_path)
    path = urls().stream_path(file, caller=caller)
    passed = path.split("/")[2] if in_path else query(path)["token"][0]
    claims = signer().claims(passed, file.origin)
    assert (claims.scope, claims.grant, claims.expires_at) == ("file", grant, int(NOW) + 60)


def test_a_caller_of_another_credential_gets_tokens_with_its_grant() -> None:
    file = media_file(7)
    [token] = query(urls().thumb_path(file, caller=Caller(grant=GRANT)) or "")["token"]
    claims = signer().claims(token, file.origin)
    assert (claims.grant, claims.expires_at) == (GRANT, int(NOW) - 5000 + 2 * DAY)


def test_tokens_in_the_path_stand_behind_the_path_of_public_url() -> None:
    at = urls(Chosen("https://example.org/s/tv"))
    own = signer().sign(media_file(7).origin, scope="file", expires_at=None)
    caller = at.caller(own, in_path=True)
    path = at.stream_path(media_file(7, name="50% Küche/?.mp4"), caller=caller)
    assert path == f"/s/tv/s/{own}/stream/{CHANNEL}/7/50_%20K%C3%BCche__.mp4"
    assert at.absolute(path) == f"https://example.org{path}"
    assert at.thumb_path(media_file(7), caller=caller) == f"/s/tv/s/{own}/thumb/{CHANNEL}/7"
    public = urls(Chosen(public_access=True))
    assert public.thumb_path(media_file(7), caller=caller) == f"/thumb/{CHANNEL}/7"


@pytest.mark.parametrize("secret", ["sv_" + "x" * 43, "x", "", "../..", "x" * 31, "x" * 45])
def test_a_credential_that_is_no_link_token_comes_into_no_address(secret: str) -> None:
    assert urls().caller(secret) is None
    assert urls().stream_path(media_file(7), caller=urls().caller(secret)).startswith(f"/stream/{CHANNEL}/7/")
    assert "?" not in urls().stream_path(media_file(7), caller=urls().caller(secret))


def test_links_of_a_grant_end_with_it() -> None:
    file = media_file(7)
    links = urls().links_to(file.origin, name=file.name, expires_at=int(NOW) + 60, grant=GRANT)
    for url in (links.watch, links.download):
        claims = signer().claims(query(url)["token"][0], file.origin)
        assert (claims.grant, claims.expires_at) == (GRANT, int(NOW) + 60)
