"""Lists and the page of a file in a real browser, against the running demo."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.support.browser import (
    CARDS,
    FILMS,
    LISTS,
    PLAYS,
    REFUSES,
    answer,
    catalog,
    desktop_only,
    fits,
    go,
    is_picture,
    items,
    like,
    pretend,
    settle,
    wait,
    watch,
)
from tests.support.demo import Demo

PLAYER = "document.querySelector('video, audio')"


def place(item: dict[str, Any]) -> str:
    """The path of a file's page."""
    return f"/watch/{item['chat_id']}/{item['message_id']}"


@desktop_only
def test_the_mkv_plays_or_says_what_to_do(page: Page, demo: Demo) -> None:
    watch(page, demo, "كثبان الرمل – Dunes.mkv")
    playing = "document.querySelector('video')?.readyState >= 2"
    wait(page, f"{playing} || {REFUSES}")
    if not page.evaluate(playing):
        expect(page.get_by_role("alert")).to_contain_text("cannot play")


@desktop_only
def test_music_plays(page: Page, demo: Demo) -> None:
    for name in ("01 First Light.mp3", 'Glacier "live" – 冰川.flac'):
        item = watch(page, demo, name)
        expect(page.get_by_role("heading", level=1)).to_have_text(item["title"])
        wait(page, "document.querySelector('audio')?.readyState >= 1")
        page.locator("audio").evaluate("async a => { a.muted = true; await a.play() }")
        wait(page, "document.querySelector('audio').currentTime > 0.3")
        duration = page.locator("audio").evaluate("a => a.duration")
        assert duration == pytest.approx(item["duration"], abs=0.2)


@desktop_only
@pytest.mark.parametrize("name", [FILMS[0], "01 First Light.mp3"])
def test_a_click_on_a_card_begins_to_play(page: Page, demo: Demo, name: str) -> None:
    """5: and nothing else does: neither the address, nor the same page anew."""
    there = place(items(page, demo)[name])
    page.goto(f"{demo.url}/files")
    page.locator(f"main li a[href*='{there}']").click()
    wait(page, f"{PLAYER}?.currentTime > 0")
    for address in (page.url, demo.url + there):
        page.goto(address)
        wait(page, f"{PLAYER}?.readyState >= 1")
        assert page.evaluate(f"{PLAYER}.paused && {PLAYER}.currentTime === 0")


@desktop_only
def test_where_the_browser_refuses_to_play_the_player_waits(page: Page, demo: Demo) -> None:
    """5."""
    item, errors = items(page, demo)[FILMS[0]], list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    refuse = "async () => { window.refused = true; throw new DOMException('', 'NotAllowedError'); }"
    page.add_init_script(f"HTMLMediaElement.prototype.play = {refuse}")
    page.goto(f"{demo.url}/files")
    page.locator(f"main li a[href*='{place(item)}']").click()
    wait(page, "window.refused && document.querySelector('video').readyState >= 1")
    expect(page.get_by_text("The browser waits for you to press play.")).to_be_visible()
    assert page.evaluate("document.querySelector('video').paused")
    assert not errors


def test_the_first_page_begins_with_the_newest(page: Page, demo: Demo) -> None:
    newest = page.request.get(f"{demo.url}/api/catalog?limit=20").json()["items"]
    page.goto(demo.url)
    row = page.get_by_role("region", name="Recently added")
    links = row.locator("li a")
    expect(links.first).to_be_visible()
    if (begun := links.count()) < len(newest):  # the rest comes with its end
        assert begun >= 4
        row.locator("li").last.scroll_into_view_if_needed()
    expect(links).to_have_count(len(newest))
    shown = links.evaluate_all("all => all.map((a) => new URL(a.href).pathname)")
    assert shown == [place(item) for item in newest]
    seen = next(number for number, item in enumerate(newest) if item["thumb_url"])
    card = row.locator("li").nth(seen)
    card.scroll_into_view_if_needed()
    wait(page, "[...document.querySelectorAll('main li img')].some((i) => i.loading === 'lazy' && i.naturalWidth > 0)")
    picture = card.locator("img[src*='/thumb/']")
    wait(page, f"document.querySelector('main li img[src*=\"{newest[seen]['thumb_url']}\"]').naturalWidth > 0")
    assert is_picture(picture.screenshot())
    settle(page)
    assert fits(page), "nothing sticks out sideways"
    card.locator("a").click()
    wait(page, f"location.pathname === '{place(newest[seen])}'")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@desktop_only
