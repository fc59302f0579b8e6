"""The build of the web UI, as this server gives it: compressed files, its policy in Chromium, and what a CDN gets."""

import asyncio
import gzip
import re
from importlib.resources import files

import pytest
from playwright.sync_api import Page, Response

from streamvault.http.rules import UI_FILES
from streamvault.http.web import ASSETS, PAGE, Ui
from tests.support.browser import chromium
from tests.support.serving import Bench, serving
from tests.support.ui import the_built_ui

API = "https://api.example.org"


@pytest.fixture(scope="module")
def ui() -> Ui:
    return the_built_ui()


def stored(name: str) -> bytes:
    return (files("streamvault.http") / "ui" / name).read_bytes()


def test_texts_are_compressed_and_what_is_compressed_is_the_text(ui: Ui) -> None:
    scripts = [name for name in ui.files if name.startswith(ASSETS) and name.endswith((".js", ".css"))]
    assert len(scripts) > 5
    for name, file in ui.files.items():
        sizes = file.sizes
        if "gzip" in sizes:
            assert gzip.decompress(file.read("gzip")) == file.read("identity"), name
        assert all(size < sizes["identity"] for coding, size in sizes.items() if coding != "identity"), name
        if name in scripts and sizes["identity"] > 1000:
            assert set(sizes) == {"identity", "gzip", "br"}, name


def test_names_of_files_that_are_kept_for_ever_tell_their_content(ui: Ui) -> None:
    assert all(re.search(r"-[\w-]{8}\.\w+$", name) for name in ui.files if name.startswith(ASSETS))
    assert not any("sourceMappingURL" in stored(name).decode() for name in ui.files if name.endswith((".js", ".css")))


def test_every_file_at_the_root_has_an_address(ui: Ui) -> None:
    """A service worker is not installed where one of its files cannot be had, nor an app without its icons."""
    others = {PAGE, "config.json", "_headers", "_redirects"}
    at_root = {name for name in ui.files if "/" not in name} - others
    assert at_root <= {path[1:] for path in UI_FILES}
    named = set(re.findall(r'"/([\w.-]+\.\w+)"', stored("manifest.webmanifest").decode()))
    assert named
    assert named <= at_root


def test_the_licences_of_all_that_is_in_it_are_there(ui: Ui) -> None:
    text = stored("THIRD_PARTY.txt").decode()
    for name in ("react", "react-dom", "hls.js", "@tanstack/react-router", "tailwindcss"):
        assert re.search(rf"^{re.escape(name)} \d+\.\d+\.\d+ \((MIT|Apache-2\.0)\)$", text, re.MULTILINE), name
    assert "Permission is hereby granted" in text
    assert "Apache License" in text


def test_a_cdn_gets_the_same_policy_and_the_origin_of_the_api(ui: Ui) -> None:
    text = stored("_headers").decode()
    [policy] = re.findall(r"Content-Security-Policy: (.*)", text)
    assert policy.replace(f" {API}", "") == ui.policy
    for name in ("img-src", "media-src", "connect-src", "frame-src"):
        assert re.search(rf"{name} [^;]*{re.escape(API)}", policy), name
    assert "script-src 'self'" in policy
    assert API not in policy.partition("script-src")[2].partition(";")[0]
    assert stored("_redirects") == b"/* /index.html 200\n"
    assert stored("config.json") == b'{"api":""}\n'


class Opened:
    """A page that Chromium has opened: what it said in its console, and status and coding of each file by its path."""

    def __init__(self, page: Page, home: str, path: str) -> None:
        self.said: list[str] = []
        self.got: dict[str, tuple[int, str]] = {}
        page.on("console", lambda message: self.said.append(message.text))
        page.on("response", lambda answer: self._note(answer, home))
        page.goto(home + path)
        page.wait_for_selector("#root h1")
        page.close()

    def _note(self, answer: Response, home: str) -> None:
        self.got[answer.url.removeprefix(home)] = answer.status, answer.headers.get("content-encoding", "")


def installed(bench: Bench) -> bool:
    """Whether the service worker of the page is active in the end."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{bench.address[1]}/")
        found: bool = page.evaluate("navigator.serviceWorker.ready.then((found) => found.active !== null)")
        return found


def opened(bench: Bench, paths: tuple[str, ...]) -> list[Opened]:
    _, port = bench.address
    with chromium() as browser:
        return [Opened(browser.new_page(), f"http://127.0.0.1:{port}", path) for path in paths]


async def test_pages_run_under_their_policy_in_chromium() -> None:
    bench = Bench(public_access=True)
    bench.ui = the_built_ui()
    async with serving(bench):
        for page in await asyncio.to_thread(opened, bench, ("/", "/films", "/settings")):
            assert not [text for text in page.said if "Content Security Policy" in text], page.said
            assets = {path: how for path, how in page.got.items() if path.startswith("/assets/")}
            assert len(assets) > 2
            assert {status for status, _ in assets.values()} == {200}
            assert {coding for path, (_, coding) in assets.items() if path.endswith((".js", ".css"))} <= {"br", ""}
            assert "br" in {coding for _, coding in assets.values()}
            assert page.got["/config.json"][0] == 200


async def test_its_service_worker_is_installed() -> None:
    bench = Bench(public_access=True)
    bench.ui = the_built_ui()
    async with serving(bench):
        assert await asyncio.to_thread(installed, bench)
