"""The first page and the player in a real browser, against the running demo."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.support.browser import API, FILMS, answer, desktop_only, is_picture, items, wait, watch
from tests.support.demo import Demo

PAGE = 48
"""Cards that the page asks for at once."""


@desktop_only
def test_the_mkv_plays_or_says_what_to_do(page: Page, demo: Demo) -> None:
    watch(page, demo, "كثبان الرمل – Dunes.mkv")
    playing = "document.querySelector('video')?.readyState >= 2"
    wait(page, f"{playing} || document.querySelector('.stage .notice')")
    if not page.evaluate(playing):
        expect(page.locator(".stage .notice")).to_contain_text("cannot play")


@desktop_only
def test_music_plays(page: Page, demo: Demo) -> None:
    for name in ("01 First Light.mp3", 'Glacier "live" – 冰川.flac'):
        item = watch(page, demo, name)
        expect(page.locator("h1")).to_have_text(item["title"])
        wait(page, "document.querySelector('audio')?.readyState >= 1")
        page.locator("audio").evaluate("async a => { a.muted = true; await a.play() }")
        wait(page, "document.querySelector('audio').currentTime > 0.3")
        duration = page.locator("audio").evaluate("a => a.duration")
        assert duration == pytest.approx(item["duration"], abs=0.2)


@desktop_only
@pytest.mark.parametrize("name", [FILMS[0], "01 First Light.mp3"])
def test_a_click_on_a_card_begins_to_play(page: Page, demo: Demo, name: str) -> None:
    """5: and nothing else does: neither the address, nor the same page anew."""
    item = items(page, demo)[name]
    there = f"/watch/{item['chat_id']}/{item['message_id']}"
    player = "document.querySelector('video, audio')"
    page.goto(demo.url)
    page.locator(f".card a[href*='{there}']").click()
    wait(page, f"{player}?.currentTime > 0")
    for address in (page.url, demo.url + there):
        page.goto(address)
        wait(page, f"{player}?.readyState >= 1")
        assert page.evaluate(f"{player}.paused && {player}.currentTime === 0")


@desktop_only
def test_where_the_browser_refuses_to_play_the_player_waits(page: Page, demo: Demo) -> None:
    """5."""
    item, errors = items(page, demo)[FILMS[0]], list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    refuse = "async () => { window.refused = true; throw new DOMException('', 'NotAllowedError'); }"
    page.add_init_script(f"HTMLMediaElement.prototype.play = {refuse}")
    page.goto(demo.url)
    page.locator(f".card a[href*='/watch/{item['chat_id']}/{item['message_id']}']").click()
    wait(page, "window.refused && document.querySelector('video').readyState >= 1")
    assert page.evaluate("document.querySelector('video').paused")
    assert not errors


def test_the_first_page_lists_the_newest(page: Page, demo: Demo) -> None:
    assert len(items(page, demo)) > PAGE
    page.goto(demo.url)
    cards = page.locator(".card:not(.ghost)")
    expect(cards).to_have_count(PAGE)
    first = cards.first
    wait(page, "[...document.querySelectorAll('.card img')].slice(0, 2).every((i) => i.naturalWidth > 0)")
    assert is_picture(first.locator(".shot").screenshot())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"
    first.locator("a").click()
    expect(page.locator("h1")).to_be_visible()
    assert "/watch/" in page.url


@desktop_only
def test_a_placeholder_is_there_before_its_picture(page: Page, demo: Demo) -> None:
    listed = page.request.get(f"{demo.url}/api/catalog?limit={PAGE}").json()["items"]
    held = [item for item in listed if item["placeholder"]]
    assert held, "the demo's films have tiny pictures"
    page.route(re.compile("/thumb/"), lambda route: None)  # which never come
    page.goto(demo.url)
    expect(page.locator(".card:not(.ghost)")).to_have_count(PAGE)
    tiny = page.locator(".card img.blur[src^='data:image/jpeg']")
    expect(tiny).to_have_count(len(held))
    tiny.first.scroll_into_view_if_needed()
    wait(page, "document.querySelector('.card img.blur[src^=data]').naturalWidth > 0")


@desktop_only
def test_search_and_kinds_narrow_the_list(page: Page, demo: Demo) -> None:
    listed = items(page, demo)
    page.goto(demo.url)
    cards = page.locator(".card:not(.ghost)")
    page.get_by_role("button", name="Music").click()
    expect(cards).to_have_count(sum(item["kind"] == "audio" for item in listed.values()))
    page.get_by_role("button", name="Everything").click()
    page.keyboard.press("/")
    page.keyboard.type("прилив")
    expect(cards).to_have_count(1)
    page.reload()
    expect(cards).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("прилив")
    page.keyboard.press("/")
    page.keyboard.type(" no such thing")
    expect(page.locator(".notice")).to_contain_text("Nothing found")
    page.get_by_role("button", name="Show everything").click()
    expect(cards).to_have_count(PAGE)


@desktop_only
def test_more_is_loaded_by_cursor(page: Page, demo: Demo) -> None:
    listed = page.request.get(f"{demo.url}/api/catalog?limit=200").json()["items"]
    page.goto(demo.url)
    cards = page.locator(".card:not(.ghost)")
    expect(cards).to_have_count(PAGE)
    for shown in range(2 * PAGE, len(listed) + PAGE, PAGE):
        page.get_by_role("button", name="Load more").click()
        expect(cards).to_have_count(min(shown, len(listed)))
    links = page.locator(".card a").evaluate_all("all => all.map((a) => a.href)")
    assert len(set(links)) == len(listed)
    expect(page.get_by_role("button", name="Load more")).to_have_count(0)


@desktop_only
@pytest.mark.parametrize("way", ["the browser's back", "All files"])
def test_back_from_a_file_leads_to_the_same_place(page: Page, demo: Demo, way: str) -> None:
    """K"""
    page.route(API, lambda route: route.continue_(url=route.request.url.replace("limit=48", "limit=7")))
    page.goto(demo.url)
    cards = page.locator(".card:not(.ghost)")
    for shown in (7, 14):
        expect(cards).to_have_count(shown)
        page.get_by_role("button", name="Load more").click()
    count = min(21, len(items(page, demo)))
    expect(cards).to_have_count(count)
    cards.nth(count - 2).scroll_into_view_if_needed()
    left = page.evaluate("scrollY")
    assert left > 0
    cards.nth(count - 2).locator("a").click()
    expect(page.locator("h1")).to_be_visible()
    if way == "All files":
        page.locator("#back").click()
    else:
        page.go_back()
    expect(cards).to_have_count(count)
    wait(page, f"Math.abs(scrollY - {left}) < 2")


def shown_as(page: Page, item: dict[str, Any], **changes: Any) -> None:
    """The page of the file is told other things of it."""
    page.route(
        re.compile(rf"/api/catalog/{item['chat_id']}/{item['message_id']}"), lambda route: answer(route, item | changes)
    )


def giving(content_type: str, body: bytes) -> Callable[[Route], None]:
    """A handler that answers with these bytes."""
    return lambda route: route.fulfill(content_type=content_type, body=body)


@desktop_only
def test_pictures_are_shown_whatever_they_were_sent_as(page: Page, demo: Demo) -> None:
    """K: an animation that is a GIF; stickers and documents that are pictures."""
    item = items(page, demo)[FILMS[0]]
    sent = [("animation", "gif"), ("document", "gif"), ("sticker", "webp"), ("document", "png")]
    for width, (kind, picture) in enumerate(sent, 40):
        body = io.BytesIO()
        Image.new("RGB", (width, 30), "red").save(body, picture)
        shown_as(page, item, kind=kind, mime_type=f"image/{picture}")
        page.route(re.compile("/stream/"), giving(f"image/{picture}", body.getvalue()))
        page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
        wait(page, f"document.querySelector('.stage img')?.naturalWidth === {width}")


@desktop_only
def test_only_animations_and_stickers_loop_without_sound(page: Page, demo: Demo) -> None:
    """K: Metropolis, which was sent as an animation and is a film, does not."""
    item = items(page, demo)[FILMS[0]]
    for kind, name in (("video", "Metropolis.1927.1080p.mp4"), ("animation", "cat.mp4"), ("document", "reel.mp4")):
        shown_as(page, item, kind=kind, name=name)
        page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
        wait(page, "document.querySelector('.stage video')?.readyState >= 1")
        silent = page.evaluate("(v => [v.loop, v.muted, v.autoplay])(document.querySelector('.stage video'))")
        assert silent == [kind == "animation"] * 3
        assert name in page.locator(".about dl").inner_text()


@desktop_only
def test_a_sticker_that_is_a_film_plays(page: Page, demo: Demo) -> None:
    """K"""
    item = items(page, demo)[FILMS[2]]
    shown_as(page, item, kind="sticker", mime_type="video/webm")
    page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
    wait(page, "document.querySelector('.stage video')?.currentTime > 0.2")


@desktop_only
def test_a_piece_and_a_playlist_are_to_be_downloaded(page: Page, demo: Demo) -> None:
    item = items(page, demo)[FILMS[0]]
    for mime_type in ("application/octet-stream", "audio/x-mpegurl", "image/svg+xml"):
        shown_as(page, item, mime_type=mime_type)
        page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}")
        expect(page.locator(".stage.card .ext")).to_be_visible()


@desktop_only
def test_the_token_goes_along(page: Page, demo: Demo) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    everything = "AQIAAAAAAABh6-8_gS7vI4pgKk7p1T5X"  # byte 1 is 2: the whole server
    page.goto(f"{demo.url}/?token={everything}")
    link = page.locator(".card:not(.ghost) a").first
    expect(link).to_have_attribute("href", re.compile(f"token={everything}"))
    link.click()
    expect(page.locator("h1")).to_be_visible()
    assert f"token={everything}" in page.url
    called = [request.url for request in asked if "/api/" in request.url]
    assert called
    assert all(f"token={everything}" in url for url in called)


@desktop_only
def test_a_link_to_one_file_offers_no_way_elsewhere(page: Page, demo: Demo) -> None:
    item = items(page, demo)[FILMS[0]]
    one_file = "AQEAAAAAAABh6-8_gS7vI4pgKk7p1T5X"
    page.goto(f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}?token={one_file}")
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("link", name="All files")).to_have_count(0)
    expect(page.get_by_text("More from this channel")).to_have_count(0)


@desktop_only
@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "Open this page with a link"), (403, "does not open this page"), (500, "did not work"), (503, "One moment")],
)
def test_refusals_are_explained(page: Page, demo: Demo, status: int, says: str) -> None:
    page.route(API, lambda route: answer(route, {"detail": "So it is."}, status=status, headers={"Retry-After": "30"}))
    page.goto(demo.url)
    expect(page.locator(".notice")).to_contain_text(says)
    expect(page.locator(".notice")).to_contain_text("So it is.")


@desktop_only
def test_trying_again_helps_once_it_works(page: Page, demo: Demo) -> None:
    page.route(API, lambda route: answer(route, {"detail": "Broken."}, status=500), times=1)
    page.goto(demo.url)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card:not(.ghost)").first).to_be_visible()


@desktop_only
def test_an_empty_catalog_says_what_to_do(page: Page, demo: Demo) -> None:
    page.route(API, lambda route: answer(route, {"items": [], "next_cursor": None}))
    page.goto(demo.url)
    expect(page.locator(".notice")).to_contain_text("Post a file in one of the channels")


@desktop_only
def test_an_unknown_message_is_not_here(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/watch/-1001/1")
    expect(page.locator(".notice")).to_contain_text("Nothing here")


@desktop_only
def test_a_file_that_no_browser_plays_can_be_downloaded(page: Page, demo: Demo) -> None:
    item = watch(page, demo, "Archive, 3 GB.bin")
    expect(page.locator(".stage")).to_contain_text("BIN")
    link = page.get_by_role("link", name="Download")
    expect(link).to_have_attribute("href", f"{demo.url}{item['stream_url']}?download=1")


@desktop_only
def test_a_film_that_this_browser_cannot_play_says_so(page: Page, demo: Demo) -> None:
    listed = items(page, demo)
    bad = {**listed[FILMS[0]], "stream_url": listed["Archive, 3 GB.bin"]["stream_url"], "mime_type": "video/x-odd"}
    page.route(re.compile(r"/api/catalog/-"), lambda route: answer(route, bad))
    watch(page, demo, FILMS[0])
    expect(page.locator(".stage .notice")).to_contain_text("This browser cannot play this file (video/x-odd)")
    expect(page.locator(".stage").get_by_role("link", name="Download")).to_be_visible()


@desktop_only
def test_the_keyboard_reaches_and_drives_the_player(page: Page, demo: Demo) -> None:
    watch(page, demo, FILMS[0])
    wait(page, "document.querySelector('video')?.readyState >= 1")
    page.keyboard.press("ArrowRight")
    wait(page, "document.querySelector('video').currentTime === 5")
    page.keyboard.press("l")
    wait(page, "document.querySelector('video').currentTime === 15")
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.tagName"))
    assert {"VIDEO", "Download", "Copy link"} <= reached
