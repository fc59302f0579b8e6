"""What is measured of a page's layout: how far it has shifted by itself, and which controls are too small to hit."""

from playwright.sync_api import Page

TARGET = 44
"""Pixels that a control is wide and high at least."""
MOST_SHIFTED = 0.02
"""Cumulative layout shift that a page may have."""

WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
    const source = ({ node, previousRect, currentRect }) =>
        `${node?.nodeName} "${node?.textContent?.slice(0, 40)}" ${box(previousRect)} -> ${box(currentRect)}`;
    for (const shift of list.getEntries())
        if (!shift.hadRecentInput) window.shifts.push([shift.value, shift.sources.map(source)]);
}).observe({ type: "layout-shift", buffered: true });
"""
"""A script for each page before it is loaded."""

_SMALL = """(least) => {
    const controls = 'a[href], button, input, select, textarea, summary, [role=button], [role=slider], [tabindex="0"]';
    const area = (one) => {
        const label = one.matches("input") && one.closest("label");
        const covers = getComputedStyle(one, "::after");
        const over = covers.position === "absolute" && covers.content !== "none" && covers.inset === "0px";
        const parts = [one, label, over && one.offsetParent].filter(Boolean);
        const boxes = parts.map((part) => part.getBoundingClientRect());
        return ["width", "height"].map((side) => Math.max(...boxes.map((box) => box[side])));
    };
    const isShown = (one) =>
        !one.disabled && one.checkVisibility({ visibilityProperty: true }) &&
        !one.closest("[inert], [aria-hidden=true]") && getComputedStyle(one).pointerEvents !== "none";
    return [...document.querySelectorAll(controls)].filter(isShown).map((one) => {
        const [width, height] = area(one);
        const name = one.getAttribute("aria-label") || one.textContent.trim() || one.type;
        return [Math.min(width, height), `${one.tagName} "${name.slice(0, 40)}" ${width} x ${height}`];
    }).filter(([size]) => size > 1 && size < least - 0.1).map(([, told]) => told);
}"""


def small_controls(page: Page) -> list[str]:
    """The controls of which less than TARGET pixels can be hit, in either direction. A card is one control."""
    return list(page.evaluate(_SMALL, TARGET))


def shifts(page: Page) -> list[str]:
    """What has moved by itself since the page was opened, if that is more than a page may; needs WATCH_SHIFTS."""
    found = page.evaluate("window.shifts")
    total = sum(value for value, _ in found)
    return [] if total < MOST_SHIFTED else [f"shifted by {total:.3f}: {found}"]
