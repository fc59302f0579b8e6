"""What is leeched is posted as what it is: films that play, music with covers, pictures, and documents for the rest."""

import asyncio
import io
import json
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image
from pyrogram import raw

from streamvault.leech.model import Job, Options, State
from streamvault.leech.queue import Wanted
from streamvault.server.leech_work import TOOLS_FOLDER
from tests.support import media_files
from tests.support.boxes import box, content, top
from tests.support.films import jpeg
from tests.support.leech_stage import MIB, Stage, film, leech_stage, worker_process
from tests.support.programs import program
from tests.support.raw_server import Answer, Request, Talk, ranged, response
from tests.support.stack import chat_id_of

VP9 = ("libvpx-vp9", "-b:v", "200k", "-cpu-used", "8", "-deadline", "realtime")
HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@dataclass(frozen=True)
class Shown:
    """What a post says. `size`: width and height of a film; `thumb`: of its thumbnail; `text`: title and performer."""

    kind: str
    seconds: int | None = None
    size: tuple[int, int] | None = None
    streaming: bool = False
    sound: bool = True
    thumb: tuple[int, int] | None = None
    text: tuple[str, str] | None = None
    note: str = ""


def files() -> dict[str, tuple[bytes, Shown]]:
    """By the names in the addresses: bytes, and how they are to be posted."""
    flat = wide = (320, 180)
    cut = media_files.film("mkv")[: len(media_files.film("mkv")) // 2]
    late = Shown("video", 4, flat, streaming=True, thumb=wide)
    return {
        "late.mp4": (media_files.late(), late),
        "plain/late.mp4": (
            media_files.late(),
            Shown("video", 4, flat, thumb=wide, note="its index stays at the end of the file"),
        ),
        "plain/front.mp4": (media_files.film("mp4"), late),
        "turned.mp4": (media_files.rotated(), Shown("video", 4, (180, 320), streaming=True, thumb=(180, 320))),
        "silent.mp4": (
            media_files.film("mp4", sound=False),
            Shown("video", 4, flat, streaming=True, sound=False, thumb=wide),
        ),
        "anamorphic.mp4": (
            media_files.film("mp4", size="720x576", output=("-aspect", "16:9")),
            Shown("video", 4, (1024, 576), streaming=True, thumb=(320, 180)),
        ),
        "film.mkv": (media_files.film("mkv"), Shown("video", 4, flat, thumb=wide)),
        "plain/film.mkv": (media_files.film("mkv"), Shown("video", 4, flat, thumb=wide)),
        "film.webm": (media_files.film("webm", coder=VP9), Shown("video", 4, flat, thumb=wide)),
        "vp9.mp4": (media_files.film("mp4", coder=VP9), Shown("video", 4, flat, thumb=wide)),
        "film.ts": (media_files.film("ts"), Shown("video", 4, flat, thumb=wide)),
        "cut.mkv": (cut, Shown("video", 4, flat, thumb=wide)),
        "live.mkv": (media_files.film("mkv", output=("-live", "1")), Shown("video", 4, flat, thumb=wide)),
        "expired/front.mp4": (media_files.film("mp4"), late),
        "expired/film.mkv": (media_files.film("mkv"), Shown("video", 4, flat, thumb=wide)),
        "no%20ending": (media_files.film("mp4"), late),
        "song.mp3": (media_files.song("mp3"), Shown("audio", 3, thumb=(320, 320), text=("Morning", "Somebody"))),
        "song.flac": (media_files.song("flac"), Shown("audio", 3, thumb=(320, 320), text=("Morning", "Somebody"))),
        "picture.jpg": (jpeg(), Shown("photo")),
        "picture.png": (media_files.png(900, 700), Shown("photo")),
        "large.png": (media_files.png(7000, 5400), Shown("document", note="no photos of 7000 x 5400 pixels")),
        "long.png": (media_files.png(2100, 100), Shown("document", note="no photos of 2100 x 100 pixels")),
        "cut.jpg": (jpeg()[:30], Shown("document", note="pixels could not be read")),
        "broken.mkv": (b"\x1a\x45\xdf\xa3" + film(600_000), Shown("document", note="could not be read")),
        "list.mp4": (HLS, Shown("document", note="could not be read")),
        "paper.pdf": (b"%PDF-1.7\n" + film(10_000), Shown("document")),
    }


def shown(stage: Stage, message: Any, job: Job) -> Shown:
    file, text = message.file, " ".join(job.transfer.notes)
    kinds = {type(one): one for one in file.attributes}
    video, audio = kinds.get(raw.types.DocumentAttributeVideo), kinds.get(raw.types.DocumentAttributeAudio)
    thumb = next(((one.width, one.height) for one in file.thumbs if one.type == "m"), None)
    for one in file.thumbs:
        if one.type == "m":
            picture = Image.open(io.BytesIO(one.content.read(0, 1 << 20)))
            assert (picture.format, "progressive" in picture.info, one.content.size < 200_000) == ("JPEG", False, True)
    assert raw.types.DocumentAttributeAnimated not in kinds
    if video is not None:
        return Shown(
            "video", round(video.duration), (video.w, video.h), streaming=bool(video.supports_streaming),
            sound=not video.nosound, thumb=thumb, note=text,
        )  # fmt: skip
    if audio is not None:
        return Shown("audio", audio.duration, thumb=thumb, text=(audio.title, audio.performer), note=text)
    return Shown(file.kind, thumb=None if file.kind == "photo" else thumb, note=text)


def answer(request: Request) -> bytes:
    """`plain/`: without ranges. `expired/`: a link that is good once."""
    name = request.target.strip("/")
    if name.startswith("expired") and request.headers.get("range") != "bytes=0-":
        return response("410 Gone")
    data = files()[name.removeprefix("document/")][0]
    kind = {} if not name.startswith("no") else {"content_type": "application/octet-stream"}
    return (
        response("200 OK", data) if name.startswith("plain") else ranged(request, data, etag=f'"{len(data)}"', **kind)
    )


async def test_each_file_is_posted_as_what_it_is(tmp_path: Path) -> None:
    caption = r"{title} ({duration})\n{source}"
    async with leech_stage(tmp_path, answer, leech_downloads=9, leech_uploads=9, leech_caption=caption) as stage:
        left = stage.settings.data_dir / "leech" / "left by a killed worker"
        left.mkdir(parents=True)
        stage.start()
        jobs = {name: await stage.add(f"/{name}") for name in files()}
        chat, options = chat_id_of(stage.world.vault), Options(as_document=True)
        given = await stage.queue.add(Wanted(stage.web.url("/document/late.mp4"), chat, options=options))
        for name, (data, wanted) in files().items():
            job = await stage.ended(jobs[name], seconds=240)
            assert job.state is State.DONE, (name, job.reason)
            [piece] = job.transfer.pieces
            message = stage.world.vault.messages[piece.message_id or 0]
            found = shown(stage, message, job)
            assert wanted.note in found.note if wanted.note else not found.note, (name, found)
            assert found == replace(wanted, note=found.note), name
            posted = bytes(message.file.content.read(0, message.file.size))
            if name in ("late.mp4", "turned.mp4"):
                check_in_order(posted, data)
            else:
                assert posted == data, name
            if name == "late.mp4":
                assert message.text == "late (0:04)\n127.0.0.1"
        whole = await stage.ended(given.job, seconds=240)
        document = stage.world.vault.messages[whole.transfer.pieces[0].message_id or 0].file
        assert bytes(document.content.read(0, document.size)) == media_files.late()
        assert [type(one) for one in document.attributes] == [raw.types.DocumentAttributeFilename]
        assert {path.name for path in left.parent.iterdir()} <= {TOOLS_FOLDER}


@dataclass
class Halted:
    """A web server that stops in the middle of a file that is read from its start, until `go` is set."""

    data: bytes
    stop: int
    go: asyncio.Event = field(default_factory=asyncio.Event)
    starts: list[int] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        start = request.start()
        self.starts.append(start)

        async def answer(talk: Talk) -> None:
            whole = ranged(request, self.data, etag='"1"')
            first = len(whole) - len(self.data) + start + (self.stop if start == 0 else 0)
            await talk.send(whole[:first])
            if start == 0:
                await self.go.wait()
            await talk.send(whole[first:])

        return answer


async def test_a_film_that_is_put_in_order_goes_on_in_order_after_its_worker_was_killed(tmp_path: Path) -> None:
    [*_, (_, index, length)] = top(media_files.late())
    old = media_files.late()[:index] + box("free", film(12 * MIB)) + media_files.late()[index:]
    web = Halted(old, 8 * MIB)
    async with leech_stage(tmp_path, web) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        job = await stage.add("/late.mp4")
        await stage.has_transferred(job, 7 * MIB)
        await worker.kill()
        assert web.starts == [0, index, len(old) - length, 0]
        web.starts.clear()
        await worker.start()
        job = await stage.ended(job)
        assert (job.state, job.transfer.notes) == (State.DONE, ()), job.reason
        posted = stage.data("late.mp4")
        check_in_order(posted, old)
        assert (len(posted), job.bytes_total) == (len(old), len(old))
        message = stage.world.vault.messages[job.transfer.pieces[0].message_id or 0]
        assert shown(stage, message, job) == files()["late.mp4"][1]
        assert web.starts[0] == len(old) - length
        assert web.starts[1] >= 6 * MIB, "it went on where it was"
        web.go.set()


def check_in_order(posted: bytes, old: bytes) -> None:
    """The index comes first, the media are untouched, and a player finds the same tracks, chapters and packets."""
    kinds = [kind for kind, *_ in top(posted)]
    assert kinds.index("moov") < kinds.index("mdat")
    assert content(posted, "mdat") == content(old, "mdat")
    assert probed(posted) == probed(old)


def probed(data: bytes) -> Any:
    arguments = ["-v", "error", "-show_chapters", "-show_streams", "-show_packets", "-show_data_hash", "sha256"]
    command = [program("ffprobe"), *arguments, "-of", "json", "-protocol_whitelist", "file,pipe"]
    found = json.loads(_run_on_file(command, data))
    for packet in found["packets"]:
        packet.pop("pos", None)
    return found


def _run_on_file(command: list[str], data: bytes) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(data)
        file.flush()
        return subprocess.run([*command, file.name], check=True, capture_output=True, timeout=60).stdout