def test_what_the_document_hints_at_is_what_the_page_asks_for(page: Page, demo: Demo) -> None:
    """Each once: a hint that is not the page's own request, to the letter, would be fetched in vain."""
    film = next(one for one in catalog(page, demo) if one["facts"] and one["facts"]["work"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(demo.url)))
    for path in ("/", f"/work/{film['facts']['work']}"):
        asked.clear()
        document = page.goto(demo.url + path)
        assert document is not None
        hinted = re.findall("<([^>]+)>", document.headers["link"])
        settle(page)
        assert len([one for one in hinted if one.startswith("/api/")]) >= 2
        assert {one: asked.count(one) for one in hinted} == dict.fromkeys(hinted, 1)


@desktop_only
def test_a_placeholder_is_there_before_its_picture(page: Page, demo: Demo) -> None:
    listed = catalog(page, demo)
    held = {place(item) for item in listed if item["placeholder"]}
    page.route(re.compile("/thumb/"), lambda route: None)  # which never come
    page.goto(f"{demo.url}/files")
    expect(page.locator(CARDS).first).to_be_visible()
    settle(page)
    shown = page.locator(CARDS).evaluate_all("all => all.map((a) => new URL(a.href).pathname)")
    tiny = page.locator("main li[data-cell] img[src^='data:image/jpeg']")
    assert held & set(shown), "the demo's films have tiny pictures"
    expect(tiny).to_have_count(len(held & set(shown)))
    tiny.first.scroll_into_view_if_needed()
    wait(page, "document.querySelector('main li[data-cell] img[src^=data]').naturalWidth > 0")


@desktop_only
def test_search_and_kinds_narrow_the_list(page: Page, demo: Demo) -> None:
    listed = catalog(page, demo)
    page.goto(f"{demo.url}/files")
    number = page.get_by_role("status").filter(has_text="file")
    expect(number).to_have_text(f"{len(listed)} files")
    page.get_by_role("button", name="Kind: ").click()
    page.get_by_role("menuitemradio", name="Music").click()
    songs = sum(item["kind"] == "audio" for item in listed)
    expect(number).to_have_text(f"{songs} files")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(number).to_have_text(f"{len(listed)} files")
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("прилив")
    page.get_by_role("option", name="All results for “прилив”").click()
    cards = page.locator(CARDS)
    expect(cards).to_have_count(1)
    page.reload()
    expect(cards).to_have_count(1)
    field = page.get_by_role("main").get_by_role("searchbox")
    expect(field).to_have_value("прилив")
    field.fill("прилив no such thing")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()
    expect(field).to_have_value("")


@desktop_only
def test_all_of_a_list_is_reached_by_scrolling(page: Page, demo: Demo) -> None:
    listed = catalog(page, demo)
    page.goto(f"{demo.url}/files")
    expect(page.locator(CARDS).first).to_be_visible()
    found = page.evaluate(
        """async (count) => {
            const found = new Set(), frame = () => new Promise((done) => requestAnimationFrame(done));
            const cells = () => [...document.querySelectorAll('main li[data-cell]')];
            const edges = (li) => li.getBoundingClientRect();
            const seen = (li) => edges(li).bottom > 0 && edges(li).top < innerHeight;
            let most = 0;
            for (;;) {
                while (!cells().some(seen) || !cells().filter(seen).every((li) => li.querySelector('a'))) await frame();
                for (const li of cells()) if (li.querySelector('a')) found.add(li.querySelector('a').pathname);
                most = Math.max(most, cells().length);
                if (found.size >= count) return { paths: [...found], most };
                scrollBy({ top: innerHeight / 2, behavior: 'instant' });
                await frame();
                await frame();
            }
        }""",
        len(listed),
    )
    assert set(found["paths"]) == {place(item) for item in listed}
    assert found["most"] < len(listed), "only what is near the view is drawn"


def test_back_from_a_file_leads_to_the_same_place(page: Page, demo: Demo) -> None:
    """K"""
    page.goto(f"{demo.url}/files")
    expect(page.locator(CARDS).first).to_be_visible()
    page.evaluate("scrollTo({ top: document.documentElement.scrollHeight * 0.6, behavior: 'instant' })")
    middle = """[...document.querySelectorAll('main li[data-cell] a')].find((a) => {
        const box = a.getBoundingClientRect();
        return box.top > innerHeight * 0.3 && box.bottom < innerHeight * 0.8;
    })"""
    wait(page, f"{middle} !== undefined")
    left, path = page.evaluate(f"[scrollY, {middle}.pathname]")
    assert left > 0
    page.locator(f"main li[data-cell] a[href='{path}']").click()
    wait(page, f"location.pathname === '{path}' && document.querySelector('h1')")
    page.go_back()
    wait(page, f"location.pathname === '/files' && Math.abs(scrollY - {left}) < 2")
    wait(page, f"document.querySelector(\"main li[data-cell] a[href='{path}']\") !== null")


