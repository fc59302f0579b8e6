"""How a film is played by which browser, and why not otherwise."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.playback.choices import ranked_sounds, subtitles_for
from streamvault.playback.client import HLS, Client, engine_of
from streamvault.playback.decision import WAYS, Decision, Wish, decide
from streamvault.playback.model import Facts, Track
from streamvault.playback.refusals import reason_of

AVC, HEVC, AV1 = "avc1.64001f", "hvc1.1.6.L93.B0", "av01.0.04M.08"
AAC, AC3, OPUS = "mp4a.40.2", "ac-3", "opus"
CHROMIUM = Client(
    "chromium", frozenset({"mp4", "webm", HLS}), frozenset({AVC, AV1, AAC, OPUS}), frozenset({AVC, AV1, AAC})
)
FIREFOX = Client("firefox", frozenset({"mp4", "webm", "matroska"}), CHROMIUM.codecs, CHROMIUM.mse)
SAFARI = Client("safari", frozenset({"mp4", HLS}), frozenset({AVC, HEVC, AAC, AC3}))


def video(codec: str = "h264", string: str = AVC) -> Track:
    return Track(0, "video", codec, string)


def sound(index: int, codec: str = "aac", string: str = AAC, **more: str | bool) -> Track:
    return Track(index, "audio", codec, string, **more)  # type: ignore[arg-type]


def text(index: int, language: str = "", *, forced: bool = False, codec: str = "subrip") -> Track:
    return Track(index, "subtitle", codec, language=language, forced=forced)


def film(*tracks: Track, container: str = "matroska", open_gop: bool = False, reason: str = "") -> Facts:
    return Facts(container, 60.0, tracks=tracks, open_gop=open_gop, reason=reason)


_sounds = st.sampled_from([("aac", AAC), ("ac3", AC3), ("opus", OPUS), ("dts", ""), ("cook", ""), ("pcm_s16le", "")])
_videos = st.sampled_from([("h264", AVC), ("hevc", HEVC), ("av1", AV1), ("mpeg4", ""), ("vc1", "")])


@st.composite
def films(draw: st.DrawFn) -> Facts:
    tracks = [video(*draw(_videos))] if draw(st.booleans()) else []
    for codec, string in draw(st.lists(_sounds, max_size=4)):
        tracks.append(sound(len(tracks), codec, string, language=draw(st.sampled_from(["", "en", "de"]))))
    for language in draw(st.lists(st.sampled_from(["", "en", "de"]), max_size=2)):
        tracks.append(text(len(tracks), language))
    container = draw(st.sampled_from(["matroska", "mp4", "webm", "mpegts", "avi"]))
    return film(
        *tracks, container=container, open_gop=draw(st.booleans()), reason=draw(st.sampled_from(["", "broken"]))
    )


_containers = st.frozensets(st.sampled_from(["mp4", "webm", "matroska", HLS]))
_codecs = st.frozensets(st.sampled_from([AVC, HEVC, AV1, AAC, AC3, OPUS]))
clients = st.builds(
    Client, st.sampled_from(["chromium", "firefox", "safari", ""]), _containers, _codecs, _codecs,
    st.sampled_from([(), ("de",), ("en-GB", "de")]),
)  # fmt: skip


def decided(facts: Facts, client: Client, data: st.DataObject) -> tuple[Decision, bool]:
    sounds = [track.index for track in facts.of_type("audio")]
    audio = data.draw(st.sampled_from([None, *sounds]))
    repackages = data.draw(st.booleans())
    return decide(facts, client, wish=Wish(audio), repackages=repackages), repackages


def test_dolby_vision_alone_is_played_by_browsers_that_decode_it_and_by_players() -> None:
    one = film(video("hevc", "dvh1.05.06"), sound(1), container="mp4")
    knows = replace(SAFARI, codecs=SAFARI.codecs | {"dvh1.05.06"})
    assert decide(one, knows).way == "direct"
    assert decide(replace(one, container="matroska"), knows).way == "player"
    found = decide(one, SAFARI)
    assert found.way == "player"
    assert "dvh1.05.06" in found.reasons["direct"]
    assert "Dolby Vision" in found.reasons["hls"]
    assert "Dolby Vision" in found.reasons["hls.js"]


@given(films(), clients, st.data())
def test_what_holds_of_every_decision(facts: Facts, client: Client, data: st.DataObject) -> None:
    found, repackages = decided(facts, client, data)
    by_index = {track.index: track for track in facts.tracks}
    assert set(found.reasons) == set(WAYS) - {found.way}
    assert all(found.reasons.values()), "each other way has a reason"
    wanted = None if found.audio is None else by_index[found.audio]
    if found.way == "direct":
        assert wanted is None or wanted.codec_string in client.codecs
        assert wanted is None or wanted == facts.of_type("audio")[0]
        assert facts.video is None or facts.video.codec_string in client.codecs
        assert not (client.engine == "firefox" and facts.container == "matroska")
    if found.way in ("hls", "hls.js"):
        assert repackages
        assert not facts.reason
        taken = client.codecs if found.way == "hls" else client.mse
        assert facts.video is None or facts.video.codec_string in taken
        assert wanted is None or wanted.codec != "cook"
    assert found.seeks == (not found.warning)
    if found.subtitles is not None:
        assert by_index[found.subtitles].type == "subtitle"
        assert repackages, "else they cannot be fetched"


@given(films(), clients)
def test_a_browser_that_takes_more_gets_no_dearer_way(facts: Facts, client: Client) -> None:
    rich = Client("", frozenset({"mp4", "webm", "matroska", HLS}), client.codecs | {AVC, AAC}, client.mse | {AVC, AAC})
    poor = Client("", client.containers, client.codecs, client.mse)
    plain = Wish(menus=False)
    assert WAYS.index(decide(facts, rich, wish=plain).way) <= WAYS.index(decide(facts, poor, wish=plain).way)


@pytest.mark.parametrize(
    ("facts", "client", "way"),
    [
        (film(video(), sound(1), container="mp4"), CHROMIUM, "direct"),
        (film(video(), sound(1)), CHROMIUM, "direct"),
        (film(video(), sound(1)), FIREFOX, "hls.js"),
        (film(video(), sound(1)), SAFARI, "hls"),
        (film(video(), sound(1, "ac3", AC3)), CHROMIUM, "hls"),
        (film(video(), sound(1, "ac3", AC3), sound(2)), CHROMIUM, "hls.js"),
        (film(video(), sound(1, "ac3", AC3), container="mp4"), SAFARI, "direct"),
        (film(video("mpeg4", ""), sound(1), container="avi"), CHROMIUM, "player"),
        (film(video("hevc", HEVC), sound(1)), CHROMIUM, "player"),
        (film(sound(0, "flac", ""), container="flac"), CHROMIUM, "player"),
        (film(video("av1", AV1), sound(1, "opus", OPUS), container="webm"), FIREFOX, "direct"),
    ],
)
def test_ways(facts: Facts, client: Client, way: str) -> None:
    assert decide(facts, client).way == way


@pytest.mark.parametrize("codec", ["mpeg4", "mpeg2video", "vc1", "rv40"])
def test_reasons_are_whole_sentences(codec: str) -> None:
    """They stand behind each other on the page."""
    shown = film(video(codec, ""), sound(1, "ac3", AC3), container="avi")
    found = decide(replace(shown, reason=reason_of(shown)), CHROMIUM)
    assert found.way == "player"
    assert all(why[0].isupper() and why[-1] == "." for why in found.reasons.values())


def test_a_sound_that_is_chosen_is_played_or_refused_but_not_exchanged() -> None:
    facts = film(video(), sound(1), sound(2, "ac3", AC3), sound(3, "cook", ""), container="mp4")
    assert decide(facts, CHROMIUM).audio == 1
    assert (decide(facts, CHROMIUM, wish=Wish(2)).way, decide(facts, CHROMIUM, wish=Wish(2)).audio) == ("hls.js", 2)
    refused = decide(facts, CHROMIUM, wish=Wish(3))
    assert refused.way == "player"
    assert "cook" in refused.reasons["hls.js"]
    with pytest.raises(ValueError, match="its sounds are: 1, 2, 3"):
        decide(facts, CHROMIUM, wish=Wish(0))


def test_a_sound_that_nobody_can_play_makes_way_for_one_that_plays() -> None:
    facts = film(video(), sound(1, "cook", "", language="de"), sound(2, language="en"), container="mp4")
    german = Client("chromium", CHROMIUM.containers, CHROMIUM.codecs, CHROMIUM.mse, ("de",))
    assert decide(facts, german).audio == 2


@given(films(), clients, st.booleans())
def test_a_film_of_which_some_sound_plays_is_not_refused_for_its_languages(
    facts: Facts, client: Client, repackages: bool
) -> None:
    """Whatever sound the viewer would like best, one that no way of this browser plays makes way for one that does."""
    found = decide(facts, client, repackages=repackages)
    chosen = [decide(facts, client, wish=Wish(one.index), repackages=repackages) for one in facts.of_type("audio")]
    if any(one.way != "player" for one in chosen):
        assert found.way != "player"


@pytest.mark.parametrize("languages", [("de",), ("en",), ("de-AT", "en"), ()])
@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_without_hls_the_first_sound_plays_whatever_the_languages(container: str, languages: tuple[str, ...]) -> None:
    plain = Client("", frozenset({"mp4", "webm"}), CHROMIUM.codecs, languages=languages)
    found = decide(film(video(), sound(1, language="en"), sound(2, language="de"), container=container), plain)
    assert (found.way, found.audio) == ("direct", 1)


def test_open_groups_of_pictures_forbid_seeking_in_chromium_only() -> None:
    facts = film(video(), sound(1), container="mp4", open_gop=True)
    assert not decide(facts, CHROMIUM).seeks
    assert "VLC" in decide(facts, CHROMIUM).warning
    assert decide(facts, FIREFOX).seeks


def test_languages_decide_before_the_file_does() -> None:
    sounds = [sound(1, default=True, language="fr"), sound(2, language="de", title="Director's commentary"),
              sound(3, language="de")]  # fmt: skip
    assert [track.index for track in ranked_sounds(sounds, ["de-AT"])] == [3, 2, 1]
    assert [track.index for track in ranked_sounds(sounds, [])] == [1, 3, 2]


def test_subtitles_help_with_foreign_sound_and_forced_ones_with_the_own() -> None:
    subtitles = [text(4, "de", codec="hdmv_pgs_subtitle"), text(5, "de", forced=True), text(6, "de"), text(7, "en")]
    found = [subtitles_for(subtitles, sound(1, language=language), ["de"]) for language in ("en", "de", "")]
    assert [track and track.index for track in found] == [6, 5, None]


@pytest.mark.parametrize(
    ("user_agent", "engine"),
    [
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", "chromium"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "firefox"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15", "safari"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML) CriOS/140.0 Mobile/15E148 Safari/604.1", "safari"),
        ("VLC/3.0.21 LibVLC/3.0.21", ""),
    ],
)  # fmt: skip
def test_engines(user_agent: str, engine: str) -> None:
    assert engine_of(user_agent) == engine


@pytest.mark.parametrize(
    "facts",
    [film(video("mpeg2video", ""), sound(1)), film(video(), sound(1), container="asf"), film(text(0))],
    ids=["picture", "container", "neither"],
)
def test_what_facts_say_and_what_is_decided_about_repackaging_is_one_rule(facts: Facts) -> None:
    why = reason_of(facts)
    assert why
    found = decide(facts, CHROMIUM)
    assert found.way == "player"
    assert {found.reasons["hls"], found.reasons["hls.js"]} == {why[0].upper() + why[1:] + "."}


def test_a_film_without_an_index_is_played_by_the_script_where_that_works() -> None:
    """Chromium's own HLS cannot begin with a segment that has no key frame."""
    unlisted = replace(film(video(), sound(1, "ac3", AC3), container="mpegts"), seekable=False)
    assert decide(unlisted, CHROMIUM).way == "hls.js"
    assert "index" in decide(unlisted, CHROMIUM).reasons["hls"]
    assert decide(replace(unlisted, seekable=True), CHROMIUM).way == "hls"
    assert decide(unlisted, replace(CHROMIUM, mse=frozenset())).way == "hls"
    assert decide(unlisted, SAFARI).way == "hls"
