"""`streamvault leech`: jobs and feeds through a running server."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.cli.main import main
from streamvault.errors import SourceRefused
from streamvault.leech import transitions
from streamvault.leech.model import Described, Piece, State, Transfer
from streamvault.settings import Settings
from tests.support.feeds import Scripted
from tests.support.files import CHANNEL, media_file
from tests.support.ports import free_port
from tests.support.serving import SECRET, Bench, serving
from tests.support.swarm import torrent_of

FILM, RSS = "https://example.org/Garten.mkv", "https://example.org/rss"
Run = Callable[..., Awaitable[tuple[int, list[str], str]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bench: Bench) -> Run:
    """Runs a command against the server; its exit code, lines of output, and what it says of errors."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET.decode())

    async def run(*arguments: str, port: int | None = None) -> tuple[int, list[str], str]:
        given = ["leech", *arguments, "--port", str(port or bench.address[1])]
        code = await asyncio.to_thread(main, given)
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err

    return run


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench(public_access=False, leech_bot_token=SecretStr("55:leech"))
    bench.finder.add(media_file(1), message_id=1)
    async with serving(bench):
        yield bench


async def added(run: Run, *urls: str) -> list[str]:
    """The ids of new jobs."""
    code, lines, errors = await run("add", *urls, "--to", str(CHANNEL))
    assert (code, errors) == (0, "")
    return [line.split()[0] for line in lines]


async def test_jobs_are_added_with_their_wishes(run: Run, bench: Bench) -> None:
    wishes = ("--name", "Der Garten.mkv", "--as-document", "--to", str(CHANNEL))
    code, lines, errors = await run("add", FILM, *wishes)
    assert (code, errors, len(lines)) == (0, "", 1)
    assert re.fullmatch(r"[0-9a-f]{16}  queued +0 B +Der Garten\.mkv", lines[0])
    job = await bench.jobs.get(lines[0].split()[0])
    assert (job.source, job.person, job.chat_id, job.options.name) == (FILM, None, CHANNEL, "Der Garten.mkv")
    assert job.options.as_document


async def test_pages_are_added_for_yt_dlp(run: Run, bench: Bench) -> None:
    code, lines, _ = await run("add", FILM, "--ytdlp", "--select", "1,3-4", "--to", str(CHANNEL))
    assert code == 0
    options = (await bench.jobs.get(lines[0].split()[0])).options
    assert (options.ytdlp, options.select) == (True, (1, 3, 4))


async def test_archives_are_made_and_unpacked_but_not_both(run: Run, bench: Bench) -> None:
    for wish, expected in (("--zip", (True, False)), ("--unzip", (False, True))):
        _, lines, errors = await run("add", f"{FILM}?{wish}", wish, "--to", str(CHANNEL))
        assert errors == ""
        options = (await bench.jobs.get(lines[0].split()[0])).options
        assert (options.zip, options.unzip) == expected
    code, lines, errors = await run("add", FILM, "--zip", "--unzip", "--to", str(CHANNEL))
    assert (code, lines) == (1, [])
    assert "either packed or unpacked" in errors


