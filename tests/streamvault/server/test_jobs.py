"""The queue of leech jobs as a server has it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.errors import FileGone, FileMissing, SourceBusy, SourceRefused, StreamVaultError
from streamvault.indexing.finder import FileFinder
from streamvault.leech.model import Options, Piece, State, Transfer
from streamvault.leech.queue import KEPT, Wanted
from streamvault.server import jobs as module
from streamvault.server.jobs import FORGET_EVERY, forget_periodically, leech_chat, open_queue
from streamvault.settings import Settings
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.finders import Messages
from tests.support.job_store import MemoryJobs
from tests.support.serving import settings as made

SECRET = SecretStr("a secret key of the tests")


def settings(folder: Path, **changes: Any) -> Settings:
    return made(data_dir=folder, secret_key=SECRET, channels=(CHANNEL,), **changes)


def finder_of(chosen: Settings) -> FileFinder:
    return FileFinder(settings=chosen, catalog=MemoryCatalog(), messages=Messages())


@pytest.mark.parametrize(
    ("downloads", "uploads", "alone", "beside_another"), [(1, 5, 1, 1), (3, 2, 2, 1), (3, 3, 3, 2), (8, 9, 8, 7)]
)
async def test_bounds_follow_from_the_settings(
    tmp_path: Path, downloads: int, uploads: int, alone: int, beside_another: int
) -> None:
    """A job reads and uploads at the same time, and leaves a place for somebody else who waits."""
    chosen = settings(tmp_path, leech_downloads=downloads, leech_uploads=uploads)
    for others, expected in ((0, [11] * alone), (20, [11, 22] * alone)):
        queue = open_queue(chosen, MemoryJobs(), finder_of(chosen))
        for number in range(20):
            await queue.add(Wanted(f"https://host/{number}", CHANNEL, 11))
        for number in range(others):
            await queue.add(Wanted(f"https://host/other/{number}", CHANNEL, 22))
        taken = []
        while (job := await queue.claim("w")) is not None:
            taken.append(job.person)
        assert taken == expected[:alone]
        assert not others or taken.count(11) <= beside_another


async def test_magnets_are_taken_where_torrents_are(tmp_path: Path) -> None:
    """Both hashes of a hybrid, in any spelling, are one torrent."""
    one = Wanted("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&tr=http://t.example/SECRET", CHANNEL)
    other = Wanted(f"magnet:?xt.1=urn:btmh:1220{'ab' * 32}&xt.2=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK", CHANNEL)
    allowed = settings(tmp_path, leech_torrents=True)
    queue = open_queue(allowed, MemoryJobs(), finder_of(allowed))
    added = await queue.add(one)
    assert "SECRET" not in added.job.source
    assert "SECRET" in queue.address(added.job)
    assert (await queue.add(other)).job == added.job
    refusing = open_queue(settings(tmp_path), MemoryJobs(), finder_of(allowed))
    with pytest.raises(SourceRefused, match="LEECH_TORRENTS=true"):
        await refusing.add(one)


async def test_files_are_chosen_of_torrents_and_lists_only(tmp_path: Path) -> None:
    chosen = settings(tmp_path, leech_torrents=True)
    for options, fits in ((Options(select=(2,)), True), (Options(zip=True), False), (Options(unzip=True), False)):
        wanted = Wanted("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a", CHANNEL, options=options)
        queue = open_queue(chosen, MemoryJobs(), finder_of(chosen))
        if fits:
            assert (await queue.add(wanted)).new
            continue
        with pytest.raises(SourceRefused, match="posted as they are"):
            await queue.add(wanted)
    without = open_queue(settings(tmp_path), MemoryJobs(), finder_of(chosen))
    for options in (Options(select=(2,)), Options(choose=True)):
        with pytest.raises(SourceRefused, match="of what yt-dlp fetches only"):
            await without.add(Wanted("https://host/x", CHANNEL, options=options))


async def test_an_address_is_read_under_an_earlier_secret(tmp_path: Path) -> None:
    store, chosen = MemoryJobs(), settings(tmp_path)
    job = (await open_queue(chosen, store, finder_of(chosen)).add(Wanted("https://u:p@host/x", CHANNEL))).job
    rotated = settings(tmp_path).model_copy(
        update={"secret_key": SecretStr("the next secret key"), "old_secret_keys": (SECRET,)}
    )
    assert open_queue(rotated, store, finder_of(rotated)).address(job) == "https://u:p@host/x"


@pytest.mark.parametrize(
    ("error", "there"),
    [(None, True), (FileMissing("gone"), False), (FileGone("gone"), False), (SourceBusy(5.0), True)],
)
async def test_a_done_job_counts_while_its_messages_may_be_there(
    tmp_path: Path, error: StreamVaultError | None, there: bool
) -> None:
    chosen, store, file = settings(tmp_path), MemoryJobs(), media_file(7)
    messages = Messages(file)
    finder = FileFinder(settings=chosen, catalog=MemoryCatalog(), messages=messages)
    if error is not None:
        messages.errors[file.origin] = error
    queue = open_queue(chosen, store, finder)
    job = (await queue.add(Wanted("https://host/x", CHANNEL))).job
    posted = Transfer(pieces=(Piece(0, 1, message_id=7), Piece(5, 2)))
    store.stored[job.id] = replace(job, state=State.DONE, transfer=posted)
    assert (await queue.add(Wanted("https://host/x", CHANNEL))).new is not there


async def test_nobody_waits_long_for_telegram_to_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKING", 0.01)
    chosen, store, messages = settings(tmp_path), MemoryJobs(), Messages()
    messages.gate.clear()
    finder = FileFinder(settings=chosen, catalog=MemoryCatalog(), messages=messages)
    queue = open_queue(chosen, store, finder)
    job = (await queue.add(Wanted("https://host/x", CHANNEL))).job
    store.stored[job.id] = replace(job, state=State.DONE, transfer=Transfer(pieces=(Piece(0, 1, message_id=7),)))
    assert not (await queue.add(Wanted("https://host/x", CHANNEL))).new
    assert messages.requests == 1
    messages.gate.set()


def test_the_chat_of_jobs_that_name_none(tmp_path: Path) -> None:
    for changes, expected in (
        ({}, None), ({"vault_channel": -1001}, -1001), ({"vault_channel": -1001, "leech_channel": -1002}, -1002),
        ({"leech_channel": "@Films"}, None),
    ):  # fmt: skip
        chosen = settings(tmp_path, **changes)
        finder = finder_of(chosen)
        assert leech_chat(chosen, finder) == expected
        finder.chats.resolve("films", CHANNEL)
        assert leech_chat(chosen, finder) == (CHANNEL if changes.get("leech_channel") == "@Films" else expected)


class _Enough(Exception):
    """Ends the loop."""


async def test_old_jobs_are_forgotten_every_hour_also_after_a_failure(tmp_path: Path) -> None:
    chosen, store = settings(tmp_path), MemoryJobs()
    queue = open_queue(chosen, store, finder_of(chosen))
    now = [1000.0]
    queue._clock = lambda: now[0]
    for number in range(3):
        await queue.cancel((await queue.add(Wanted(f"https://host/{number}", CHANNEL))).job.id)
    waited: list[tuple[float, int]] = []

    async def wait(seconds: float) -> None:
        waited.append((seconds, len(store.stored)))
        if len(waited) == 3:
            raise _Enough
        now[0] += KEPT
        store.failing = len(waited) == 1

    with pytest.raises(_Enough):
        await forget_periodically(queue, wait=wait)
    assert waited == [(FORGET_EVERY, 3), (FORGET_EVERY, 3), (FORGET_EVERY, 0)]
