"""What is made of yt-dlp's lines and messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import NotYet, SourceFailed, SourceRefused
from streamvault.leech.ytdlp.lines import LONGEST_REASON, Beside, Entry, Progress, Written, error_of, parse_line

PAGE = {"_type": "url", "id": "x", "title": "One", "url": "x", "webpage_url": "https://example.org/x"}
VIDEO = {
    "id": "x", "title": "Garden", "url": "https://cdn.example.org/x.mp4", "ext": "mp4", "protocol": "https",
    "http_headers": {"Referer": "https://example.org/"}, "filesize": 1000, "filesize_approx": 900,
}  # fmt: skip


def entry(**values: object) -> Entry:
    found = parse_line(f"E {json.dumps(values)}")
    assert isinstance(found, Entry)
    return found


def test_entries_are_read() -> None:
    found = entry(**PAGE, playlist_title="All", playlist_index=3, playlist_count=2000)
    assert (found.url, found.reference, found.number) == ("https://example.org/x", True, 3)
    assert (found.list_title, found.told) == ("All", 2000)
    found = entry(**VIDEO, requested_subtitles={"en": {"url": "https://e.org/en.vtt", "ext": "vtt"}})
    assert (found.url, found.size, found.exact, found.is_plain) == (VIDEO["url"], 1000, True, True)
    assert found.subtitles == (Beside("en", "vtt", "https://e.org/en.vtt"),)
    assert entry(**{**VIDEO, "filesize": None, "filesize_approx": None}, duration=10, tbr=800).size == 1_000_000
    assert entry(title="begins later", live_status="is_upcoming", release_timestamp=5).starts == 5
    assert entry(is_live=True).live == "is_live"


def test_what_is_more_than_one_open_file_is_not_plain() -> None:
    for changes in (
        {"protocol": "m3u8_native"}, {"requested_formats.:.protocol": ["https", "https"]}, {"cookies": "a=b"},
        {"url": None}, {"protocol": "rtmp"},
    ):  # fmt: skip
        assert not entry(**{**VIDEO, **changes}).is_plain, changes


def test_progress_and_written_files_are_read() -> None:
    assert parse_line('P {"downloaded_bytes": 5, "total_bytes_estimate": 7.5}') == Progress(5, 7)
    line = {
        "filepath": "/f/file.mp4", "requested_subtitles": {"de": {"ext": "vtt", "filepath": "file.de.vtt"}},
        "thumbnails": [{"url": "x"}, {"filepath": "file.jpg"}],
    }  # fmt: skip
    assert parse_line(f"F {json.dumps(line)}") == Written(
        "/f/file.mp4", (Beside("de", "vtt", None, "file.de.vtt"),), ("file.jpg",)
    )


@given(st.sampled_from("EPF"), st.recursive(st.none() | st.floats() | st.text(), lambda one: st.lists(one)))
def test_other_values_do_no_harm(kind: str, value: object) -> None:
    names = (*PAGE, *VIDEO, "requested_subtitles", "thumbnails", "downloaded_bytes", "release_timestamp", "filepath")
    parse_line(f"{kind} {json.dumps(dict.fromkeys(names, value))}")
    parse_line(f"{kind} {json.dumps(value)}")
    parse_line(f"{kind} not JSON")


SENTENCES = {
    "ERROR: [generic] dead: Unable to download webpage: HTTP Error 404: Not Found (caused by <HTTPError 404>)": (
        SourceRefused, "yt-dlp: Unable to download webpage: HTTP Error 404: Not Found"
    ),
    "ERROR: [youtube] abc: Video unavailable. This video is private": (
        SourceRefused, "yt-dlp: Video unavailable. This video is private"
    ),
    "ERROR: [x] y: Unable to download webpage: HTTP Error 503: Busy": (
        SourceFailed, "yt-dlp: Unable to download webpage: HTTP Error 503: Busy"
    ),
    "WARNING: a\nERROR: [x] y: The read operation timed out": (SourceFailed, "yt-dlp: The read operation timed out"),
    "ERROR: Unsupported URL: https://user:pa55@example.org/": (
        SourceRefused, "yt-dlp: Unsupported URL: https://example.org/"
    ),
    "WARNING: [x] y: This video is DRM protected": (SourceRefused, "yt-dlp: This video is DRM protected"),
    "ERROR: [x] y: Log in first. Use --cookies, --username and --password": (SourceRefused, "yt-dlp: Log in first"),
    "WARNING: Live HLS streams are not supported by the native downloader.\nERROR: ffmpeg exited with code 1": (
        SourceRefused, "this is a live stream, which has no end: add it again when it is over"
    ),
    "": (SourceFailed, "yt-dlp ended without saying why"),
}  # fmt: skip


@pytest.mark.parametrize("messages", SENTENCES)
def test_messages_become_sentences(messages: str) -> None:
    error = error_of(messages)
    assert (type(error), str(error)) == SENTENCES[messages]


def test_what_begins_later_says_when() -> None:
    """By message: seconds."""
    for message, seconds in {
        "ERROR: [x] y: This live event will begin in 2 hours.": 7200,
        "ERROR: [x] y: Premieres in 45 minutes": 2700,
        "ERROR: [x] y: This stream starts in 3 days": 259_200,
    }.items():
        error = error_of(message)
        assert isinstance(error, NotYet)
        assert error.retry_after == seconds
    assert isinstance(error_of("ERROR: [x] y: This live event will begin in a few moments."), SourceRefused)


def test_sentences_are_short() -> None:
    assert len(str(error_of("ERROR: [x] y: " + "long " * 1000))) < LONGEST_REASON + 20
