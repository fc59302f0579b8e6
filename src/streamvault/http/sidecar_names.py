"""Which names are of files that belong to a film or a song: its name, words of a fixed list, an ending; pure.

`Film.de.forced.srt`, `Film-fanart2.jpg` and `Film-trailer.mp4` belong to `Film.mkv`; `Film passport.jpg` does not.
"""

import re

from streamvault.access.urls import path_name
from streamvault.catalog.words import fold
from streamvault.indexing.naming.languages import named
from streamvault.media.language_codes import LANGUAGE_CODES
from streamvault.media.type_tables import UNTYPED_DESCRIPTIONS, UNTYPED_SUBTITLES
from streamvault.media.types import is_subtitle, kind_of, split_ending, type_of

_SUBTITLES = frozenset((
    "forced", "foreign", "signs", "songs", "sdh", "cc", "hi", "default", "full", "commentary", "lyrics", "karaoke",
))  # fmt: skip
"""Kinds of subtitles."""
_PICTURES = frozenset((
    "poster", "fanart", "thumb", "cover", "front", "back", "banner", "clearart", "clearlogo", "logo", "landscape",
    "disc", "discart", "cdart", "backdrop", "background", "folder", "keyart", "characterart", "art", "artwork",
))  # fmt: skip
"""Kinds of pictures."""
_DESCRIPTIONS = frozenset(("chapters", "tags", "info"))
"""Kinds of descriptions."""
_EXTRAS = frozenset((
    "trailer", "sample", "behindthescenes", "deleted", "deletedscene", "featurette", "interview", "scene", "short",
    "clip", "extra", "other",
))  # fmt: skip
"""Videos that are no other spelling of the film's name."""
_REGION = re.compile(r"[a-z]{2}|\d{3}|hans|hant|latn|cyrl|arab")
"""ISO 3166-1, UN M.49, and the scripts of ISO 15924 in which one language is written."""
_WORD = re.compile(r"[._-]([^._-]+)")
_WORDS = re.compile(r"(?:[._-][^._-]+){0,4}")
_NUMBER = re.compile(r"\d{1,2}")


def split_sidecar_ending(name: str) -> tuple[str, str]:
    """`name` without its ending, and the ending in small letters without a dot; "" without a known one."""
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in UNTYPED_SUBTITLES | UNTYPED_DESCRIPTIONS:
        return stem, ending.lower()
    stem, ending = split_ending(name)
    return stem, ending.removeprefix(".").lower()


def is_untyped(name: str) -> bool:
    """Whether players look for files with this ending, for which there is no type."""
    return split_sidecar_ending(name)[1] in UNTYPED_SUBTITLES | UNTYPED_DESCRIPTIONS


def words_after(own: str, name: str) -> str | None:
    """What stands between `own`, a file's name with or without its ending, and the ending of `name`, folded.

    None if `name` does not begin with it.
    """
    stem = fold(split_sidecar_ending(name)[0])
    for base in (path_name(own), split_sidecar_ending(path_name(own))[0]):
        folded = fold(base)
        if base and stem.startswith(folded):
            return stem[len(folded) :]
    return None


def is_extra(after: str, name: str) -> bool:
    """Whether `name` is that of a trailer, a sample or the like; `after` as words_after() gives it."""
    words = _words(after) or []
    return kind_of(type_of(name)) == "video" and bool(words) and _are_listed(words, _EXTRAS)


def is_sidecar(after: str, name: str) -> bool:
    """Whether `name` is that of subtitles, a picture or a description; `after` as words_after() gives it."""
    words = _words(after)
    if words is None:
        return False
    ending = split_sidecar_ending(name)[1]
    mime_type = type_of(name)
    if is_subtitle(mime_type) or ending in UNTYPED_SUBTITLES:
        return _are_of_subtitles(words)
    if ending == "txt":
        return _are_of_subtitles(words) and not _NUMBER.fullmatch("".join(words[:1]))
    if mime_type.startswith("image/") or ending == "tbn":
        return _are_listed(words, _PICTURES)
    return (ending in ("nfo", "xml") or ending in UNTYPED_DESCRIPTIONS) and _are_listed(words, _DESCRIPTIONS)


def _words(after: str) -> list[str] | None:
    """The words of `after`; None if they are not set apart by dots and hyphens, or too many."""
    return _WORD.findall(after) if _WORDS.fullmatch(after) else None


def _are_of_subtitles(words: list[str]) -> bool:
    language = False
    for word in words:
        region = language and _REGION.fullmatch(word) is not None
        language = _is_language(word)
        if not (region or language or word in _SUBTITLES or _NUMBER.fullmatch(word)):
            return False
    return True


def _are_listed(words: list[str], listed: frozenset[str]) -> bool:
    """Whether the first word is one of these, perhaps with a number, and the others are languages or numbers."""
    if not words:
        return True
    return words[0].rstrip("0123456789") in listed and all(_is_language(w) or _NUMBER.fullmatch(w) for w in words[1:])


def _is_language(word: str) -> bool:
    return word in LANGUAGE_CODES or (0, len(word)) in named(word)
