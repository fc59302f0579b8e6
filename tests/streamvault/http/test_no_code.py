"""No file of a channel is ever code: the policy of the web UI lets its own origin's files be scripts and styles."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.headers import content_type, security
from streamvault.http.web import open_ui
from streamvault.media.model import MediaFile
from tests.support import proof
from tests.support.browser import chromium
from tests.support.files import media_file
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.ui import FILES, folder_of

SCRIPTS = (
    "application/ecmascript", "application/javascript", "application/x-ecmascript", "application/x-javascript",
    "text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2",
    "text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript", "text/livescript",
    "text/x-ecmascript", "text/x-javascript",
)  # fmt: skip
"""The JavaScript MIME types of the MIME Sniffing Standard."""
OTHERS = (
    "text/css", "text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml", "multipart/x-mixed-replace",
    "multipart/related",
)  # fmt: skip
CODE = frozenset({*SCRIPTS, *OTHERS})
NAMES = (
    "a.js",
    "a.mjs",
    "a.css",
    "a.html",
    "a.htm",
    "a.xhtml",
    "a.svg",
    "a.mht",
    "a.mp4",
    "a",
    "a.js\u202e.txt",
    "A.JS",
)


def cased(text: str) -> list[str]:
    return [text, text.upper(), f" {text} ; charset=utf-8", f"{text};x=y"]


TYPES = st.sampled_from([variant for one in sorted(CODE) for variant in cased(one)]) | st.text(max_size=40)


@given(TYPES, st.sampled_from(NAMES) | st.text(max_size=20), st.sampled_from(["document", "video", "audio", "photo"]))
def test_no_type_and_no_name_makes_a_file_code(mime_type: str, name: str, kind: Any) -> None:
    told = content_type(media_file(7, name=name, kind=kind, mime_type=mime_type))
    assert told.partition(";")[0].strip().lower() not in CODE
    assert security(told)["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("mime_type", sorted(CODE))
def test_code_is_a_text(mime_type: str) -> None:
    assert content_type(media_file(7, mime_type=mime_type)) == "text/plain"


@pytest.mark.parametrize(
    "mime_type",
    ["text/vtt", "text/x-ssa", "application/json", "image/svg+xml", "video/mp4", "application/pdf", "text/csv"],
)
def test_other_types_stay(mime_type: str) -> None:
    assert content_type(media_file(7, mime_type=mime_type)) == mime_type


def stocked(bench: Bench, data: bytes) -> list[str]:
    """Files of every type and name that all hold `data`; their paths under /stream."""
    files = [
        media_file(1, name=name, kind="document", mime_type=mime_type, size=len(data))
        for mime_type in (*sorted(CODE), "application/octet-stream", "image/svg+xml", "text/xml")
        for name in NAMES[:6]
    ]

    async def given(_: bytes) -> bytes:
        return data

    bench.source.always = given
    return [bench.finder.add(at(file, number), message_id=number) for number, file in enumerate(files, 1)]


def at(file: MediaFile, number: int) -> MediaFile:
    return media_file(number, name=file.name, kind=file.kind, mime_type=file.mime_type, size=file.size)


FIELDS: tuple[dict[str, str], ...] = (
    {}, {"Range": "bytes=0-3"}, {"Range": "bytes=0-1,3-4"}, {"Accept": "text/html"},
)  # fmt: skip


async def test_no_route_of_files_answers_with_code() -> None:
    """Each type at each address with each of the fields; each name too in `make proof`."""
    async with serving() as bench:
        for at, path in enumerate(stocked(bench, b"<script>alert(1)</script>")):
            thumb = path.replace("/stream/", "/thumb/")
            targets = (path, f"{path}/a.js", f"{path}/x.html", f"{path}?download=1", thumb, f"{thumb}?w=320")
            for number, target in enumerate(targets, at):
                for fields in FIELDS if proof.full() else [FIELDS[number % len(FIELDS)]]:
                    reply = await request(bench.address, target, headers=fields)
                    told = reply.headers["content-type"].partition(";")[0]
                    if reply.status >= 400:  # a page of this server's own, which runs nothing
                        assert "default-src 'none'" in reply.headers.get(
                            "content-security-policy", "default-src 'none'"
                        )
                        continue
                    assert told == "multipart/byteranges" or told not in CODE, target
                    assert reply.headers["x-content-type-options"] == "nosniff"
                    inside = re.findall(rb"^Content-Type: ([^;\r\n]+)", reply.body, re.MULTILINE)
                    assert not {one.decode() for one in inside} & CODE


_LOAD = """async ([paths, ways]) => {
    const loaded = (element, parent = document.body) => new Promise((resolve) => {
        element.onload = () => resolve(true);
        element.onerror = () => resolve(false);
        parent.append(element);
    });
    const made = (name, fields) => Object.assign(document.createElement(name), fields);
    const load = {
        script: (path) => loaded(made("script", { src: path })),
        module: (path) => import(path).then(() => true, () => false),
        style: (path) => loaded(made("link", { rel: "stylesheet", href: path }), document.head),
        worker: (path) => new Promise((resolve) => {
            try {
                const one = new Worker(path);
                one.onmessage = () => resolve(true);
                one.onerror = () => resolve(false);
                one.postMessage(1);
            } catch { resolve(false); }
        }),
        frame: (path) => loaded(made("iframe", { src: path })).then(() => false),
    };
    const done = [];
    for (const path of paths) for (const way of ways) done.push(await load[way](path));
    return [done, Boolean(window.struck), getComputedStyle(document.body).outlineStyle];
}"""
"""Whether each path was taken for code, each way; whether any ran; the outline of the page, which is no style's."""
WAYS = ("script", "module", "style", "worker", "frame")


def tried(*tries: tuple[Bench, list[str], Sequence[str]]) -> list[Any]:
    """What the page of the UI gets when it is made to load paths as code in these ways, each time a new page."""
    found = []
    with chromium() as browser:
        for bench, paths, ways in tries:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{bench.address[1]}/films")
            found.append(page.evaluate(_LOAD, [paths, ways]))
            page.close()
    return found


CONTENTS: tuple[tuple[bytes, Sequence[str]], ...] = (
    (b"self.onmessage = () => self.postMessage(1); top.struck = true;", WAYS),
    (b"<!doctype html><script>top.struck = true</script>", ["frame"]),
    (b"body { outline: 7px dashed red }", ["style"]),
)
"""What would be code, and the ways in which it is tried: a type is refused whatever the file holds, so that only
`make proof` tries each content in every way.
"""


async def test_the_page_runs_no_file_of_a_channel_in_chromium() -> None:
    """Whatever gets into the page: the files are of no type that Chromium takes for code."""
    ui = open_ui(folder_of({name: text for name, text in FILES.items() if not name.endswith(".br")}))
    own = "/assets/index-Ab1_-x9Z.js"
    tries: list[tuple[Bench, list[str], Sequence[str]]] = []
    async with AsyncExitStack() as stack:
        for data, ways in CONTENTS:
            bench = Bench()
            bench.ui = ui
            await stack.enter_async_context(serving(bench))
            tries.append((bench, stocked(bench, data)[::5], WAYS if proof.full() else ways))
        *found, (ran, *_) = await asyncio.to_thread(tried, *tries, (bench, [own], ["module"]))
        for (data, _), (done, struck, outline) in zip(CONTENTS, found, strict=True):
            assert len(done) > 20
            assert not any(done), data
            assert (struck, outline) == (False, "none"), data
        assert ran == [True], "a module of the UI itself is loaded"
