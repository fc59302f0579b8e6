"""Subtitles of all kinds become WebVTT, whole and in segments."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.playback import subtitle_text
from streamvault.playback.subtitle_files import cues_of_file
from streamvault.playback.webvtt import Cue, document, segment, timed

TIMING = re.compile(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n((?:.+\n?)*)")


def shown(vtt: bytes) -> list[tuple[str, str, str]]:
    """The cues that a parser of WebVTT finds."""
    return [(start, end, text.rstrip("\n")) for start, end, text in TIMING.findall(vtt.decode())]


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("<i>Hello</i> <b>you</b>", "<i>Hello</i> <b>you</b>"),
        ('<font color="#ff0000">Red</font>', "Red"),
        (r"{\an8}<i>Above", "<i>Above</i>"),
        ("I <3 you & 2 > 1", "I &lt;3 you &amp; 2 &gt; 1"),
        ("a --> b", "a --&gt; b"),
        ("one\n\n\ntwo", "one\ntwo"),
        ("<b><i>both</b> rest</i>", "<b><i>both</i></b><i> rest</i>"),
        ("<I>Caps</I> <script>alert(1)</script>", "<i>Caps</i> alert(1)"),
        ("<i></i>", ""),
        ("\x00a\x1bb", "a b"),
    ],
)
def test_subrip(source: str, payload: str) -> None:
    assert subtitle_text.of_srt(source) == payload


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        (r"{\i1}Hello{\i0}\Nworld", "<i>Hello</i>\nworld"),
        (r"{\pos(192,108)\fnArial\fs20\c&H00FFFF&}Sign", "Sign"),
        (r"{\p1}m 0 0 l 100 0 100 100{\p0}After", "After"),
        (r"Before{\p4}m 0 0 l 1 1", "Before"),
        (r"{\b1}{\i1}x{\r}y", "<b><i>x</i></b>y"),
        (r"{\b700}fat{\b0} thin{a comment}", "<b>fat</b> thin"),
        (r"{\k20}ka{\k30}ra{\kf15}o\hke", "karao\u00a0ke"),
        (r"{\blur2\bord3\be1\iclip(0,0,1,1)}plain", "plain"),
        (r"{\pbo3}a, b, c < d", "a, b, c &lt; d"),
        ("open { brace", "open { brace"),
    ],
)
def test_ass(source: str, payload: str) -> None:
    assert subtitle_text.of_ass(source) == payload
    assert subtitle_text.of_ass_packet(f"7,0,Default,,0,0,0,,{source}") == payload


def styl(*records: tuple[int, int, int]) -> bytes:
    body = len(records).to_bytes(2, "big") + b"".join(
        first.to_bytes(2, "big") + last.to_bytes(2, "big") + bytes((0, 1, face, 18)) + b"\xff" * 4
        for first, last, face in records
    )
    return (len(body) + 8).to_bytes(4, "big") + b"styl" + body


def test_timed_text_of_mp4() -> None:
    text = "bold naïve ital".encode()
    packet = len(text).to_bytes(2, "big") + text + styl((0, 4, 1), (11, 15, 2))
    assert subtitle_text.of_mov_text(packet) == "<b>bold</b> naïve <i>ital</i>"
    assert subtitle_text.of_mov_text(b"\0\0") == ""
    assert subtitle_text.of_mov_text((10).to_bytes(2, "big") + "Tree".encode("utf-16")) == "Tree"
    assert subtitle_text.of_mov_text(b"\0\x04rest" + styl((3, 99, 1)) + b"\0\0\0\x01styl") == "rest"


def test_webvtt_keeps_what_is_safe() -> None:
    assert (
        subtitle_text.of_vtt("<v Mary><i.loud>Hi</i> &amp; <00:01.000>bye &lt;b&gt;") == "<i>Hi</i> &amp; bye &lt;b&gt;"
    )


@given(st.text(max_size=60), st.sampled_from([subtitle_text.of_srt, subtitle_text.of_ass, subtitle_text.of_vtt]))
def test_no_text_breaks_out_of_its_cue(text: str, convert: object) -> None:
    assert callable(convert)
    payload = convert(text)
    assert "-->" not in payload
    assert "" not in payload.split("\n") or payload == ""
    left = re.sub(r"</?[biu]>|&(?:amp|lt|gt);", "", payload)
    assert not set(left) & set("<>&")
    for style in "biu":
        assert payload.count(f"<{style}>") == payload.count(f"</{style}>")


SRT = """1
00:00:01,000 --> 00:00:02,500
<i>One</i>

