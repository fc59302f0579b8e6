"""Generated records: films, series, music and books in several scripts, with word frequencies by Zipf's law."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from streamvault.media.model import FileKey, Kind, MediaFile, Origin
from streamvault.media.name_facts import NameFacts

CHATS = 30
REPEATED = 0.1  # share of messages with a file that was posted before
START = 1_420_000_000
_APART = 180  # seconds between two messages, about
_RESOLUTIONS = ("480p", "720p", "1080p", "1080p", "1080p", "2160p")
_SOURCES = ("WEB-DL", "BluRay", "WEBRip", "HDTV", "DVDRip")
_CODECS = ("x264", "x265", "HEVC", "AV1")
_GROUPS = ("NTb", "RARBG", "FLUX", "EVO", "SPARKS", "YIFY")
_LANGUAGES = ("en", "ru", "de", "fr", "es", "ar", "ja", "hi")
_TAGS = ("film", "series", "music", "action", "drama", "comedy", "news", "anime", "кино", "музыка", "2024", "hd")


@dataclass(frozen=True, slots=True)
class Record:
    """One message's file, and the facts of its name."""

    file: MediaFile
    facts: NameFacts


class Vocabulary:
    """Words of one script, the most frequent first; the frequency of the n-th is about proportional to 1/n.

    They are made when the first one is asked for, which takes some tenths of a second.
    """

    def __init__(self, syllables: Sequence[str], count: int, *, lengths: tuple[int, ...], seed: int) -> None:
        self._syllables, self._count, self._lengths, self._seed = syllables, count, lengths, seed

    @cached_property
    def words(self) -> list[str]:
        rng, made = random.Random(self._seed), dict[str, None]()
        while len(made) < self._count:
            made["".join(rng.choices(self._syllables, k=rng.choice(self._lengths)))] = None
        return list(made)

    @cached_property
    def _weights(self) -> list[float]:
        return list(itertools.accumulate(1 / (rank + 3) for rank in range(self._count)))

    def draw(self, rng: random.Random, count: int) -> list[str]:
        """`count` random words, by their frequency."""
        return rng.choices(self.words, cum_weights=self._weights, k=count)


_CONSONANTS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "th", "sh", "br")
LATIN = Vocabulary([c + v for c in _CONSONANTS for v in "aeiou"], 40_000, lengths=(1, 2, 2, 3, 3, 4), seed=1)
CYRILLIC = Vocabulary([c + v for c in "бвгдзклмнпрст" for v in "аеиоуыя"], 20_000, lengths=(1, 2, 2, 3, 3, 4), seed=2)
CHINESE = Vocabulary([chr(0x4E00 + number * 7) for number in range(1200)], 10_000, lengths=(2, 2, 3, 4), seed=3)
ARABIC = Vocabulary([c + v for c in "بتجحدرسشعفقكلمن" for v in "اوي"], 10_000, lengths=(2, 2, 3), seed=4)
_SCRIPTS = (LATIN, LATIN, LATIN, LATIN, LATIN, LATIN, CYRILLIC, CYRILLIC, CHINESE, ARABIC)


def records(count: int, *, seed: int = 5) -> Iterator[Record]:
    """`count` messages in chats of different sizes, oldest first."""
    rng = random.Random(seed)
    sizes = list(itertools.accumulate(1 / (rank + 1) for rank in range(CHATS)))
    next_ids = [0] * CHATS
    known: list[Record] = []
    date = START
    for _ in range(count):
        date += rng.randrange(2 * _APART)
        [chat] = rng.choices(range(CHATS), cum_weights=sizes)
        next_ids[chat] += 1
        origin = Origin(-1_001_500_000_000 - chat, next_ids[chat])
        again = rng.choice(known) if known and rng.random() < REPEATED else None
        if again is None:
            record = _record(rng, origin, date)
            if len(known) < 20_000 or rng.random() < 0.01:
                known.append(record)
        else:
            record = Record(_posted(again.file, origin, date), again.facts)
        yield record


def chats() -> frozenset[int]:
    """The chats of `records`."""
    return frozenset(-1_001_500_000_000 - chat for chat in range(CHATS))


def _posted(file: MediaFile, origin: Origin, date: int) -> MediaFile:
    return MediaFile(
        key=file.key, origin=origin, dc_id=file.dc_id, kind=file.kind, name=file.name, size=file.size,
        mime_type=file.mime_type, date=date, duration=file.duration, width=file.width, height=file.height,
        title=file.title, performer=file.performer, thumb_sizes=file.thumb_sizes,
    )  # fmt: skip


def _record(rng: random.Random, origin: Origin, date: int) -> Record:
    script = rng.choice(_SCRIPTS)
    title = script.draw(rng, rng.choice((1, 2, 2, 3, 3, 4)))
    make = rng.choice((_film, _film, _episode, _episode, _episode, _song, _song, _book))
    name, kind, facts = make(rng, title)
    caption = ""
    if rng.random() < 0.5:
        words = script.draw(rng, rng.randrange(4, 20))
        caption = " ".join([*words, *(f"#{tag}" for tag in rng.choices(_TAGS, k=rng.randrange(3)))])
    unique = f"AgAD{rng.randrange(1 << 60):015x}"
    song = kind == "audio"
    file = MediaFile(
        key=FileKey(unique), origin=origin, dc_id=rng.randrange(1, 6), kind=kind, name=name,
        size=int(rng.lognormvariate(20, 1.5)), mime_type="video/x-matroska" if kind == "video" else "audio/mpeg",
        date=date, caption=caption, duration=rng.random() * 6000, width=1920, height=1080,
        title=" ".join(title) if song else "", performer=" ".join(LATIN.draw(rng, 2)) if song else "",
        thumb_sizes=("m",),
    )  # fmt: skip
    return Record(file, facts)


def _film(rng: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    year, resolution, language = rng.randrange(1970, 2026), rng.choice(_RESOLUTIONS), rng.choice(_LANGUAGES)
    rest = (year, resolution, rng.choice(_SOURCES), f"{rng.choice(_CODECS)}-{rng.choice(_GROUPS)}.mkv")
    text = " ".join(title).title()
    work = f"{' '.join(title)} {year}"
    return ".".join([*text.split(), *map(str, rest)]), "video", NameFacts(
        1, text, year, resolution=resolution, codec=str(rest[3][:4]), languages=(language,), work=work
    )  # fmt: skip


def _episode(rng: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    season, episode, resolution = rng.randrange(1, 9), rng.randrange(1, 25), rng.choice(_RESOLUTIONS)
    text = " ".join(title[:2]).title()
    name = ".".join([*text.split(), f"S{season:02}E{episode:02}", resolution, rng.choice(_SOURCES), "mkv"])
    facts = NameFacts(1, text, season=season, episode=episode, resolution=resolution, work=" ".join(title[:2]))
    return name, "video", facts


def _song(rng: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    name = f"{' '.join(LATIN.draw(rng, 2))} - {' '.join(title)}.mp3"
    return name, "audio", NameFacts(1, " ".join(title))


def _book(rng: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    return f"{' '.join(title)} ({rng.randrange(1990, 2026)}).pdf", "document", NameFacts(1, " ".join(title))
