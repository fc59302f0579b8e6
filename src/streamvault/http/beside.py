"""Files of subtitles beside a film in its channel: the film's name, a language perhaps, an ending.

Whoever may see the film may see them, as with the names under /stream (sidecars.py).
"""

import re
from dataclasses import dataclass

from streamvault.access.urls import path_name
from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.http.sidecar_names import is_sidecar, split_sidecar_ending, words_after
from streamvault.indexing.naming.languages import named
from streamvault.media.language_codes import LANGUAGE_CODES
from streamvault.media.model import MediaFile
from streamvault.playback.languages import short_code
from streamvault.playback.subtitle_files import FORMATS

CANDIDATES = 100
"""Files with the film's name that are looked at."""

PICTURES = frozenset({"sup", "idx", "pgs"})
"""Endings of subtitles that are pictures."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`form` is the ending; `language` as BCP 47, "" unknown."""

    file: MediaFile
    form: str
    language: str
    forced: bool


async def subtitles_beside(catalog: Catalog, film: MediaFile) -> list[Beside]:
    """In the order of their names. Raises CatalogError."""
    stem, _ = split_sidecar_ending(film.name)
    phrase = re.sub(r'["*]', " ", stem).strip()
    if not phrase:
        return []
    query = CatalogQuery(text=f'"{phrase}"', chat_ids=frozenset({film.origin.chat_id}), limit=CANDIDATES)
    found = (described(film, entry.file) for entry in (await catalog.page(query)).items)
    return sorted(
        (one for one in found if one is not None), key=lambda one: (one.file.name, one.file.origin.message_id)
    )


def described(film: MediaFile, other: MediaFile) -> Beside | None:
    """`other` as subtitles of `film`; None if it is something else."""
    if other.origin.chat_id != film.origin.chat_id or other.origin == film.origin:
        return None
    name = path_name(other.name)
    form, after = split_sidecar_ending(name)[1], words_after(film.name, name)
    if form not in (*FORMATS, *PICTURES) or after is None or not is_sidecar(after, name):
        return None
    words = re.findall(r"[^._-]+", after)
    languages = [language for word in words if (language := _language(word))]
    return Beside(other, form, languages[0] if languages else "", "forced" in words)


def _language(word: str) -> str:
    spelled = named(word).get((0, len(word)))
    return spelled or (short_code(word) if word in LANGUAGE_CODES and word not in ("cc", "hi", "sdh") else "")
