"""The player of the web UI, as somebody at its page uses it: what is chosen in its panels and what it says."""

from playwright.sync_api import Locator, Page, expect

VIDEO = "document.querySelector('video')"
LONG = 30
"""Seconds that a film may take to begin on a busy machine."""


def region(page: Page) -> Locator:
    return page.get_by_role("region", name="Player")


def said(page: Page) -> Locator:
    """What is told over the picture."""
    return page.locator("[data-said]")


def trouble(page: Page) -> Locator:
    """Why the film does not play, and what can be done."""
    return region(page).get_by_role("alert")


def captions(page: Page) -> Locator:
    """The subtitles on the screen, one by one."""
    return page.locator("[data-captions] p")


def opener(page: Page, panel: str) -> Locator:
    """The button that opens a panel; the pointer over the picture shows the controls."""
    box = region(page).bounding_box()
    assert box is not None
    for step in (20, 30):
        page.mouse.move(box["x"] + step, box["y"] + step)
    return region(page).get_by_role("button", name=panel, exact=True)


def panel(page: Page, name: str) -> Locator:
    """A panel of the player, opened: "Sound", "Subtitles" or "Settings"."""
    found = page.get_by_role("dialog", name=name)
    if not found.is_visible():
        opener(page, name).wait_for(timeout=LONG * 1000)
        opener(page, name).click()
    return found


def choose(page: Page, name: str, option: str | int) -> None:
    """Choose what begins with these words (or stands at this place), and close the panel again."""
    shown = panel(page, name)
    group = shown.get_by_role("group", name=name)
    radios = group.get_by_role("radio")
    radio = radios.nth(option) if isinstance(option, int) else group.get_by_role("radio", name=option)
    radio.click()
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)


def chosen(page: Page, name: str) -> int:
    """The place of what is chosen in a panel."""
    shown = panel(page, name)
    radios = shown.get_by_role("group", name=name).get_by_role("radio")
    expect(radios).not_to_have_count(0)
    at = next(place for place, radio in enumerate(radios.all()) if radio.is_checked())
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    return at


def play(page: Page, *, muted: bool = True) -> None:
    page.evaluate(
        "([muted]) => { VIDEO.muted = muted; VIDEO.play().catch(() => {}); }".replace("VIDEO", VIDEO), [muted]
    )


def statistics(page: Page) -> Locator:
    """How it plays, opened and closed by the key I."""
    return page.get_by_role("region", name="Statistics")