2
00:00:03,000 --> 00:00:04,000 X1:10 X2:20
Two
lines

with a gap

3
0:00:05.5 --> 0:00:06.000
2024

4
00:00:09,000 --> 00:00:08,000
backwards
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,no
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Two, with commas\\Nlines
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}One
"""
VTT = """WEBVTT - title

STYLE
::cue { color: red }

NOTE nothing

intro
00:01.000 --> 00:02.500 align:start line:0% onclick:x
<v Ann><i>One</i>

00:00:03.000 --> 00:00:04.000
Two
lines
"""


def test_a_subrip_file() -> None:
    found = cues_of_file("\ufeff" + SRT.replace("\n", "\r\n"), "srt")
    assert [(cue.start, cue.end, cue.text) for cue in found] == [
        (1000, 2500, "<i>One</i>"), (3000, 4000, "Two\nlines\nwith a gap"), (5500, 6000, "2024"),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["ass", "ssa", "srt"])
def test_an_ass_file_even_under_a_wrong_name(ending: str) -> None:
    found = cues_of_file(ASS, ending)
    assert [(cue.start, cue.end, cue.text) for cue in found] == [
        (1000, 2500, "<i>One</i>"), (3000, 4000, "Two, with commas\nlines"),
    ]  # fmt: skip


def test_a_webvtt_file() -> None:
    found = cues_of_file(VTT, "vtt")
    assert found == [Cue(1000, 2500, "<i>One</i>", "align:start line:0%"), Cue(3000, 4000, "Two\nlines")]


@given(
    st.text(alphabet="0123:,.->\n \tWEBVTDialogue[Events]{\\}", max_size=120), st.sampled_from(["srt", "ass", "vtt"])
)
def test_no_file_is_too_broken(text: str, ending: str) -> None:
    cues = cues_of_file(text, ending)
    assert shown(document(cues)) == [(timed(cue.start), timed(cue.end), cue.text) for cue in sorted(set(cues))]


@given(
    st.lists(st.tuples(st.integers(0, 58_000), st.integers(1, 5_000)), max_size=40, unique=True),
    st.lists(st.integers(1, 11), max_size=8, unique=True),
    st.integers(-400, 400),
)
def test_segments_joined_are_the_track(times: list[tuple[int, int]], seams: list[int], late: int) -> None:
    """6: none is lost at a seam though written late or early, none is twice after a player has joined equal ones."""
    cues = [Cue(start, start + length, f"cue {number}") for number, (start, length) in enumerate(times)]
    starts = [0, *sorted(seam * 5_000 for seam in seams)]
    held: list[list[Cue]] = [[] for _ in starts]
    for cue in cues:
        held[max(n for n, start in enumerate(starts) if start <= max(0, cue.start + late))].append(cue)
    joined = list[tuple[str, str, str]]()
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else None
        made = shown(segment(held[number], held[number - 1] if number else [], start, stop=stop))
        assert len(set(made)) == len(made)
        before = held[number - 1] if number else []
        spanning = [cue for cue in before if cue.end > start and (stop is None or cue.start < stop)]
        assert {(timed(cue.start), timed(cue.end), cue.text) for cue in spanning} <= set(made)
        joined += made
    assert sorted(set(joined)) == shown(document(cues)) or not cues


def test_a_cue_at_the_beginning_of_a_segment_is_in_it_wherever_it_was_written() -> None:
    """Whoever seeks there has not got the segment before it, in whose bytes the cue may be."""
    before = [
        Cue(1_000, 5_000, "over"),
        Cue(1_000, 10_000, "long"),
        Cue(5_000, 6_000, "at"),
        Cue(5_900, 6_100, "early"),
        Cue(9_000, 10_500, "last"),
        Cue(10_000, 11_000, "next"),
    ]
    made = segment([Cue(7_000, 8_000, "own")], before, 5_000, stop=10_000)
    assert [text for _, _, text in shown(made)] == ["long", "at", "early", "own", "last"]
    made = segment([], before, 10_000)
    assert [text for _, _, text in shown(made)] == ["last", "next"]


def test_a_segment_says_what_its_clock_is() -> None:
    made = segment([Cue(61_500, 3_662_003, "x")], [], 60_000, mpegts=7200)
    assert made.startswith(
        b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n\n00:01:01.500 --> 01:01:02.003\nx\n"
    )
    assert segment([], [], 0) == b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
