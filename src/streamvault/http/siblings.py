"""Which file a name in a stream's address means: the file itself, or one that players look for beside a film.

Players ask for `Film.srt`, `Film.de.srt`, `Film.nfo` and `Film-fanart.jpg` in the folder of `Film.mkv`. Whoever may see
the film may see these, if its channel has them; no other file of the channel is found by its name.
"""

import re

from streamvault.access.urls import path_name
from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.catalog.words import fold
from streamvault.errors import FileMissing
from streamvault.media.model import MediaFile
from streamvault.media.types import UNKNOWN, is_subtitle, kind_of, split_ending, type_of

CANDIDATES = 50
"""Files with the words of a name that are looked at."""

_BESIDE = re.compile(r"(?:[ ._-][\w-]{1,20}){0,3}")
"""What may stand between a film's name and the ending: languages, "forced", "fanart"."""
_PROBED = re.compile(r"\.(?:edl|tbn|bif|chapters|sfv|actors|properties)", re.IGNORECASE)
"""Endings of files beside a film for which there is no type."""


async def file_called(catalog: Catalog, file: MediaFile, name: str) -> MediaFile:
    """`file`, or the one called `name` beside it; `name` is the last part of an address, "" for none.

    `file` for its own name, an older one of the same kind, and one without a known ending. Raises FileMissing, and
    CatalogError.
    """
    if _may_be_own(file, name):
        return file
    stem, _ = split_ending(name)
    own, _ = split_ending(path_name(file.name))
    if _is_beside(type_of(name)) and fold(stem).startswith(fold(own)) and _BESIDE.fullmatch(stem[len(own) :]):
        words = re.sub(r'["*]', " ", name)
        query = CatalogQuery(text=f'"{words}"', chat_ids=frozenset({file.origin.chat_id}), limit=CANDIDATES)
        for entry in (await catalog.page(query)).items:
            if fold(path_name(entry.file.name)) == fold(name) and entry.file.origin != file.origin:
                return entry.file
    raise FileMissing("the message holds another file, and its channel has none of this name")


def _may_be_own(file: MediaFile, name: str) -> bool:
    wanted = type_of(name)
    if name == path_name(file.name) or (wanted == UNKNOWN and not _PROBED.fullmatch(_suffix(name))):
        return True
    given = file.mime_type if file.mime_type != UNKNOWN else type_of(file.name)
    if wanted in (given, type_of(file.name)) or given == UNKNOWN:
        return True
    return kind_of(wanted) == kind_of(given) != "document"


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


def _is_beside(mime_type: str) -> bool:
    return is_subtitle(mime_type) or mime_type.startswith("image/") or mime_type in ("text/plain", "text/xml")
