"""How yt-dlp is called: what people write is an address, and never an option."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.ytdlp.command import fetch_arguments, items_text, look_arguments, plain_address, typed

PROXY = "http://child:secret@127.0.0.1:4711"
OPTIONS = (
    "--exec=touch x", "-o/etc/x", "--config-locations=/etc/yt-dlp.conf", "--", "-", "", "ytsearch:garden", "file:///etc/passwd",
    "ftp://example.org/x", "javascript:alert(1)", "//example.org/x", "example.org/x", "http:///x", "https://a\nb/",
    "http://exa mple.org/", "\u2014\u2014exec=x",
)  # fmt: skip


def test_what_is_no_web_address_is_refused() -> None:
    for text in OPTIONS:
        with pytest.raises(SourceRefused):
            plain_address(text)


@given(st.text(max_size=40))
def test_an_address_stays_one_word_that_is_no_option(tail: str) -> None:
    try:
        address = plain_address(f"https://example.org/{tail}")
    except SourceRefused:
        return
    words = shlex.split(typed(PROXY, address).decode(), comments=True)
    assert words == ["--proxy", PROXY, address]
    assert address.startswith("https://example.org/")
    assert address.isascii()


def test_addresses_keep_their_bytes() -> None:
    kept = "https://user:p%40ss@example.org:8443/a%2Fb'c\"?q=1&r=%2B#t=5"
    assert plain_address(f" {kept}\n") == kept.replace('"', "%22")
    assert plain_address("https://example.org/Фильм 1") == "https://example.org/%D0%A4%D0%B8%D0%BB%D1%8C%D0%BC%201"


def test_nothing_secret_is_an_argument_and_nobodys_settings_are_read() -> None:
    for arguments in (look_arguments(tools=()), fetch_arguments(tools=("ffmpeg", "ffprobe", "deno"), items="2")):
        assert arguments[:2] == ["--ignore-config", "--no-plugin-dirs"]
        assert arguments[-3:] == ["--config-locations", "-", "--"]
        assert not any("secret" in one or "exec" in one or "://" in one for one in arguments)


def test_formats_that_need_a_program_are_left_out_without_it() -> None:
    formats = [
        arguments[arguments.index("--format") + 1]
        for arguments in (fetch_arguments(tools=()), fetch_arguments(tools=("ffmpeg", "ffprobe")))
    ]
    assert "+" not in formats[0]
    assert formats[1].startswith("bv*[")
    assert "--js-runtimes" not in look_arguments(tools=())
    assert "--js-runtimes" in look_arguments(tools=("deno",))


def test_entries_are_chosen_by_their_numbers() -> None:
    assert items_text(()) == ""
    assert items_text((), after=50) == "51:"
    assert items_text((1, 3, 7)) == "1,3,7"
    assert items_text((1, 3, 7), after=3) == "7"
    assert items_text((1, 3), after=3) == "0"
