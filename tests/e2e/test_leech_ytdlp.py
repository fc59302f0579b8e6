"""What yt-dlp knows becomes files in the channel: the real program, a site on loopback, an emulated Telegram."""

import os
import subprocess
from ipaddress import ip_network
from pathlib import Path

from streamvault.leech.choice import choice_of
from streamvault.leech.model import Job, State
from streamvault.leech.ytdlp.lines import LIVE
from tests.support.films import jpeg
from tests.support.leech_stage import leech_stage, worker_process
from tests.support.programs import program
from tests.support.raw_server import raw_server, response
from tests.support.video_site import CJK, VTT, VideoSite, feed, media, page
from tests.support.waiting import until


async def test_the_file_of_a_page_is_posted_without_the_disk_with_what_belongs_to_it(tmp_path: Path) -> None:
    track = '<track kind="subtitles" src="/en.vtt" srclang="en">'
    pages = {"/watch": page("My garden", "/film.mp4", more=track), "/listen": page("My song", "/song.m4a")}
    site = VideoSite({**pages, "/en.vtt": VTT, "/poster.jpg": jpeg((640, 360))})
    async with leech_stage(tmp_path, site) as stage:
        stage.start()
        job = await stage.ended(await stage.add("/watch", ytdlp=True))
        assert (job.state, job.reason) == (State.DONE, None)
        assert [name for name, _ in stage.posts()] == ["My garden (1).mp4", "My garden (1).en.vtt"]
        assert stage.data("My garden (1).mp4") == media()["film.mp4"]
        assert stage.data("My garden (1).en.vtt") == VTT
        job = await stage.ended(await stage.add("/listen", ytdlp=True))
        assert (job.state, job.reason) == (State.DONE, None)
        song = stage.world.vault.messages[max(stage.world.vault.messages)].file
        assert song.name == "My song (1).m4a"
        assert [(one.width, one.height) for one in song.thumbs if one.type == "m"] == [(320, 180)]
        assert left_on_disk(tmp_path) == []


async def test_entries_of_a_list_fail_alone_and_reach_nothing_inner(tmp_path: Path) -> None:
    site = VideoSite({"/cjk": page(CJK, "/film.mp4")})
    async with (
        raw_server(site, host="127.0.0.9") as canary,
        leech_stage(tmp_path, site, leech_allow_private=(ip_network("127.0.0.1/32"),)) as stage,
    ):
        inner = f"http://127.0.0.9:{canary.port}"
        site.answers["/hop"] = lambda _: response("302 Found", location=f"{inner}/watch")
        site.answers["/inner"] = page("Inner", f"{inner}/film.mp4")
        site.answers["/list.xml"] = feed("Gardens", stage.web.url(""), "/cjk", "/gone", "/hop", "/inner", "/live.m3u8")
        stage.start()
        job = await stage.ended(await stage.add("/list.xml", ytdlp=True), seconds=120)
        assert job.state is State.DONE
        assert job.reason is not None
        assert job.reason.startswith("1 of 5 entries, 4 missing: ")
        assert "404" in job.reason
        assert not canary.requests
        [(name, _)] = stage.posts()
        assert name == "\u9f8d" * 83 + ".mp4"
        assert stage.data(name) == media()["film.mp4"]
        failed = {one.source.rpartition("/")[2]: one.reason for one in await entries(stage.queue, State.FAILED)}
        assert sorted(failed) == ["gone", "hop", "inner", "live.m3u8"]
        assert failed["live.m3u8"] == LIVE
        for target in ("hop", "inner"):
            assert failed[target] is not None
            assert "127.0.0.9 lies in this machine" in str(failed[target])


async def test_entries_are_chosen_once_it_is_known_what_there_is(tmp_path: Path) -> None:
    site = VideoSite({f"/{name}": page(name, "/film.mp4") for name in ("one", "two", "three")})
    async with leech_stage(tmp_path, site) as stage:
        site.answers["/list.xml"] = feed("Gardens", stage.web.url(""), "/one", "/two", "/three")
        stage.start()
        job = await stage.add("/list.xml", ytdlp=True, choose=True)

        async def asked() -> Job | None:
            found = await stage.queue.get(job.id)
            return found if found.state is State.PAUSED else None

        entries = choice_of(await until(asked, timeout=60, pause=0.05))
        assert entries is not None
        assert [one.number for one in entries] == [1, 2, 3]
        assert stage.posts() == []
        await stage.queue.toggle(job.id, 2)
        await stage.queue.resume(job.id)
        ended = await stage.ended(job, seconds=120)
        assert (ended.state, ended.options.select) == (State.DONE, (2,))
        assert [name.endswith("two.mp4") for name, _ in stage.posts()] == [True]
        assert "/one" not in stage.web.targets


async def test_a_worker_that_is_killed_leaves_no_child_and_its_successor_goes_on(tmp_path: Path) -> None:
    site = VideoSite(held={"/v2.ts"})
    async with leech_stage(tmp_path, site) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        job = await stage.add("/hls.m3u8", ytdlp=True)
        await until(lambda: "/v2.ts" in stage.web.targets, timeout=60, pause=0.05)
        assert worker.process is not None
        [child] = children_of(worker.process.pid)
        assert secret_free(child)
        await worker.kill()
        await until(lambda: not Path(f"/proc/{child}").exists() or not commands_of(child), timeout=20, pause=0.05)
        kept = {path.name: path.stat().st_size for path in (tmp_path / "data" / "leech" / job.id / "out").iterdir()}
        assert any(name.endswith(".part") for name in kept), kept
        site.go.set()
        await worker.start()
        ended = await stage.ended(job)
        assert (ended.state, ended.reason) == (State.DONE, None)
        assert stage.web.targets.count("/v0.ts") == 1, "what was complete was fetched again"
        [(name, _)] = stage.posts()
        assert name == "hls.mp4"
        assert decoded(stage.data(name)) == decoded(media()["film.mp4"])
        assert left_on_disk(tmp_path) == []


async def entries(queue: object, state: State) -> list[Job]:
    """The jobs of lists in this state."""
    found = await queue.listed(states={state}, limit=100)  # type: ignore[attr-defined]
    return [job for job in found if job.depth]


def left_on_disk(folder: Path) -> list[str]:
    """What jobs have left in DATA_DIR/leech."""
    return [path.name for path in (folder / "data" / "leech").iterdir() if path.name != "tools"]


def children_of(pid: int) -> list[int]:
    """Processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if commands_of(int(one))]


def commands_of(pid: int) -> list[str]:
    """The command line of a process; empty for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def secret_free(pid: int) -> bool:
    """Whether a process of yt-dlp is niced, in a group of its own, and shows neither its address nor its proxy."""
    shown = " ".join(commands_of(pid))
    assert "yt_dlp" in shown
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    assert os.getpgid(pid) == pid
    return "http" not in shown.replace("[protocol~='^(https?|m3u8", "").replace("|http_dash", "") and "@" not in shown


def decoded(film: bytes) -> bytes:
    """The hash of a film's decoded pictures; it fails for one without sound."""
    command = [
        program("ffmpeg"),
        "-v",
        "error",
        "-i",
        "pipe:",
        "-map",
        "0:v",
        "-f",
        "md5",
        "-",
        "-map",
        "0:a",
        "-f",
        "null",
        "-",
    ]
    return subprocess.run(command, input=film, capture_output=True, check=True).stdout
