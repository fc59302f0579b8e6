"""Playlists keep to RFC 8216 and to the rules of Apple's "HLS Authoring Specification for Apple Devices".

The numbers of the rules are not given, as Apple renumbers them; each test quotes what it checks.
"""

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from streamvault.errors import NotPlayable
from streamvault.playback import playlists
from streamvault.playback.model import Facts, KeyFrame, KeyFrames, Probed, Track
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline

VIDEO = Track(0, "video", "h264", "avc1.64001F", width=1280, height=720, frame_rate=24000 / 1001)
SOUNDS = (
    Track(1, "audio", "ac3", "ac-3", language="en", title='The "best", 5.1', default=True, channels=6),
    Track(2, "audio", "aac", "mp4a.40.5", profile="HE-AAC", language="de", channels=2),
    Track(3, "audio", "dts", language="de", channels=6),
    Track(4, "audio", "dts", language="de", channels=6),
)
KEYS = tuple(KeyFrame(pts, 1000 + pts * 500) for pts in (0, 700, 2300, 5100, 5900, 8200, 11_000, 19_300, 21_000))


def timeline(*tracks: Track, **facts: object) -> Timeline:
    keys = KeyFrames("clusters", Fraction(1, 1000), KEYS, 24.5)
    known = Facts("matroska", 24.5, tracks=tracks or (VIDEO, *SOUNDS))
    probed = Probed(replace(known, **facts), keys)  # type: ignore[arg-type]
    return Timeline(probed, cut(keys), 12_500_000)


def attributes(line: str) -> dict[str, str]:
    """The attribute list of a tag (RFC 8216 section 4.2)."""
    found = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)', line.partition(":")[2])
    assert ",".join(f"{name}={value}" for name, value in found) == line.partition(":")[2]
    return {name: value.strip('"') for name, value in found}


def tags(playlist: str, name: str) -> list[dict[str, str]]:
    return [attributes(line) for line in playlist.splitlines() if line.startswith(f"#{name}:")]


def test_the_stream_has_what_apple_demands() -> None:
    """ "EXT-X-STREAM-INF tags MUST always provide the CODECS attribute", "RESOLUTION", "FRAME-RATE" for video, the
    "AVERAGE-BANDWIDTH" and "CLOSED-CAPTIONS" attributes; BANDWIDTH is the peak."""
    (stream,) = tags(playlists.master(timeline()), "EXT-X-STREAM-INF")
    assert stream["RESOLUTION"] == "1280x720"
    assert stream["FRAME-RATE"] == "23.976"
    assert stream["CODECS"] == "avc1.64001F,mp4a.40.2,mp4a.40.5"
    assert int(stream["BANDWIDTH"]) >= int(stream["AVERAGE-BANDWIDTH"]) >= 12_500_000 * 8 / 24.5
    assert (stream["VIDEO-RANGE"], stream["CLOSED-CAPTIONS"]) == ("SDR", "NONE")


def test_hevc_is_hvc1_and_says_its_range() -> None:
    """ "HEVC MUST be hvc1", "VIDEO-RANGE" of HDR."""
    hevc = replace(VIDEO, codec="hevc", codec_string="hev1.2.4.L123.B0", hdr="pq")
    (stream,) = tags(playlists.master(timeline(hevc)), "EXT-X-STREAM-INF")
    assert stream["CODECS"].startswith("hvc1.2.4")
    assert stream["VIDEO-RANGE"] == "PQ"
    assert "AUDIO" not in stream


def test_renditions_of_a_group_differ_and_one_is_the_default() -> None:
    """RFC 8216 4.3.4.1: "All EXT-X-MEDIA tags in the same Group MUST have different NAME attributes", "at most one
    DEFAULT=YES"; Apple: "CHANNELS" of audio MUST be there, GROUP-ID is that of AUDIO."""
    playlist = playlists.master(timeline())
    sounds = tags(playlist, "EXT-X-MEDIA")
    assert [sound["DEFAULT"] for sound in sounds] == ["YES", "NO", "NO", "NO"]
    assert len({sound["NAME"] for sound in sounds}) == 4
    assert {sound["CHANNELS"] for sound in sounds} == {"2"}
    assert {sound["GROUP-ID"] for sound in sounds} == {tags(playlist, "EXT-X-STREAM-INF")[0]["AUDIO"]}
    assert [sound["URI"] for sound in sounds] == [f"audio/{index}.m3u8" for index in (1, 2, 3, 4)]


def test_subtitles_are_renditions() -> None:
    text = [playlists.Subtitles("text/5.m3u8", "English", "en"), playlists.Subtitles("text/6.m3u8", "English")]
    playlist = playlists.master(timeline(), subtitles=text, query="?token=x")
    found = [one for one in tags(playlist, "EXT-X-MEDIA") if one["TYPE"] == "SUBTITLES"]
    assert [one["NAME"] for one in found] == ["English", "English (2)"]
    assert tags(playlist, "EXT-X-STREAM-INF")[0]["SUBTITLES"] == found[0]["GROUP-ID"]


def test_a_token_is_in_every_address() -> None:
    line = timeline()
    for playlist in (
        playlists.master(line, query="?token=t"),
        playlists.media(line.durations(), folder="1-a/0", query="?token=t"),
    ):
        uris = [*re.findall(r'URI="([^"]+)"', playlist), *re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)]
        assert uris
        assert all(uri.endswith("?token=t") for uri in uris)


def test_one_sound_for_players_without_a_choice() -> None:
    assert [one["URI"] for one in tags(playlists.master(timeline(), audio=3), "EXT-X-MEDIA")] == ["audio/3.m3u8"]
    with pytest.raises(NotPlayable, match="no sound track 0"):
        playlists.master(timeline(), audio=0)


def test_a_media_playlist_is_whole() -> None:
    """RFC 8216 4.3.3.1: EXTINF "when rounded to the nearest integer, MUST be less than or equal to the target
    duration"; 4.3.2.5: EXT-X-MAP needs version 6; Apple: VOD playlists have EXT-X-PLAYLIST-TYPE and EXT-X-ENDLIST."""
    line = timeline()
    lines = playlists.media(line.durations(), folder="1-a/0").splitlines()
    durations = [float(one[8:-1]) for one in lines if one.startswith("#EXTINF:")]
    assert sum(durations) == pytest.approx(24.5, abs=1e-3)
    (target,) = [int(one.partition(":")[2]) for one in lines if one.startswith("#EXT-X-TARGETDURATION")]
    assert all(int(duration + 0.5) <= target for duration in durations)
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert {"#EXT-X-VERSION:7", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS"} <= set(lines)
    assert '#EXT-X-MAP:URI="1-a/0/init.mp4"' in lines


@pytest.mark.parametrize("reason", ["XviD is no picture of browsers", ""])
def test_what_cannot_be_repackaged_is_refused(reason: str) -> None:
    with pytest.raises(NotPlayable, match=reason or "no picture"):
        playlists.master(timeline(*SOUNDS, reason=reason))
