"""The whole product in a thread of its own, with films in a channel: for browsers and other players."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from streamvault.media.model import Origin
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent

_TYPES = {".mkv": "video/x-matroska", ".mp4": "video/mp4", ".ts": "video/mp2t"}


@dataclass(frozen=True, slots=True)
class PostedFilms:
    """A server that nobody gets anything from without `token`."""

    address: str
    token: str
    places: Mapping[str, Origin]

    def url(self, route: str, name: str, rest: str = "") -> str:
        """Where a film is, for example `url("hls", name, "/master.m3u8")`."""
        place = self.places[name]
        return f"{self.address}/{route}/{place.chat_id}/{place.message_id}{rest}?token={quote(self.token)}"


@contextmanager
def posted_films(folder: Path, films: Mapping[str, Path]) -> Iterator[PostedFilms]:
    """The films, posted under these names."""
    ready, done = threading.Event(), threading.Event()
    found: list[PostedFilms] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        async with whole_product(folder, public_access=False) as whole:
            places = {name: await _posted(whole, name, path) for name, path in films.items()}
            host, port = whole.address
            token = whole.services.admission.links.sign(None, scope="server", expires_at=None)
            found.append(PostedFilms(f"http://{host}:{port}", token, places))
            ready.set()
            await asyncio.to_thread(done.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait()
        if not failed:
            yield found[0]
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]


async def _posted(whole: Whole, name: str, path: Path) -> Origin:
    content, seen = BytesContent(path.read_bytes()), [attributes.video(24, 320, 180)]
    place = Origin(*await whole.world.post_file(content, name=name, mime_type=_TYPES[path.suffix], attributes=seen))
    await until(lambda: whole.services.catalog.get(place))
    return place
