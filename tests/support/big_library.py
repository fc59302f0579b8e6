"""A library of a hundred thousand files of all kinds, and a server on it: for lists that are as long as people's.

    python -m tests.support.big_library FOLDER [--items N] [--serve]

Files, facts and placeholders are stored through the real catalog. The server's Telegram is emulated, and the bot is in
none of the chats: what is listed and searched is there, bytes and thumbnails are not (410).
"""

import argparse
import asyncio
import itertools
import random
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.catalog.inserting import BATCH, batches
from benchmarks.catalog.records import ARABIC, CHINESE, CYRILLIC, LATIN, Record, Vocabulary
from streamvault.catalog.base import Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.demo import encode, motifs
from streamvault.demo.canvas import Still
from streamvault.indexing.naming import works
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION
from streamvault.media.classification import classify
from streamvault.media.model import FileKey, Kind, MediaFile, Origin, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, emulator_world
from tgemulator.world.stripped_thumbnails import stripped_thumbnail

ITEMS = 100_000
TITLES = ("Films", "Series", "Music", "Camera roll", "Everything", "Кино", "写真", "وثائق")
CHATS = {-1_001_700_000_000 - number: title for number, title in enumerate(TITLES)}
END, YEARS = 1_790_000_000, 10
"""The newest file's date in Unix seconds, and how far the oldest one is before it."""
DATABASE = "streamvault.db"
_FILMS, _SERIES, _MUSIC, _PHOTOS, _EVERYTHING, _KINO, _SHASHIN, _PAPERS = CHATS
_TYPES = {
    "mkv": "video/x-matroska", "mp4": "video/mp4", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg",
    "pdf": "application/pdf", "txt": "text/plain", "zip": "application/zip", "webp": "image/webp", "": "image/jpeg",
}  # fmt: skip
_PICTURES = 96


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message to be: what was sent, and the facts of its name; `ending` of `name`, "" for a photo's none."""

    chat: int
    kind: Kind
    name: str = ""
    ending: str = ""
    size: int = 200_000
    caption: str = ""
    duration: float | None = None
    frame: tuple[int, int] | None = None
    title: str = ""
    performer: str = ""
    facts: NameFacts = NO_FACTS


@dataclass
class _Show:
    """A series that goes on being posted."""

    title: str
    chat: int
    season: int = 1
    episode: int = 0


@dataclass
class _Library:
    """What the next messages depend on."""

    rng: random.Random
    shows: list[_Show] = field(default_factory=list)

    def words(self, count: int, *, script: Vocabulary | None = None) -> str:
        """A title of so many words."""
        drawn = script or self.rng.choice((LATIN, LATIN, LATIN, LATIN, CYRILLIC, CHINESE, ARABIC))
        return " ".join(drawn.draw(self.rng, count)).title()

    def film(self) -> list[_Sent]:
        """A film in one to three qualities."""
        title, year = self.words(self.rng.choice((1, 2, 2, 3))), self.rng.randrange(1960, 2027)
        chat = self.rng.choice((_FILMS, _FILMS, _KINO))
        qualities = self.rng.sample(("720p", "1080p", "2160p"), self.rng.choice((1, 1, 1, 2, 3)))
        return [self._film(title, year, chat, quality) for quality in qualities]

    def _film(self, title: str, year: int, chat: int, quality: str) -> _Sent:
        facts = NameFacts(VERSION, title, year, resolution=quality, codec="H.264", work=works.film(title, year))
        name = f"{title.replace(' ', '.')}.{year}.{quality}.WEB-DL.x264"
        caption = self.words(self.rng.randrange(4, 20)) + " #film" if self.rng.random() < 0.5 else ""
        size = int(self.rng.lognormvariate(21.5, 0.7))
        return _Sent(chat, "video", name, "mkv", size, caption, self.rng.uniform(4000, 9000), (1920, 1080), facts=facts)

    def episode(self) -> list[_Sent]:
        """The next episode of a series."""
        if not self.shows or self.rng.random() < 0.02:
            self.shows.append(_Show(self.words(2, script=LATIN), self.rng.choice((_SERIES, _SERIES, _KINO))))
        show = self.rng.choice(self.shows[-40:])
        show.episode += 1
        if show.episode > self.rng.randrange(8, 24):
            show.season, show.episode = show.season + 1, 1
        facts = NameFacts(
            VERSION, show.title, season=show.season, episode=show.episode, resolution="1080p",
            work=works.series(show.title),
        )  # fmt: skip
        name = f"{show.title.replace(' ', '.')}.S{show.season:02}E{show.episode:02}.1080p.WEB-DL"
        size = int(self.rng.lognormvariate(20, 0.5))
        return [
            _Sent(show.chat, "video", name, "mp4", size, "", self.rng.uniform(1200, 3600), (1920, 1080), facts=facts)
        ]

    def album(self) -> list[_Sent]:
        """The tracks of an album."""
        performer, ending = self.words(2), self.rng.choice(("mp3", "mp3", "flac"))
        tracks = [(number, self.words(2)) for number in range(1, self.rng.randrange(5, 11))]
        return [
            _Sent(
                _MUSIC, "audio", f"{number:02} - {performer} - {title}", ending, self.rng.randrange(3 << 20, 40 << 20),
                duration=self.rng.uniform(120, 400), title=title, performer=performer, facts=NameFacts(VERSION, title),
            )
            for number, title in tracks
        ]  # fmt: skip

    def photos(self) -> list[_Sent]:
        """One to ten photos."""
        chat = self.rng.choice((_PHOTOS, _PHOTOS, _SHASHIN))
        caption = self.words(self.rng.randrange(1, 7)) if self.rng.random() < 0.6 else ""
        frames = ((1280, 853), (853, 1280), (1280, 720), (960, 960), (1280, 640))
        return [
            _Sent(chat, "photo", caption="" if number else caption, frame=self.rng.choice(frames),
                  size=self.rng.randrange(60_000, 900_000))
            for number in range(self.rng.choice((1, 1, 2, 4, 6, 10)))
        ]  # fmt: skip

    def paper(self) -> list[_Sent]:
        """A document."""
        title, ending = self.words(3), self.rng.choice(("pdf", "pdf", "txt", "zip"))
        facts = NameFacts(VERSION, title)
        chat = self.rng.choice((_PAPERS, _EVERYTHING))
        return [_Sent(chat, "document", title, ending, int(self.rng.lognormvariate(14, 1.5)), facts=facts)]

    def talk(self) -> list[_Sent]:
        """A voice message, a video note, an animation or a sticker."""
        kinds: tuple[tuple[Kind, str, tuple[int, int] | None], ...] = (
            ("voice", "ogg", None), ("video_note", "mp4", (384, 384)), ("animation", "mp4", (480, 270)),
            ("sticker", "webp", (512, 512)),
        )  # fmt: skip
        kind, ending, frame = self.rng.choice(kinds)
        seconds = None if kind == "sticker" else self.rng.uniform(2, 60)
        return [_Sent(_EVERYTHING, kind, "", ending, duration=seconds, frame=frame)]

    def next(self) -> list[_Sent]:
        """Messages that are posted together."""
        makers = (self.film, self.episode, self.album, self.photos, self.paper, self.talk)
        [make] = self.rng.choices(makers, weights=(10, 34, 3, 22, 8, 5))
        return make()


