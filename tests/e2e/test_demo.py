"""The demo as a terminal and command-line clients see it."""

import hashlib
import json
import re
import subprocess
import urllib.request
from typing import Any

import pytest

from streamvault.demo import leeching
from streamvault.demo.content.shelves import RECIPES, entries
from streamvault.demo.media import ensure_media
from streamvault.demo.world import HUGE, TITLES
from tests.support.demo import Demo, demo_folder
from tests.support.probe import probe
from tests.support.programs import program
from tgemulator.world.content import synthetic_bytes

POSTED = entries()
PLAYABLE = ("video", "audio", "voice", "animation", "photo", "sticker", "video_note")
MEDIA = ("video", "audio", "image")


def catalog(demo: Demo) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{demo.url}/api/catalog?limit=200") as answer:
        return list(json.load(answer)["items"])


def read(demo: Demo, item: dict[str, Any], **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(demo.url + item["stream_url"], headers=headers)) as answer:
        return bytes(answer.read())


def test_says_what_runs_and_what_to_try(demo: Demo) -> None:
    assert demo.url in demo.printed
    for shelf, title in TITLES.items():
        assert f"{title} ({len(entries(shelf))})" in demo.printed
    assert f"Watch: {demo.url}/watch/" in demo.printed, "the bot's answer to its owner"


def test_prints_a_link_that_logs_in_its_owner(demo: Demo) -> None:
    assert re.search(rf"As owner +{re.escape(demo.url)}/login/[A-Za-z0-9_-]{{43}}\n", demo.printed)


def run(command: str) -> str:
    """What a command that somebody copies from the terminal prints."""
    program("curl")
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.strip()


def test_prints_how_the_owner_gets_another_log_in_link(demo: Demo) -> None:
    send, look = (line.strip() for line in demo.printed.splitlines() if line.strip().startswith("curl "))
    before = run(look)
    assert before
    run(send)
    link = next(found for _ in range(1000) if (found := run(look)) != before)
    assert re.fullmatch(rf"{re.escape(demo.url)}/login/[A-Za-z0-9_-]{{43}}", link)


def test_its_owner_has_leeched_a_file_and_waits_for_another(demo: Demo) -> None:
    """By the leech bot itself, from the demo's own web server."""
    url = re.findall(r"'(http\S+/messages\S+)'", demo.printed)[0]
    with urllib.request.urlopen(url) as answer:
        said = [one["text"] for one in json.load(answer)["messages"]]
    [done] = [text for text in said if text.startswith("Done: ")]
    assert done.startswith(f"Done: {leeching.DONE}\n")
    assert f"Watch: {demo.url}/watch/" in done
    assert any(text.startswith(f"Queued:\n{leeching.SLOW} ") for text in said)
    assert any(text.startswith("Followed: http://127.0.0.") for text in said)


def test_everything_posted_is_listed(demo: Demo) -> None:
    items = catalog(demo)
    named = {entry.name for entry in POSTED if entry.name}
    assert named <= {item["name"] for item in items}
    assert len(items) == len(POSTED) + 2, "all posts, the file that the owner sent to the bot, and the leeched one"
    assert leeching.DONE in {item["name"] for item in items}
    kinds = {item["kind"] for item in items}
    assert kinds >= {"video", "audio", "voice", "animation", "photo", "sticker", "document"}


def test_ffprobe_reads_a_media_file_of_each_kind_by_url(demo: Demo) -> None:
    kinds = {(item["kind"], item["mime_type"]): item for item in catalog(demo) if item["kind"] in PLAYABLE}
    for item in kinds.values():
        found = probe(demo.url + item["stream_url"])
        assert found.streams, item["name"]
        if item["duration"] is not None:
            assert found.duration == pytest.approx(item["duration"], abs=0.1), item["name"]
    assert {kind for kind, _ in kinds} == set(PLAYABLE)


async def test_bytes_are_those_on_disk(demo: Demo) -> None:
    samples = await ensure_media(demo_folder() / "media")
    by_name = {item["name"]: item for item in catalog(demo)}
    for entry in POSTED:
        if entry.name and entry.recipe:
            expected = samples[entry.recipe].path.read_bytes()
            assert hashlib.sha256(read(demo, by_name[entry.name])).digest() == hashlib.sha256(expected).digest()
    assert {entry.recipe for entry in POSTED} >= set(RECIPES), "nothing is made in vain"


def test_three_gigabytes_that_no_disk_holds(demo: Demo) -> None:
    huge = next(item for item in catalog(demo) if item["size"] == HUGE)
    start = HUGE - 700_001
    assert read(demo, huge, Range=f"bytes={start}-") == synthetic_bytes(3, start, HUGE - start)


def test_a_playlist_is_played(demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.url}/api/catalog.m3u8?sort=name&order=asc") as answer:
        assert answer.headers["Content-Type"] == "application/x-mpegurl"
        first, *lines = answer.read().decode().splitlines()
    assert first == "#EXTM3U"
    songs = list(zip(lines[::2], lines[1::2], strict=True))
    assert len(songs) == len([item for item in catalog(demo) if item["mime_type"].split("/")[0] in MEDIA])
    for about, address in songs[:: len(songs) // 8]:
        seconds = int(about.removeprefix("#EXTINF:").partition(" ")[0].partition(",")[0])
        if seconds > 0:
            assert probe(address).duration == pytest.approx(seconds, abs=0.6), about


def test_what_was_begun_is_continued(demo: Demo) -> None:
    film = next(item for item in catalog(demo) if item["kind"] == "video")
    place = f"{film['chat_id']}/{film['message_id']}"
    fields = {"Content-Type": "application/json"}
    put = urllib.request.Request(f"{demo.url}/api/watch/{place}", b'{"position": 3}', fields, method="PUT")
    with urllib.request.urlopen(put) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    with urllib.request.urlopen(urllib.request.Request(f"{demo.url}/api/watch", headers={"Cookie": cookie})) as answer:
        [item] = json.load(answer)["items"]
    assert (item["message_id"], item["watched"]["position"]) == (film["message_id"], 3)
