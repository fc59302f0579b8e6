"""Films of the running demo play in a real browser, and seeking in them does not take long.

How long is measured by `make proof` alone, which runs one test at a time.
"""

import pytest
from playwright.sync_api import Page

from tests.support.browser import FILMS, any_size, is_picture, wait, watch
from tests.support.demo import Demo
from tests.support.proof import full


@any_size
@pytest.mark.parametrize("name", FILMS)
def test_a_film_plays_and_seeks(page: Page, demo: Demo, name: str) -> None:
    item = watch(page, demo, name)
    video = page.locator("video")
    wait(page, "document.querySelector('video')?.readyState >= 1")
    assert video.evaluate("v => [v.videoWidth, v.videoHeight]") == [item["width"], item["height"]]
    video.evaluate("async v => { v.muted = true; await v.play() }")
    wait(page, "document.querySelector('video').currentTime > 0.5")
    seek = """async v => {
        const target = v.duration * 0.8, began = performance.now();
        v.currentTime = target;
        while (v.currentTime < target + 0.05 || v.seeking) await new Promise((done) => requestAnimationFrame(done));
        return { seconds: (performance.now() - began) / 1000, at: v.currentTime / v.duration };
    }"""
    sought = video.evaluate(seek)
    assert sought["at"] == pytest.approx(0.8, abs=0.1)
    assert sought["seconds"] < 1.0 or not full()
    assert is_picture(video.screenshot())
