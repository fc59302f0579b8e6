"""Films in Debian's Chromium, by the film's page with hls.js and by the browser's own HLS, over an emulated Telegram.

Every figure is of a film that the server has not read before, so that a moment is read from Telegram when it is asked
for. A seek has been made when a picture of that moment or later has been shown.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.playback.films import film, seconds, without_index
from benchmarks.streaming.options import Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import CHAT, FIRST, Testbed, open_testbed

ONE_WAY = (0.0, 0.04)
"""Seconds of latency of Telegram, one way."""

_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")
VIDEO = "document.querySelector('video')"
SHOWN = f"""(least) => new Promise((done, failed) => {{
    const video = {VIDEO}, late = setTimeout(() => failed(new Error(`nothing is shown after ${{least}} s`)), 30000);
    const look = (now, {{ mediaTime }}) => {{
        if (mediaTime + 0.041 < least || video.seeking) return video.requestVideoFrameCallback(look);
        clearTimeout(late);
        done(performance.now());
    }};
    video.requestVideoFrameCallback(look);
}})"""
"""Resolves with the time at which a picture of `least` seconds or later is shown."""
_SEEK = f"(moment) => {{ const began = performance.now(); {VIDEO}.currentTime = moment;" + (
    f" return ({SHOWN})(moment).then((shown) => shown - began); }}"
)


def viewing(options: Options) -> list[Line]:
    """Row d: the first picture and seeks, at each latency, in both ways."""
    lines: list[Line] = []
    with chromium() as browser:
        for one_way in ONE_WAY:
            lines += _at(browser, one_way, options)
    return lines


def _at(browser: Browser, one_way: float, options: Options) -> list[Line]:
    name = f"d {one_way * 1000:.0f} ms one way"
    first = Line(f"{name}, by the page: until a moving picture is shown, the page's load included", "s")
    first.target = Target("<=", 2.0 if not one_way else 3.0)
    read = Line(f"{name}: read from Telegram until then", "MB", Target("<=", 8.0))
    seeks = {way: Line(f"{name}, {way}: a seek to a moment not read yet", "s") for way in ("hls.js", "native HLS")}
    far = Line(f"{name}: a seek to 80 % of a film without an index", "s")
    far_read = Line(f"{name}: read from Telegram from the seek until that moment is shown", "MB")
    if one_way:
        far.target, far_read.target = Target("<=", 3.0), Target("<=", 10.0)
    runs = options.scaled(3, 1)
    posted = [film("AC-3", options)] * 2 * runs + [without_index(options)] * runs
    with open_testbed({"CACHE_DISK": "0"}, posted=posted) as testbed, testbed.control.shaped(latency=one_way):
        for run in range(runs):
            _by_page(browser, testbed, run, (first, read, seeks["hls.js"]), options)
            _natively(browser, testbed, runs + run, seeks["native HLS"], options)
            _far(browser, testbed, 2 * runs + run, (far, far_read), options)
    for line in seeks.values():
        line.target = Target("<=", 2.0)
        line.note = f"the slowest {max(line.values):.2f} s, at most 4" if line.values else ""
        if line.values and max(line.values) > 4:
            line.fail(f"a seek took {max(line.values):.1f} s")
    return [first, read, *seeks.values(), far, far_read]


def _by_page(browser: Browser, testbed: Testbed, number: int, lines: tuple[Line, Line, Line], options: Options) -> None:
    first, read, seeks = lines
    with clean_page(browser) as page:
        before = testbed.chunk_bytes()
        first.add(opened(page, testbed, number) / 1000)
        read.add((testbed.chunk_bytes() - before) / 1e6)
        _seek_about(page, seeks, number, options)


def _natively(browser: Browser, testbed: Testbed, number: int, line: Line, options: Options) -> None:
    with clean_page(browser) as page:
        page.goto(address(testbed, "/healthz"))
        page.evaluate(
            "source => { const video = document.createElement('video'); video.src = source; video.muted = true;"
            " document.body.append(video); video.play(); }",
            address(testbed, f"/hls/{CHAT}/{FIRST + number}/master.m3u8"),
        )
        page.evaluate(SHOWN, 0.1)
        _seek_about(page, line, number, options)


def _far(browser: Browser, testbed: Testbed, number: int, lines: tuple[Line, Line], options: Options) -> None:
    far, read = lines
    with clean_page(browser) as page:
        opened(page, testbed, number)
        before = testbed.chunk_bytes()
        far.add(page.evaluate(_SEEK, 0.8 * seconds(options)) / 1000)
        read.add((testbed.chunk_bytes() - before) / 1e6)


def opened(page: Page, testbed: Testbed, number: int) -> float:
    """Milliseconds from the page's first request until the film's second picture or a later one is shown."""
    page.goto(address(testbed, f"/watch/{CHAT}/{FIRST + number}"), wait_until="commit")
    page.evaluate(
        f"async () => {{ while (!{VIDEO}) await new Promise((done) => setTimeout(done, 5));"
        f" {VIDEO}.muted = true; {VIDEO}.autoplay = true; {VIDEO}.play().catch(() => {{}}); }}"
    )
    shown: float = page.evaluate(SHOWN, 0.04)
    return shown


def _seek_about(page: Page, line: Line, seed: int, options: Options) -> None:
    """Seek to moments all over the film, each further from what was read than a player keeps ahead."""
    chosen = random.Random(seed)  # the same moments in each run of the benchmark
    moments = [seconds(options) * share / 10 for share in (5, 9, 2, 7, 4, 8, 1)]
    for moment in moments[: options.scaled(7, 2)]:
        line.add(page.evaluate(_SEEK, moment + chosen.random()) / 1000)


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def clean_page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has seen nothing."""
    context = browser.new_context(bypass_csp=True)
    try:
        yield context.new_page()
    finally:
        context.close()


def address(testbed: Testbed, path: str) -> str:
    host, port = testbed.server.address
    return f"http://{host}:{port}{path}"