async def test_several_at_once_and_those_of_a_list(run: Run, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"\n# mine\n{FILM}?1\n  https://user:secret-word@example.org/x.mkv\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    ids = await added(run, f"{FILM}?0", "-")
    jobs = [await bench.jobs.get(id) for id in ids]
    assert [job.source for job in jobs] == [f"{FILM}?0", f"{FILM}?1", "https://example.org/x.mkv"]
    assert bench.jobs.address(jobs[2]) == "https://user:secret-word@example.org/x.mkv"


async def test_a_password_among_the_arguments_is_refused(run: Run, bench: Bench) -> None:
    code, _, errors = await run("add", FILM, "https://user:secret-word@example.org/x.mkv", "--to", str(CHANNEL))
    assert code == 2
    assert "standard input" in errors
    assert "secret-word" not in errors
    assert not await bench.jobs.listed(limit=9)


async def test_one_that_is_refused_does_not_keep_the_others(run: Run) -> None:
    code, lines, errors = await run("add", "file:///etc/passwd", FILM, FILM, "--to", str(CHANNEL))
    assert (code, len(lines)) == (1, 2)
    assert "begin with one of" in errors
    assert lines[1] == f"{lines[0]}  (there already)"


async def test_the_rest_is_left_when_there_are_too_many(run: Run, bench: Bench) -> None:
    bench.jobs._bounds = replace(bench.jobs._bounds, open=2)
    code, lines, errors = await run("add", *(f"{FILM}?{number}" for number in range(9)), "--to", str(CHANNEL))
    assert (code, len(lines)) == (1, 2)
    assert "7 were not added" in errors
    assert errors.count("\n") == 1


async def test_a_choice_is_for_lists_and_torrents(run: Run, tmp_path: Path) -> None:
    """A .torrent file of this machine is handed in; this server takes none."""
    file = tmp_path / "garden.torrent"
    file.write_bytes(torrent_of(tmp_path / "seed", {"garden.mkv": b"film" * 9000}).data)
    for source, words in ((FILM, "yt-dlp fetches only"), (str(file), "LEECH_TORRENTS=true")):
        code, lines, errors = await run("add", source, "--select", "1", "--to", str(CHANNEL))
        assert (code, lines) == (1, [])
        assert words in errors


async def test_what_is_asked_wrongly(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "x.torrent"
    wrong.write_bytes(b"film")
    for arguments, words in (
        (("add", FILM, f"{FILM}?2", "--name", "x"), "--name is for one address"),
        (("add", FILM, "--to", "nonsense here"), "no chat"),
        (("add", str(wrong)), "is no .torrent file"),
        (("add", FILM, "--ytdlp", "--select", "0-2"), "the first of which is 1"),
        (("show", "12"), "16 hexadecimal digits"),
        (("cancel", "../../index"), "16 hexadecimal digits"),
        (("retry", "0" * 16), "no such job"),
    ):
        code, lines, errors = await run(*arguments)
        assert (code, lines) == (2, []), arguments
        assert words in errors


async def test_the_list_has_all_pages(run: Run) -> None:
    ids = await added(run, *(f"{FILM}?{number}" for number in range(55)))
    code, lines, _ = await run("list")
    assert code == 0
    assert sorted(line.split()[0] for line in lines) == sorted(ids)


async def test_a_job_is_shown_without_what_a_terminal_would_obey(run: Run, bench: Bench) -> None:
    (id,) = await added(run, FILM)
    job = await bench.jobs.claim("w")
    assert job is not None
    transfer = Transfer(Described("a\x1b[2J\u202eb.mkv", 3 << 20), (Piece(0, 1, message_id=42),))
    await bench.jobs.save(job, lambda one: transitions.progressed(
        one, now=one.updated, state=State.TRANSFERRING, transfer=transfer, bytes_done=1536 << 10, bytes_total=3 << 20,
        rate=512 << 10,
    ))  # fmt: skip
    code, lines, _ = await run("show", id)
    shown = "\n".join(lines)
    assert code == 0
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    for text in ("transferring", "1.5 MiB of 3.0 MiB", FILM, "512.0 KiB/s, 3 s left", f"{CHANNEL} 42"):
        assert text in shown


async def test_a_job_is_changed(run: Run, bench: Bench) -> None:
    (id,) = await added(run, FILM)
    for action, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"), ("retry", "queued")):
        code, lines, _ = await run(action, id)
        assert (code, lines[0].split()[:2]) == (0, [id, state])
    assert await bench.jobs.claim("w") is not None
    _, lines, _ = await run("cancel", id)
    assert "reading (cancel asked)" in lines[0]
    code, _, errors = await run("resume", id)
    assert (code, "being cancelled" in errors) == (1, True)


async def test_a_server_that_is_not_there_or_another_one(
    run: Run, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, lines, errors = await run("list", port=free_port())
    assert (code, lines) == (1, [])
    assert "streamvault serve" in errors
    monkeypatch.setenv("SECRET_KEY", "another secret of this size")
    code, _, errors = await run("list")
    assert (code, "another SECRET_KEY" in errors) == (2, True)


async def test_a_database_that_is_away(run: Run, bench: Bench) -> None:
    store = bench.jobs._store
    store.failing = True  # type: ignore[attr-defined]
    code, _, errors = await run("list")
    assert (code, "cannot do it now" in errors) == (1, True)


async def test_why_a_job_failed_is_told(run: Run, bench: Bench) -> None:
    (id,) = await added(run, FILM)
    job = await bench.jobs.get(id)
    await bench.jobs._store.replace(replace(job, state=State.FAILED, reason="The source has no such file.", attempts=3))
    _, lines, _ = await run("list")
    assert lines[0].endswith("Garten.mkv  The source has no such file.")


async def test_feeds_are_tried_followed_listed_and_left(
    run: Run, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, lines, errors = await run("try", RSS, "--exclude", "x")
    assert (code, lines, errors) == (0, ["take  Film 1", "      Film 2  (a web page only)"], "")
    wishes = ("--include", "Film", "--include", "Show", "--prefer", "1080p", "--every", "600", "--titles")
    code, lines, errors = await run("follow", RSS, *wishes, "--to", str(CHANNEL))
    assert (code, errors, len(lines)) == (0, "", 1)
    [feed] = await bench.feeds.listed()
    assert (feed.rules.include, feed.rules.prefer, feed.rules.titles) == (("Film", "Show"), ("1080p",), True)
    assert (feed.every, feed.chat_id, feed.person) == (600.0, CHANNEL, None)
    assert lines[0].split() == [feed.id, "active", RSS]
    monkeypatch.setattr("sys.stdin", io.StringIO("https://user:secret-word@example.org/rss\n"))
    assert (await run("follow", "-", "--to", str(CHANNEL)))[0] == 0
    code, lines, _ = await run("feeds")
    assert (code, len([line for line in lines if not line.startswith(" ")])) == (0, 2)
    assert "secret-word" not in "\n".join(lines)
    assert (await run("unfollow", feed.id))[0] == 0
    assert len(await bench.feeds.listed()) == 1


async def test_feeds_that_cannot_be_are_said(run: Run, bench: Bench) -> None:
    reader = bench.feeds._reader
    assert isinstance(reader, Scripted)
    reader.answer = SourceRefused("example.org answers with a web page, and not with a feed")
    for arguments, code, word in (
        (("try", RSS), 1, "not with a feed"), (("follow", "ftp://h/rss", "--to", str(CHANNEL)), 1, "has to begin"),
        (("follow", "https://user:secret-word@h/rss"), 2, "standard input"), (("unfollow", "x"), 2, "16 hexadecimal"),
        (("unfollow", "0" * 16), 2, "no such feed"),
    ):  # fmt: skip
        found, lines, errors = await run(*arguments)
        assert (found, lines) == (code, []), arguments
        assert word in errors
        assert "secret-word" not in errors
