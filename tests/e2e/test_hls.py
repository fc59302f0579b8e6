"""HLS in Chromium's own player: a film with AC-3, which no browser takes, plays with sound and can be sought in."""

import asyncio
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support import chirp_films, proof
from tests.support.browser import wait
from tests.support.hls import film_server

SEEKS = 20 if proof.full() else 3
PAGE = "<video id=v width=320 height=180></video>"


@pytest.fixture(scope="module")
def film() -> Iterator[str]:
    """The address of the playlist of a film, from a server in a thread of its own."""
    ready, done = threading.Event(), threading.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with film_server(chirp_films.many_sounds()) as (bench, _, hls):
            host, port = bench.address
            found.append((f"http://{host}:{port}", hls))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(60)
    address, hls = found[0]
    yield f"{address}{hls}/master.m3u8"
    done.set()
    thread.join(60)


@pytest.fixture
def playing(browser: Browser, film: str) -> Iterator[Page]:
    """A page of the film's server on which it plays."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(film.split("/hls/")[0] + "/healthz")
    page.set_content(PAGE)
    page.evaluate("address => { v.src = address; v.onerror = () => { window.failed = v.error.message; }; }", film)
    page.evaluate("v.play()")
    wait(page, "v.currentTime > 0.3 || window.failed")
    assert page.evaluate("window.failed") is None
    yield page
    context.close()


def test_picture_and_sound_play(playing: Page) -> None:
    wait(playing, "v.currentTime > 1 && v.webkitAudioDecodedByteCount > 0 && v.webkitVideoDecodedByteCount > 0")
    assert playing.evaluate("v.duration") == pytest.approx(20, abs=0.2)
    assert playing.evaluate("[v.videoWidth, v.videoHeight]") == [320, 180]


def test_every_seek_plays(playing: Page) -> None:
    for moment in random.Random(7).sample([0.5 + number * 0.9 for number in range(20)], SEEKS):
        sound = playing.evaluate("v.webkitAudioDecodedByteCount")
        playing.evaluate("moment => { v.currentTime = moment; }", moment)
        wait(playing, f"window.failed || (!v.seeking && v.currentTime > {moment + 0.2} && !v.paused || v.ended)")
        assert playing.evaluate("window.failed || null") is None, moment
        assert playing.evaluate("v.webkitAudioDecodedByteCount") > sound
