"""Parses one name with guessit. Imported by the child process only, because guessit's rules take 30 MiB."""

import re
from collections.abc import Iterator
from typing import Any

from babelfish import Language, LanguageConvertError
from guessit.api import GuessitException, guessit

from streamvault.indexing.naming import works
from streamvault.indexing.naming.cleaning import clean, split
from streamvault.indexing.naming.languages import named
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION, has_chosen_name
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts

_OPTIONS = {"no_user_config": True, "advanced": True}
_VIDEO = re.compile(
    r"\.(?:3g2|3gp|asf|avi|divx|f4v|flv|m2ts|m4v|mk3d|mkv|mov|mp4|mpe?g|mts|og[mv]|qt|rm|rmvb|ts|vob|webm|wmv)",
    re.IGNORECASE,
)
# names given by cameras, telephones and Telegram itself, bare numbers and hashes
_NAMELESS = re.compile(
    r"(?:vid|img|mov|pxl|dsc[nf]?|dji|mvi|gopr|g[hx]|video|photo|document|file|animation|video_note|audio|voice|clip"
    r"|screen.?recording|screenrecorder|record(?:ing)?|whatsapp.video|telegram.video|signal"
    r"|lv|snaptik|ssstik|inshot|tiktok|instagram|reels?)"
    r"(?:[\s_.\-]*(?:at|wa|\d++|[ap]m|\(\d+\)|file|copy|reels?))++|\d[\d\s_.\-]*(?:file|video|n)?|(?=.*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*",
    re.IGNORECASE,
)
_NUMERIC_FILM = re.compile(r"\d{1,4}[\s._]*[\s._(\[](?:19|20)\d\d[)\]]?")
_ASIDE = re.compile(
    r"(?<![^\W_])(?:official|music|lyrics?|lyrical)[\s._]+(?:video|audio)(?![^\W_])|(?<![^\W_])(?:trailer|teaser|karaoke)(?![^\W_])",
    re.IGNORECASE,
)
_ASIDES = frozenset(("Trailer", "Sample", "Extras", "Proof"))
_EXPLICIT = re.compile(
    r"(?<![^\W_])(?:s\d{1,4}|e|ep|eps|e?s\d{1,4}[\s._-]*e)[\s._-]*\d|(?<![^\W_])s\d{1,4}(?![^\W_])|(?<!\d)\d{1,2}[x×]\d{2,3}(?!\d)"
    r"|\d+\s*of\s*\d|(?<![^\W_])(?:seasons?|saison|temporada|stagione|staffel|se[zs]on|сезон|évad)(?![^\W_])"
    r"|episod|épisod|cap[ií]tulo|folge|aflevering|avsnitt|odcinek|b[öo]l[üu]m|rész|сери[яи]|эпизод",
    re.IGNORECASE,
)
"""Matches a name that numbers seasons or episodes explicitly."""
# a title in Latin letters, repeated in a script without spaces; only the first is kept
_BILINGUAL = re.compile(
    r"^([\W\d]*[a-z]{3}[^\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]*?)\s+[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3][^a-z]*$",
    re.IGNORECASE,
)
_BRACKETED_YEAR = re.compile(r"[(\[](?:19|20)\d\d[)\]]")
_YEARS, _SEASONS, _EPISODES, _PARTS = range(1888, 2100), range(2100), range(10_000), range(100)
_FRAME = re.compile(r"\d+x(\d+)")


def read_name(name: str, kind: Kind) -> NameFacts:
    """The facts of the name of a file of this kind; NO_FACTS if there are none or guessit fails on it."""
    cleaned = clean(name)
    stem, extension = split(cleaned)
    if not has_chosen_name(kind) or not _is_video(extension, kind) or _is_nameless(stem):
        return NO_FACTS
    try:
        guess = guessit(cleaned, _OPTIONS | ({"type": "movie"} if _is_film(stem) else {}))
    except GuessitException:
        return NO_FACTS
    return _facts(cleaned, guess)


def _is_video(extension: str, kind: Kind) -> bool:
    return bool(_VIDEO.fullmatch(extension)) or (kind == "video" and not extension)


def _is_nameless(stem: str) -> bool:
    return bool(_NAMELESS.fullmatch(stem)) and not _NUMERIC_FILM.fullmatch(stem)


def _is_film(stem: str) -> bool:
    """A year in brackets and no number of an episode: further numbers belong to the title then."""
    return bool(_BRACKETED_YEAR.search(stem)) and not _EXPLICIT.search(stem)


def _facts(cleaned: str, guess: dict[str, Any]) -> NameFacts:
    title = _title(guess)
    year = _number(guess, "year", among=_YEARS) if "title" in guess else None
    counted = bool(_EXPLICIT.search(cleaned)) or "screen_size" in guess or _is_release(guess)
    return NameFacts(
        version=VERSION,
        title=_full_title(title, guess),
        year=year,
        season=_number(guess, "season", among=_SEASONS) if counted else None,
        episode=_number(guess, "episode", among=_EPISODES) if counted else None,
        resolution=_FRAME.sub(r"\1p", _text(guess, "screen_size")),
        codec=_text(guess, "video_codec"),
        languages=_languages(cleaned, guess),
        work="" if _is_aside(cleaned, guess) else _work(title, guess, year=year, counted=counted),
    )


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
    return "source" in guess or ("screen_size" in guess and ("video_codec" in guess or "language" in guess))


def _is_aside(cleaned: str, guess: dict[str, Any]) -> bool:
    """Whether it is a trailer or the like and not the film itself."""
    return bool(_ASIDE.search(cleaned)) or any(match.value in _ASIDES for match in _matches(guess, "other"))


def _title(guess: dict[str, Any]) -> str:
    """The title, including a second part behind a dash if it comes before the year or the season."""
    titles = list(_matches(guess, "title"))[:1]
    if not titles and _is_series(guess):
        titles = list(_matches(guess, "year"))[:1]  # 1923.S02E01
    limit = min((match.start for name in ("year", "season", "episode") for match in _matches(guess, name)), default=0)
    for match in sorted(_matches(guess, "alternative_title"), key=lambda match: match.start):
        if titles and 0 <= match.start - titles[-1].end <= 3 and match.end <= limit:
            titles.append(match)
    return _BILINGUAL.sub(r"\1", " - ".join(str(match.value).strip() for match in titles))


def _full_title(title: str, guess: dict[str, Any]) -> str:
    """The title with the part number or country that distinguishes it from others of the same name."""
    part, country = _number(guess, "part", among=_PARTS), _country(guess)
    if title and part is not None and not _is_series(guess):
        title += f" Part {part}"
    return f"{title} ({country})" if title and country else title


def _country(guess: dict[str, Any]) -> str:
    return next((str(match.value.alpha2) for match in _matches(guess, "country")), "")


def _languages(cleaned: str, guess: dict[str, Any]) -> tuple[str, ...]:
    """Languages behind the title, in the name's order: guessit's and those of `languages`, which take precedence."""
    spans = [match.span for match in _matches(guess, "title")]
    begin = max((stop for _, stop in spans), default=0)
    # a language within the title of an episode does not count, unless the title is nothing else
    asides = [match.span for match in _matches(guess, "episode_title") if not _all_languages(match.raw)]
    ours = {
        span: code
        for span, code in named(cleaned).items()
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
