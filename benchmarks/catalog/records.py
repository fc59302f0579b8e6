"""A million files that nobody has: films, series and music, in several scripts, with words by Zipf's law."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streamvault.media.model import FileKey, Kind, MediaFile, Origin
from streamvault.media.name_facts import NameFacts

CHATS = 30
REPEATED = 0.1  # of the messages hold a file that another one holds as well
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
    """One message's file, and what its name tells."""

    file: MediaFile
    facts: NameFacts


class Vocabulary:
    """Words of one script, the first the commonest; the n-th comes up in proportion to 1/n."""

    def __init__(self, syllables: Sequence[str], count: int, *, lengths: tuple[int, ...], seed: int) -> None:
        dice, made = random.Random(seed), dict[str, None]()
        while len(made) < count:
            made["".join(dice.choices(syllables, k=dice.choice(lengths)))] = None
        self.words = list(made)
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(count)))

    def draw(self, dice: random.Random, count: int) -> list[str]:
        """So many words, by their frequency."""
        return dice.choices(self.words, cum_weights=self._weights, k=count)


_CONSONANTS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "th", "sh", "br")
LATIN = Vocabulary([c + v for c in _CONSONANTS for v in "aeiou"], 40_000, lengths=(1, 2, 2, 3, 3, 4), seed=1)
CYRILLIC = Vocabulary([c + v for c in "бвгдзклмнпрст" for v in "аеиоуыя"], 20_000, lengths=(1, 2, 2, 3, 3, 4), seed=2)
CHINESE = Vocabulary([chr(0x4E00 + number * 7) for number in range(1200)], 10_000, lengths=(2, 2, 3, 4), seed=3)
ARABIC = Vocabulary([c + v for c in "بتجحدرسشعفقكلمن" for v in "اوي"], 10_000, lengths=(2, 2, 3), seed=4)
_SCRIPTS = (LATIN, LATIN, LATIN, LATIN, LATIN, LATIN, CYRILLIC, CYRILLIC, CHINESE, ARABIC)


def records(count: int, *, seed: int = 5) -> Iterator[Record]:
    """So many messages in chats of different sizes, oldest first."""
    dice = random.Random(seed)
    sizes = list(itertools.accumulate(1 / (rank + 1) for rank in range(CHATS)))
    next_ids = [0] * CHATS
    known: list[Record] = []
    date = START
    for _ in range(count):
        date += dice.randrange(2 * _APART)
        [chat] = dice.choices(range(CHATS), cum_weights=sizes)
        next_ids[chat] += 1
        origin = Origin(-1_001_500_000_000 - chat, next_ids[chat])
        again = dice.choice(known) if known and dice.random() < REPEATED else None
        if again is None:
            record = _record(dice, origin, date)
            if len(known) < 20_000 or dice.random() < 0.01:
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


def _record(dice: random.Random, origin: Origin, date: int) -> Record:
    script = dice.choice(_SCRIPTS)
    title = script.draw(dice, dice.choice((1, 2, 2, 3, 3, 4)))
    make = dice.choice((_film, _film, _episode, _episode, _episode, _song, _song, _book))
    name, kind, facts = make(dice, title)
    caption = ""
    if dice.random() < 0.5:
        words = script.draw(dice, dice.randrange(4, 20))
        caption = " ".join([*words, *(f"#{tag}" for tag in dice.choices(_TAGS, k=dice.randrange(3)))])
    unique = f"AgAD{dice.randrange(1 << 60):015x}"
    song = kind == "audio"
    file = MediaFile(
        key=FileKey(unique), origin=origin, dc_id=dice.randrange(1, 6), kind=kind, name=name,
        size=int(dice.lognormvariate(20, 1.5)), mime_type="video/x-matroska" if kind == "video" else "audio/mpeg",
        date=date, caption=caption, duration=dice.random() * 6000, width=1920, height=1080,
        title=" ".join(title) if song else "", performer=" ".join(LATIN.draw(dice, 2)) if song else "",
        thumb_sizes=("m",),
    )  # fmt: skip
    return Record(file, facts)


def _film(dice: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    year, resolution, language = dice.randrange(1970, 2026), dice.choice(_RESOLUTIONS), dice.choice(_LANGUAGES)
    rest = (year, resolution, dice.choice(_SOURCES), f"{dice.choice(_CODECS)}-{dice.choice(_GROUPS)}.mkv")
    text = " ".join(title).title()
    work = f"{' '.join(title)} {year}"
    return ".".join([*text.split(), *map(str, rest)]), "video", NameFacts(
        1, text, year, resolution=resolution, codec=str(rest[3][:4]), languages=(language,), work=work
    )  # fmt: skip


def _episode(dice: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    season, episode, resolution = dice.randrange(1, 9), dice.randrange(1, 25), dice.choice(_RESOLUTIONS)
    text = " ".join(title[:2]).title()
    name = ".".join([*text.split(), f"S{season:02}E{episode:02}", resolution, dice.choice(_SOURCES), "mkv"])
    facts = NameFacts(1, text, season=season, episode=episode, resolution=resolution, work=" ".join(title[:2]))
    return name, "video", facts


def _song(dice: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    name = f"{' '.join(LATIN.draw(dice, 2))} - {' '.join(title)}.mp3"
    return name, "audio", NameFacts(1, " ".join(title))


def _book(dice: random.Random, title: list[str]) -> tuple[str, Kind, NameFacts]:
    return f"{' '.join(title)} ({dice.randrange(1990, 2026)}).pdf", "document", NameFacts(1, " ".join(title))
