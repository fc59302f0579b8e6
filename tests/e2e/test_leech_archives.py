"""Files become archives and archives files, through kill -9: a web server, the worker, an emulated Telegram."""

import io
import zipfile
from pathlib import Path

from streamvault.leech.model import State
from tests.support.archives import zipped
from tests.support.leech_stage import MIB, SIZE, Held, film, leech_stage, worker_process
from tests.support.raw_server import Answer, Request, ranged

FILES = {
    "Спектакль/10.bin": film(9 * MIB, seed=10),
    "Спектакль/9.bin": film(2 * MIB + 3, seed=9),
    "../../outside.bin": b"never",
    "Спектакль/11.bin.part": b"unfinished",
}
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(4 * MIB)


class Site:
    """Its film stops in the middle, at first."""

    def __init__(self) -> None:
        self.held = Held(film(), 7 * MIB)
        self.show = zipped(FILES, method=zipfile.ZIP_STORED)

    def __call__(self, request: Request) -> Answer:
        if request.target == "/film.mkv":
            return self.held(request)
        data = {"/show.zip": self.show, "/a.rar": RAR}[request.target]
        return ranged(request, data, etag=f'"{len(data)}"')


async def test_archives_are_made_and_unpacked_through_kills(tmp_path: Path) -> None:
    site = Site()
    async with leech_stage(tmp_path, site) as stage, worker_process(stage, tmp_path) as worker:
        await worker.start()
        job = await stage.add(zip=True)
        await stage.has_transferred(job, 4 * MIB)
        await worker.kill()
        site.held.go.set()
        await worker.start()
        packed = await stage.ended(job)
        assert (packed.state, packed.reason, packed.bytes_done > SIZE) == (State.DONE, None, True)
        with zipfile.ZipFile(io.BytesIO(stage.data("film.mkv.zip"))) as archive:
            assert archive.namelist() == ["film.mkv"]
            assert archive.read("film.mkv") == film()
        assert site.held.sent < SIZE + 8 * MIB

        job = await stage.add("/show.zip", unzip=True)
        await stage.has_transferred(job, 3 * MIB)
        await worker.kill()
        await worker.start()
        unpacked = await stage.ended(job)
        assert (unpacked.state, unpacked.reason) == (State.DONE, None)
        assert [name for name, _ in stage.posts()] == ["film.mkv.zip", "9.bin", "10.bin"]
        for name in ("9.bin", "10.bin"):
            assert stage.data(name) == FILES[f"Спектакль/{name}"]
        assert unpacked.transfer.notes == (
            "left out: 1 with a path out of it (outside.bin)",
            "left out: 1 left by an unfinished download (11.bin.part)",
        )
        assert unpacked.bytes_done == 11 * MIB + 3
        assert stage.web.targets.count("/show.zip") == 1, "the archive was fetched again"

        refused = await stage.ended(await stage.add("/a.rar", unzip=True))
        assert refused.state is State.FAILED
        assert refused.reason is not None
        assert "RAR" in refused.reason
        assert [path.name for path in (tmp_path / "data" / "leech").iterdir() if path.name != "tools"] == []
