"""In the page of the film: seeks in a film without an index with few key frames, and into a long subtitle."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import desktop_only, wait
from tests.support.ffmpeg_films import AC3, H264_B, Film, Sound, run_ffmpeg
from tests.support.player import LONG, VIDEO, captions, choose
from tests.support.posted_films import PostedFilms, posted_films

RARE = Film("ts", H264_B, (Sound(AC3),), seconds=31, keys=(0.0, 12.4, 13.0, 26.0))
PICTURE = f"""() => {{
    const video = {VIDEO}, canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    canvas.width = video.videoWidth, canvas.height = video.videoHeight;
    pen.drawImage(video, 0, 0);
    const row = pen.getImageData(0, 8, canvas.width, 1).data, block = canvas.width / 16;
    const isSet = (bit) => row[4 * (bit * block + block / 2)] > 125;
    return [...Array(16).keys()].reduce((sum, bit) => sum + isSet(bit) * 2 ** bit, 0);
}}"""
"""The number in the picture on the screen."""
LINES = "1\n00:00:03,000 --> 00:00:25,000\nA long sign\n\n2\n00:00:20,000 --> 00:00:21,000\nA short line\n"


def subtitled(folder: Path) -> Path:
    """31 s with a key frame every 2 s."""
    (folder / "long.srt").write_text(LINES)
    path = folder / "subtitled.mkv"
    lavfi = ("-f", "lavfi", "-i")
    sources = (*lavfi, "testsrc2=s=64x36:r=10:d=31", *lavfi, "sine=duration=31", "-i", str(folder / "long.srt"))
    coders = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "20",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "ac3",
        "-c:s",
        "subrip",
    )
    run_ffmpeg([*sources, *coders, "-metadata:s:s:0", "language=eng", str(path)])
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostedFilms]:
    folder = tmp_path_factory.mktemp("films")
    with posted_films(folder, {"rare.ts": RARE.path, "subtitled.mkv": subtitled(folder)}) as posted:
        yield posted


def play(page: Page, films: PostedFilms, name: str) -> None:
    page.goto(films.url("watch", name))
    wait(page, f"{VIDEO}?.dataset.way === 'hls.js' && {VIDEO}.readyState >= 2", seconds=LONG)
    page.evaluate(f"() => {{ {VIDEO}.muted = true; }}")


@desktop_only
def test_seeks_between_key_frames_that_are_far_apart(page: Page, films: PostedFilms) -> None:
    """A segment without a key frame cannot be begun with: the player goes back to one that has it."""
    play(page, films, "rare.ts")
    for moment in (8.0, 22.5, 12.6, 17.0, 29.0):
        page.evaluate(f"{VIDEO}.currentTime = {moment}")
        wait(page, f"!{VIDEO}.seeking && {VIDEO}.readyState >= 2", seconds=LONG)
        wait(page, f"Math.abs(({PICTURE})() - {VIDEO}.currentTime * 25) <= 2", seconds=LONG)
        page.evaluate(f"{VIDEO}.play()")
        wait(page, f"{VIDEO}.currentTime > {moment + 0.3}", seconds=LONG)
        page.evaluate(f"{VIDEO}.pause()")


@desktop_only
def test_a_long_subtitle_is_shown_after_a_seek_into_it_and_once(page: Page, films: PostedFilms) -> None:
    play(page, films, "subtitled.mkv")
    choose(page, "Subtitles", "English")
    for moment in (18.5, 12.0, 23.0):
        page.evaluate(f"{VIDEO}.currentTime = {moment}")
        wait(page, f"!{VIDEO}.seeking", seconds=LONG)
        expect(captions(page)).to_have_text(["A long sign"], timeout=LONG * 1000)
    page.evaluate(f"{VIDEO}.currentTime = 20.5")
    wait(page, f"!{VIDEO}.seeking", seconds=LONG)
    expect(captions(page)).to_have_text(["A long sign", "A short line"], timeout=LONG * 1000)
