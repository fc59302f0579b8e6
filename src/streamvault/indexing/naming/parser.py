"""Parses one name with guessit. Imported by the child process only, because guessit's rules take 30 MiB."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from babelfish import Language, LanguageConvertError
from guessit.api import GuessitException, guessit

from streamvault.indexing.naming import works
from streamvault.indexing.naming.cleaning import CleanName, clean
from streamvault.indexing.naming.endings import is_video
from streamvault.indexing.naming.films import EXPLICIT, LAST_YEAR, is_film
from streamvault.indexing.naming.languages import named
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION, has_chosen_name
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts
from streamvault.media.nameless import told_by
from streamvault.media.release_words import is_release
from streamvault.media.types import UNKNOWN, type_of

_OPTIONS = {"no_user_config": True, "advanced": True}
_AS_FILM = _OPTIONS | {"type": "movie"}
_ENDING = ".mkv"
_TAGS = frozenset(("source", "screen_size", "video_codec"))
"""Properties that tell that a document without an ending is a video."""
_NUMBERS_ONLY = re.compile(r"\d[\d\s_.\-]*(?:file|video|n)?", re.IGNORECASE)
_NUMERIC_FILM = re.compile(r"\d{1,4}[\s._]*[\s._(\[](?:19|20)\d\d[)\]]?")
_ASIDE = re.compile(
    r"(?<![^\W_])(?:official|music|lyrics?|lyrical)[\s._]+(?:video|audio)(?![^\W_])|(?<![^\W_])(?:trailer|teaser|karaoke)(?![^\W_])",
    re.IGNORECASE,
)
_ASIDES = frozenset(("Trailer", "Sample", "Extras", "Proof"))
# a title in Latin letters, repeated in a script without spaces; only the first is kept
_BILINGUAL = re.compile(
    r"^([\W\d]*[a-z]{3}[^\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]*?)\s+[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3][^a-z]*$",
    re.IGNORECASE,
)
_YEARS, _SEASONS, _EPISODES, _PARTS = range(1888, LAST_YEAR + 1), range(2100), range(10_000), range(100)
_ODD_LINES = re.compile(r"(?<![^\W_])[2-9]\d\dp(?![^\W_])", re.IGNORECASE)
_FRAME = re.compile(r"\d+x(\d+)")


def read_name(name: str, kind: Kind) -> NameFacts:
    """The facts of the name of a file of this kind; NO_FACTS if there are none or guessit fails on it."""
    cleaned = clean(name) if has_chosen_name(kind) else CleanName("", "")
    stem = _stem(cleaned, kind)
    if stem is None or _is_nameless(stem):
        return NO_FACTS
    try:
        guess = _guess(stem)
    except GuessitException:
        return NO_FACTS
    if kind == "document" and not cleaned.ending and not _TAGS & guess.keys():
        return NO_FACTS
    facts = _facts(stem, guess, last=cleaned.last_episode)
    return facts if cleaned.part is None else _of_part(facts, cleaned.part)


def _stem(cleaned: CleanName, kind: Kind) -> str | None:
    """The name without its ending; None if the ending, or the kind where it is missing, is not that of a video."""
    if is_video(cleaned.ending) or not cleaned.ending:
        return cleaned.stem
    part_of_name = kind == "video" and type_of(cleaned.ending) == UNKNOWN
    return cleaned.stem + cleaned.ending if part_of_name else None


def _is_nameless(stem: str) -> bool:
    if _NUMBERS_ONLY.fullmatch(stem):
        return not _NUMERIC_FILM.fullmatch(stem)
    return not stem.isalpha() and told_by(stem) == "nothing" and not is_release(stem)


def _guess(stem: str) -> dict[str, Any]:
    """guessit's matches by property. In a film's name it takes no plain number for an episode."""
    text = stem + _ENDING
    if is_film(stem):
        return guessit(text, _AS_FILM)
    guess = guessit(text, _OPTIONS)
    if _mixes(guess):
        guess = {**guessit(text, _AS_FILM), "type": guess["type"]}
    return guess


def _mixes(guess: dict[str, Any]) -> bool:
    """Whether a number of the title became an episode beside the one that is marked with an E."""
    weak = ["weak-episode" in match.tags for match in _matches(guess, "episode")]
    return any(weak) and not all(weak)


def _of_part(facts: NameFacts, part: int) -> NameFacts:
    """The facts of a part of something that names neither a year nor an episode: an episode of that, so in order."""
    alone = facts.year is None and facts.season is None and facts.episode is None and not facts.work
    return replace(facts, episode=part, work=works.series(facts.title)) if alone and facts.title else facts


def _facts(stem: str, guess: dict[str, Any], *, last: int | None) -> NameFacts:
    """`last` is the last episode of a range that was in the name."""
    title = _title(guess)
    year = _number(guess, "year", among=_YEARS) if "title" in guess and not _is_year_the_title(guess) else None
    counted = bool(EXPLICIT.search(stem)) or "screen_size" in guess or _is_release(guess)
    episode = _number(guess, "episode", among=_EPISODES) if counted else None
    return NameFacts(
        version=VERSION,
        title=_full_title(title, guess),
        year=year,
        season=_season(stem, guess) if counted else None,
        episode=episode,
        resolution=_resolution(stem, guess),
        codec=_text(guess, "video_codec"),
        languages=_languages(stem, guess),
        work="" if _is_aside(stem, guess) else _work(title, guess, year=year, counted=counted),
        last_episode=last if episode is not None and last is not None and last > episode else None,
    )


def _resolution(stem: str, guess: dict[str, Any]) -> str:
    """The lines of a frame and a p; guessit knows the usual ones only."""
    odd = _ODD_LINES.search(stem)
    return _FRAME.sub(r"\1p", _text(guess, "screen_size")) or (odd[0].lower() if odd else "")


def _season(stem: str, guess: dict[str, Any]) -> int | None:
    """The season; not the year that stands before the word "episode"."""
    season = _number(guess, "season", among=_SEASONS)
    is_year = season is not None and season == _number(guess, "year", among=_YEARS)
    return None if is_year and not re.search(rf"s(?:eason)?\W*{season}", stem, re.IGNORECASE) else season


def _work(title: str, guess: dict[str, Any], *, year: int | None, counted: bool) -> str:
    """The key of the film or series, if there is enough to say that it is one."""
    if _is_series(guess):
        numbered = counted and ("season" in guess or "episode" in guess)
        return works.series(title, country=_country(guess)) if numbered or _is_release(guess) else ""
    return works.film(title, year, part=_number(guess, "part", among=_PARTS)) if year or _is_release(guess) else ""


def _is_series(guess: dict[str, Any]) -> bool:
    return _text(guess, "type") == "episode"


def _is_release(guess: dict[str, Any]) -> bool:
    """Whether the name follows the conventions of releases."""
    sized, coded = "screen_size" in guess, "video_codec" in guess
    return "source" in guess or (sized and (coded or "language" in guess)) or (coded and "audio_codec" in guess)


def _is_aside(stem: str, guess: dict[str, Any]) -> bool:
    """Whether it is a trailer or the like and not the film itself."""
    return bool(_ASIDE.search(stem)) or any(match.value in _ASIDES for match in _matches(guess, "other"))


def _title(guess: dict[str, Any]) -> str:
    """The title, including a second part behind a dash if it comes before the year or the season."""
    titles = [] if _is_year_the_title(guess) else list(_matches(guess, "title"))[:1]
    if not titles:  # 1923.S02E01, 1917.1080p.BluRay
        first = [match for match in _matches(guess, "year") if match.start == 0]
        titles = first if _is_series(guess) or _is_release(guess) else []
    limit = min((match.start for name in ("year", "season", "episode") for match in _matches(guess, name)), default=0)
    for match in sorted(_matches(guess, "alternative_title"), key=lambda match: match.start):
        if titles and 0 <= match.start - titles[-1].end <= 3 and match.end <= limit:
            titles.append(match)
    future = next((match for match in _matches(guess, "year") if match.value > LAST_YEAR), None)
    if titles and future and 0 <= future.start - titles[-1].end <= 1:
        return f"{titles[-1].value} {future.value}"  # Metro 2033
    return _BILINGUAL.sub(r"\1", " - ".join(str(match.value).strip() for match in titles))


def _is_year_the_title(guess: dict[str, Any]) -> bool:
    """1983.S01E02.WEB-GROUP: the name begins with the year, and guessit's title is behind the season."""
    years, seasons, titles = (list(_matches(guess, name)) for name in ("year", "season", "title"))
    return bool(years and seasons and titles) and years[0].start == 0 and titles[0].start > seasons[0].start