def records(count: int = ITEMS, *, seed: int = 9) -> Iterator[Record]:
    """So many files, the oldest first; no file is in two messages."""
    library = _Library(random.Random(seed))
    numbers = dict.fromkeys(CHATS, 0)
    start, apart = END - YEARS * 365 * 86_400, YEARS * 365 * 86_400 / count
    for at, (album, sent) in enumerate(itertools.islice(_messages(library), count), 1):
        numbers[sent.chat] += 1
        origin = Origin(sent.chat, numbers[sent.chat])
        yield Record(_file(sent, origin, date=round(start + at * apart), album=album, number=at), sent.facts)


def _messages(library: _Library) -> Iterator[tuple[int | None, _Sent]]:
    """Messages without end, each with the number of its album."""
    for number in itertools.count(1):
        made = library.next()
        album = number if len(made) > 1 and made[0].kind != "video" else None
        yield from ((album, sent) for sent in made)


def _file(sent: _Sent, origin: Origin, *, date: int, album: int | None, number: int) -> MediaFile:
    name, mime_type = f"{sent.name}.{sent.ending}" if sent.name else "", _TYPES[sent.ending]
    width, height = sent.frame or (None, None)
    pictured = sent.kind in ("video", "photo", "animation", "video_note")
    return classify(
        MediaFile(
            key=FileKey(f"AgAD{number:011x}"), origin=origin, dc_id=1 + number % 5, kind=sent.kind, name=name,
            size=sent.size, mime_type=mime_type, date=date, caption=sent.caption, duration=sent.duration, width=width,
            height=height, title=sent.title, performer=sent.performer, album=album,
            thumb_sizes=("m",) if pictured or sent.kind == "audio" else (),
            stripped=_stripped()[number % _PICTURES] if pictured or sent.kind == "audio" else b"",
            sent=Sent(sent.kind, name, mime_type),
        )
    )  # fmt: skip


@cache
def _stripped() -> list[bytes]:
    """Placeholders of many colours."""
    kinds = list(motifs.MOTIFS)
    stills = (Still(kinds[n % len(kinds)], 360 * n / _PICTURES, seed=n) for n in range(_PICTURES))
    return [stripped_thumbnail(encode.jpeg(motifs.paint(still, (80, 45)))) or b"" for still in stills]


async def fill(folder: Path, count: int = ITEMS) -> None:
    """Store the library in the database of the DATA_DIR `folder`, unless it holds one."""
    folder.mkdir(parents=True, exist_ok=True)
    async with SqliteCatalog(folder / DATABASE) as catalog:
        if (await catalog.counts()).files:
            return
        for chat, title in CHATS.items():
            await catalog.remember_chat(chat, title)
        for batch in batches(records(count), BATCH):
            await catalog.apply(Change(put=[record.file for record in batch]))
            await catalog.store_facts({record.file.key.file_unique_id: record.facts for record in batch})


@asynccontextmanager
async def big_server(folder: Path, count: int = ITEMS, **changes: str) -> AsyncIterator[ServerProcess]:
    """A process that serves the library to everybody, ready; `changes` to its environment. `folder` keeps the library.

    Its `url` is the page's address, without a slash at the end.
    """
    await fill(folder / "data", count)
    async with emulator_world() as world, server_process(world, folder, entry=HOME_DC, **changes) as server:
        await server.start()
        await server.ready()
        yield server
        await server.stop()


async def _serve(folder: Path, count: int) -> None:
    async with big_server(folder, count) as server:
        sys.stdout.write(f"{server.url}/ until Ctrl-C\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> int:
    """Fill, and serve if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.big_library", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--serve", action="store_true")
    asked = parser.parse_args()
    try:
        asyncio.run(_serve(asked.folder, asked.items) if asked.serve else fill(asked.folder / "data", asked.items))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