def shown_as(page: Page, item: dict[str, Any], **changes: Any) -> None:
    """The page of the file is told other things of it."""
    page.route(
        re.compile(rf"/api/catalog/{item['chat_id']}/{item['message_id']}(\?|$)"),
        lambda route: answer(route, {**item, "origins": [], **changes}),
    )


def giving(content_type: str, body: bytes) -> Callable[[Route], None]:
    """A handler that answers with these bytes."""
    return lambda route: route.fulfill(content_type=content_type, body=body)


@desktop_only
def test_pictures_are_shown_whatever_they_were_sent_as(page: Page, demo: Demo) -> None:
    """K: an animation that is a GIF; stickers and documents that are pictures."""
    item = items(page, demo)[FILMS[0]]
    sent = [("animation", "gif"), ("document", "gif"), ("sticker", "webp"), ("document", "png")]
    bodies: list[bytes] = []
    for width, (_, picture) in enumerate(sent, 40):
        body = io.BytesIO()
        Image.new("RGB", (width, 30), "red").save(body, picture)
        bodies.append(body.getvalue())
    files = [
        {"kind": kind, "mime_type": f"image/{picture}", "stream_url": f"/stream/picture/{at}"}
        for at, (kind, picture) in enumerate(sent)
    ]
    page.goto(demo.url)
    for at, path in enumerate(like(page, demo, item, files)):
        page.route(re.compile(f"/stream/picture/{at}"), giving(files[at]["mime_type"], bodies[at]))
        go(page, path)
        wait(page, f"document.querySelector('main img[src*=\"/stream/\"]')?.naturalWidth === {40 + at}")


@desktop_only
def test_only_animations_and_stickers_loop_without_sound(page: Page, demo: Demo) -> None:
    """K: Metropolis, which was sent as an animation and is a film, does not."""
    item = items(page, demo)[FILMS[0]]
    sent = [("video", "Metropolis.1927.1080p.mp4"), ("animation", "cat.mp4"), ("document", "reel.mp4")]
    page.goto(demo.url)
    for at, path in enumerate(like(page, demo, item, [{"kind": kind, "name": name} for kind, name in sent])):
        kind, name = sent[at]
        go(page, path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(name.removesuffix(".mp4"))
        wait(page, "document.querySelector('video')?.readyState >= 1")
        silent = page.evaluate("(v => [v.loop, v.muted, v.autoplay])(document.querySelector('video'))")
        assert silent == [kind == "animation"] * 3


@desktop_only
def test_a_sticker_that_is_a_film_plays(page: Page, demo: Demo) -> None:
    """K"""
    item = items(page, demo)[FILMS[2]]
    shown_as(page, item, kind="sticker", mime_type="video/webm")
    page.goto(demo.url + place(item))
    wait(page, "document.querySelector('video')?.currentTime > 0.2")


@desktop_only
def test_a_piece_and_a_playlist_are_to_be_downloaded(page: Page, demo: Demo) -> None:
    item = items(page, demo)[FILMS[0]]
    types = ("application/octet-stream", "audio/x-mpegurl", "application/zip")
    page.goto(demo.url)
    files = [{"mime_type": mime_type, "name": f"file {at}"} for at, mime_type in enumerate(types)]
    for at, path in enumerate(like(page, demo, item, files)):
        go(page, path)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"file {at}")
        expect(page.get_by_text("cannot be shown here")).to_be_visible()
        expect(page.get_by_role("link", name=re.compile("^Download, "))).to_be_visible()
        assert page.locator("video, audio").count() == 0


@desktop_only
def test_a_drawing_that_may_hold_scripts_is_a_picture_or_a_download(page: Page, demo: Demo) -> None:
    """An SVG is never a document of the page: inside `img` nothing of it runs."""
    item = items(page, demo)[FILMS[0]]
    shown_as(page, item, mime_type="image/svg+xml", kind="document", name="drawing.svg")
    drawing = (
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>window.top.struck = 1</script></svg>"
    )
    page.route(re.compile("/stream/"), giving("image/svg+xml", drawing))
    page.goto(demo.url + place(item))
    settle(page)
    expect(page.get_by_role("link", name="Download").first).to_be_visible()
    assert page.evaluate("window.struck === undefined")
    assert page.locator("main iframe, main object, main embed, main svg script").count() == 0


@desktop_only
def test_the_token_goes_along(page: Page, demo: Demo) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    everything = "AQIAAAAAAABh6-8_gS7vI4pgKk7p1T5X"  # byte 1 is 2: the whole server
    page.goto(f"{demo.url}/files?token={everything}")
    link = page.locator(CARDS).first
    expect(link).to_have_attribute("href", re.compile(f"token={everything}"))
    link.click()
    wait(page, "location.pathname.startsWith('/watch/')")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert f"token={everything}" in page.url
    called = [request.url for request in asked if "/api/" in request.url]
    assert called
    assert all(f"token={everything}" in url for url in called)