def _full_title(title: str, guess: dict[str, Any]) -> str:
    """The title with the part number or country that distinguishes it from others of the same name."""
    part, country = _number(guess, "part", among=_PARTS), _country(guess)
    if title and part is not None and not _is_series(guess):
        title += f" Part {part}"
    return f"{title} ({country})" if title and country else title


def _country(guess: dict[str, Any]) -> str:
    return next((str(match.value.alpha2) for match in _matches(guess, "country")), "")


def _languages(stem: str, guess: dict[str, Any]) -> tuple[str, ...]:
    """Languages behind the title, in the name's order: guessit's and those of `languages`, which take precedence."""
    spans = [match.span for match in _matches(guess, "title")]
    begin = max((stop for _, stop in spans), default=0)
    # a language within the title of an episode does not count, unless the title is nothing else
    asides = [match.span for match in _matches(guess, "episode_title") if not _all_languages(match.raw)]
    ours = {
        span: code
        for span, code in named(stem).items()
        if span[0] >= begin and not any(start <= span[0] < stop for start, stop in asides)
    }
    theirs = {
        match.span: code
        for match in _matches(guess, "language")
        if (code := _code(match.value)) and not any(_overlap(match.span, span) for span in ours)
    }
    return tuple(dict.fromkeys(code for _, code in sorted((ours | theirs).items())))[:10]


def _code(language: object) -> str:
    """The ISO 639-1 code; "" for several or unknown languages, those without such a code, and a plain string."""
    if not isinstance(language, Language) or language.alpha3 in ("mul", "und"):
        return ""
    try:
        return str(language.alpha2)
    except LanguageConvertError:
        return ""


def _all_languages(text: str) -> bool:
    rest = text
    for start, stop in sorted(named(text), reverse=True):
        rest = rest[:start] + rest[stop:]
    return not any(character.isalnum() for character in rest)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _matches(guess: dict[str, Any], name: str) -> Iterator[Any]:
    found = guess.get(name)
    yield from found if isinstance(found, list) else [] if found is None else [found]


def _text(guess: dict[str, Any], name: str) -> str:
    return next((str(match.value).strip() for match in _matches(guess, name)), "")


def _number(guess: dict[str, Any], name: str, *, among: range) -> int | None:
    return next((match.value for match in _matches(guess, name) if match.value in among), None)
