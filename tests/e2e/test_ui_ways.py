"""Ways through the demo's web UI with a remote control, with music that goes on, and among pictures by fingers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, Route, expect

from tests.support.browser import DESKTOP, FILMS, PHONE, answer, items, wait
from tests.support.demo import Demo
from tests.support.player import LONG, VIDEO, region

TV = (1920, 1080)
HAS_FOCUS = "wanted => document.activeElement.matches(wanted)"
FOCUSED = "document.activeElement?.getAttribute('href')"


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A stranger's page of the size that the test names; a phone's screen is touched."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=request.param == PHONE, service_workers="block"
    )
    yield context.new_page()
    context.close()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrow_to(page: Page, key: str, wanted: str) -> None:
    """Press an arrow until what has the focus is `wanted`, a CSS selector."""
    for _ in range(30):
        if page.evaluate(HAS_FOCUS, wanted):
            return
        page.keyboard.press(key)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    raise AssertionError(f"{key} does not lead to {wanted}: {page.evaluate('document.activeElement.outerHTML')}")


@pytest.mark.parametrize("page", [TV], indirect=True, ids=["tv"])
def test_a_remote_control_finds_plays_seeks_and_comes_back(page: Page, demo: Demo) -> None:
    """By arrows, Enter, Escape, and letters in the search alone."""
    page.goto(demo.url)
    expect(page.locator("main li a").first).to_be_visible()
    arrow_to(page, "ArrowDown", "main section li a")
    arrow_to(page, "ArrowUp", "header button")
    press(page, "Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("ridge li")
    expect(page.get_by_role("option").first).to_contain_text("Ridge Line")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ridge Line")
    arrow_to(page, "ArrowDown", "a[href*='/watch/']")
    press(page, "Enter")
    wait(page, f"{VIDEO}?.currentTime > 0", seconds=LONG)
    arrow_to(page, "ArrowUp", "[role=slider]")
    before = page.evaluate(f"{VIDEO}.currentTime")
    press(page, "ArrowRight", "ArrowRight")
    wait(page, f"!{VIDEO}.seeking && {VIDEO}.currentTime >= {before} + 9", seconds=LONG)
    press(page, "Enter")
    wait(page, f"{VIDEO}.paused")
    passes_the_volume_and_changes_it_after_enter(page)
    press(page, "Escape")
    page.wait_for_url(re.compile("/work/"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    press(page, "Escape")
    page.wait_for_url(f"{demo.url}/")
    comes_back_to_the_card(page, demo)


def passes_the_volume_and_changes_it_after_enter(page: Page) -> None:
    """Arrows lead through the controls in both directions, and nothing is louder or quieter for that."""
    volume, mute = "[aria-label=Volume]", "[aria-label=Mute]"
    arrow_to(page, "ArrowDown", "[data-controls] button")
    arrow_to(page, "ArrowLeft", mute)
    press(page, "ArrowRight")
    assert page.evaluate(HAS_FOCUS, volume)
    press(page, "ArrowRight")
    assert page.evaluate(HAS_FOCUS, "[data-controls] button:not([aria-label])")  # the time
    assert page.evaluate(f"{VIDEO}.volume") == 1
    press(page, "ArrowLeft", "Enter", "ArrowLeft")
    assert page.evaluate(HAS_FOCUS, volume)
    wait(page, f"{VIDEO}.volume === 0.95")
    press(page, "Enter", "ArrowLeft")
    assert page.evaluate(HAS_FOCUS, mute)


def comes_back_to_the_card(page: Page, demo: Demo) -> None:
    """From home, into a card of a lower row, and back by Escape: where it was, with the focus on it."""
    expect(page.locator("section[aria-label='Films'] li a").first).to_be_attached()
    arrow_to(page, "ArrowDown", "section[aria-label='Films'] li a")
    press(page, "ArrowRight")
    link, left = page.evaluate(f"[{FOCUSED}, scrollY]")
    assert left > 0
    press(page, "Enter")
    wait(page, f"location.pathname === '{link}' && document.activeElement.matches('h1')")
    press(page, "Escape")
    page.wait_for_url(f"{demo.url}/")
    wait(page, f"{FOCUSED} === '{link}' && Math.abs(scrollY - {left}) < 2")


def bar(page: Page) -> Locator:
    """The player of music at the bottom."""
    return page.get_by_role("region", name="Music player")


def plays(page: Page, name: str) -> None:
    """The bar shows a song, and it sounds: its position moves."""
    position = "document.querySelector('section[aria-label=\"Music player\"] [aria-label=Position]').value"
    expect(bar(page).get_by_text(name, exact=True).first).to_be_visible()
    expect(bar(page).get_by_role("button", name="Pause")).to_be_visible()
    wait(page, f"Number({position}) > 0", seconds=LONG)


def queued(page: Page) -> list[str]:
    """The songs of the queue's panel, in their order."""
    grips = page.get_by_role("dialog", name="Queue").get_by_role("button", name=re.compile("^Move "))
    return [str(name).removeprefix("Move ") for name in grips.evaluate_all("all => all.map((a) => a.ariaLabel)")]


@pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
def test_an_album_goes_on_while_one_looks_around_and_keeps_its_order(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/music")
    page.get_by_role("link", name="Low Water").click()
    rows = page.get_by_role("list", name="Songs").get_by_role("listitem")
    expect(rows).not_to_have_count(0)
    names = rows.locator("span.font-medium").all_inner_texts()
    assert len(names) >= 3
    page.get_by_role("button", name="Play all", exact=True).click()
    plays(page, names[0])
    bar(page).get_by_role("button", name="Next").click()
    plays(page, names[1])
    held: list[Route] = []
    page.route("**/stream/**", lambda route: held.append(route))
    with page.expect_request("**/stream/**"):
        bar(page).get_by_role("button", name="Next").click()
    expect(bar(page).get_by_text(names[2], exact=True).first).to_be_visible()
    page.unroute("**/stream/**")
    bar(page).get_by_role("button", name="Previous").click()  # the third has not begun to sound
    plays(page, names[1])
    for _ in range(2):
        bar(page).get_by_role("button", name=re.compile("^Repeat: ")).click()
    bar(page).get_by_role("button", name="Repeat: this song").wait_for()
    page.get_by_role("link", name="Films", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Films")).to_be_visible()
    plays(page, names[1])
    bar(page).get_by_role("button", name="Show the queue").click()
    assert queued(page) == names
    press(page, "Escape")
    bar(page).get_by_role("button", name="Repeat: this song").click()
    page.get_by_role("link", name="Photos", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Photos")).to_be_visible()
    bar(page).get_by_label("Position").press("End")
    plays(page, names[2])  # by itself, and on another page
    bar(page).get_by_role("button", name="Show the queue").click()
    assert queued(page) == names


def touch(fingers: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """What fingers at these points do: "touchStart", "touchMove" or "touchEnd"."""
    where = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})


def shown(page: Page) -> str:
    """The picture that the address names."""
    return str(page.evaluate("new URLSearchParams(location.search).get('photo')"))


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_pictures_are_gone_through_by_keys_and_fingers_enlarged_and_saved(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/photos")
    pictures = page.locator("main a[href*='photo=']")
    expect(pictures.nth(8)).to_be_attached()
    pictures.nth(8).evaluate("picture => picture.scrollIntoView({ block: 'center', behavior: 'instant' })")
    left = page.evaluate("scrollY")
    assert left > 0
    pictures.nth(8).tap()
    viewer = page.get_by_role("dialog", name="Picture")
    expect(viewer.get_by_role("button", name="Next picture")).to_be_attached()  # those around it are known
    first = shown(page)
    press(page, "ArrowRight")
    wait(page, f"new URLSearchParams(location.search).get('photo') !== '{first}'")
    second = shown(page)
    fingers = page.context.new_cdp_session(page)
    touch(fingers, "touchStart", (330, 420))
    touch(fingers, "touchMove", (200, 424))
    touch(fingers, "touchMove", (60, 424))
    touch(fingers, "touchEnd")
    wait(page, f"!['{first}', '{second}'].includes(new URLSearchParams(location.search).get('photo'))")
    third = shown(page)
    touch(fingers, "touchStart", (60, 424))
    touch(fingers, "touchMove", (330, 424))
    touch(fingers, "touchEnd")
    wait(page, f"new URLSearchParams(location.search).get('photo') === '{second}'")
    assert third != second
    picture = "document.querySelector('dialog [aria-hidden=false] img:not([aria-hidden=true]):last-of-type')"
    wait(page, f"{picture}?.complete && {picture}.naturalWidth > 0")
    width = page.evaluate(f"{picture}.getBoundingClientRect().width")
    touch(fingers, "touchStart", (170, 420), (220, 420))
    touch(fingers, "touchMove", (120, 420), (270, 420))
    touch(fingers, "touchEnd")
    wait(page, f"{picture}.getBoundingClientRect().width > {width} * 2")
    press(page, "0")
    wait(page, f"Math.abs({picture}.getBoundingClientRect().width - {width}) < 1")
    viewer.get_by_role("button", name="Download").tap()
    link = page.get_by_role("menuitem", name=re.compile("^Original"))
    answer = page.request.get(str(link.evaluate("link => link.href")))
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.body()[:2] == b"\xff\xd8"
    press(page, "Escape")
    expect(link).to_have_count(0)
    expect(viewer).to_be_visible()
    press(page, "Escape")
    expect(viewer).to_have_count(0)
    wait(page, f"Math.abs(scrollY - {left}) < 2 && !location.search.includes('photo=')")
    assert region(page).count() == 0


@pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
def test_who_may_see_one_file_gets_back_to_it_from_the_settings(page: Page, demo: Demo) -> None:
    item = items(page, demo)[FILMS[0]]
    here = f"{demo.url}/watch/{item['chat_id']}/{item['message_id']}?token=AQEAAAAAAABh6-8_gS7vI4pgKk7p1T5X"
    page.goto(here)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1, name="You")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.wait_for_url(here)
    expect(page.get_by_role("heading", level=1, name="Ridge Line")).to_be_visible()


@pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
def test_a_page_that_is_asked_for_again_says_why_it_waits(page: Page, demo: Demo) -> None:
    """The server is busy for half a minute: none of them is a skeleton for so long."""
    busy = {"detail": "The database is away."}
    page.route(
        re.compile("/api/(works|catalog|watch|collections)"),
        lambda route: answer(route, busy, status=503, headers={"Retry-After": "30"}),
    )
    for path in ("/series", "/work/f:none", "/watch/-1001500000001/1", "/music", "/channels", "/collections", "/films"):
        page.goto(demo.url + path)
        expect(page.get_by_role("main").get_by_role("heading", name="One moment")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("The database is away.")