@desktop_only
def test_a_link_to_one_file_offers_no_way_elsewhere(page: Page, demo: Demo) -> None:
    item = items(page, demo)[FILMS[0]]
    one_file = "AQEAAAAAAABh6-8_gS7vI4pgKk7p1T5X"
    page.goto(f"{demo.url}{place(item)}?token={one_file}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)
    paths = page.locator("a:not([download])").evaluate_all(
        "all => all.filter((a) => a.origin === location.origin).map((a) => a.pathname)"
    )
    elsewhere = {
        path for path in paths if not path.startswith((place(item), "/stream/", "/hls/", "/login", "/settings"))
    }
    assert elsewhere == set()
    expect(page.get_by_text("More from this channel")).to_have_count(0)
    expect(page.get_by_role("button", name="Search")).to_have_count(0)


@desktop_only
@pytest.mark.parametrize("path", ["/", "/files"])
def test_refusals_are_explained(page: Page, demo: Demo, path: str) -> None:
    """One after the other, asked for by "Try again"."""
    refused: list[int] = []

    def refuse(route: Route) -> None:
        answer(route, {"detail": f"So it is: {refused[-1]}."}, status=refused[-1], headers={"Retry-After": "30"})

    page.route(LISTS, refuse)
    main = page.get_by_role("main")
    for status, says in (
        (401, "Log in"),
        (403, "This link does not open this page"),
        (500, "That did not work"),
        (503, "One moment"),
    ):
        refused.append(status)
        if len(refused) == 1:
            page.goto(demo.url + path)
        else:
            main.get_by_role("button", name="Try again").first.click()
        expect(main.get_by_role("heading", name=says)).to_be_visible()
        expect(main).to_contain_text(f"So it is: {status}.")


@desktop_only
def test_trying_again_helps_once_it_works(page: Page, demo: Demo) -> None:
    broken = [True]

    def now_and_then(route: Route) -> None:
        if broken[0]:
            answer(route, {"detail": "Broken."}, status=500)
        else:
            route.continue_()

    page.route(LISTS, now_and_then)
    page.goto(f"{demo.url}/files")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    broken[0] = False
    again.click()
    expect(page.locator(CARDS).first).to_be_visible()


@desktop_only
def test_an_empty_catalog_says_what_to_do(page: Page, demo: Demo) -> None:
    pretend(page, [])
    page.goto(demo.url)
    for path, says in (
        ("/", "This library is empty"),
        ("/files", "No files yet"),
        ("/documents", "No documents yet"),
    ):
        go(page, path)
        expect(page.get_by_role("main")).to_contain_text(re.compile(f"{says}.*posted"))
        assert page.locator(CARDS).count() == 0


@desktop_only
def test_an_unknown_message_is_not_here(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/watch/-1001/1")
    expect(page.get_by_role("main")).to_contain_text("Nothing here")


@desktop_only
def test_a_file_that_no_browser_plays_can_be_downloaded(page: Page, demo: Demo) -> None:
    item = watch(page, demo, "Archive, 3 GB.bin")
    expect(page.get_by_role("main")).to_contain_text("BIN")
    links = page.get_by_role("link", name="Download")
    expect(links.first).to_be_visible()
    for link in links.all():
        expect(link).to_have_attribute("href", f"{demo.url}{item['stream_url']}?download=1")


@desktop_only
def test_a_film_that_this_browser_cannot_play_says_so(page: Page, demo: Demo) -> None:
    listed = items(page, demo)
    bad = {**listed[FILMS[0]], "stream_url": listed["Archive, 3 GB.bin"]["stream_url"], "mime_type": "video/x-odd"}
    shown_as(page, bad)
    page.route(re.compile("/api/facts/"), lambda route: answer(route, {"detail": "None."}, status=404))
    watch(page, demo, FILMS[0])
    told = page.get_by_role("alert")
    expect(told).to_contain_text("This browser cannot play this film")
    expect(told).to_contain_text("Open it in a player such as VLC or mpv, or download it.")
    expect(told.get_by_role("link", name="Download")).to_be_visible()


@desktop_only
def test_the_keyboard_reaches_and_drives_the_player(page: Page, demo: Demo) -> None:
    watch(page, demo, FILMS[0])
    wait(page, PLAYS)
    page.keyboard.press("ArrowRight")
    wait(page, "document.querySelector('video').currentTime === 5")
    page.keyboard.press("l")
    wait(page, "document.querySelector('video').currentTime === 15")
    reached: set[str] = set()
    named = "(e) => (e.getAttribute('aria-label') || e.textContent || e.tagName).trim()"
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(f"({named})(document.activeElement)"))
    assert {"Play", "Position", "Fullscreen", "Download", "Copy link"} <= reached
