"""Which file a name in a stream's address means: the file itself, or one that players look for beside a film.

Players ask for `Film.srt`, `Film.de.srt`, `Film.nfo` and `Film-fanart.jpg` in the folder of `Film.mkv`. Whoever may see
the film may see these, if its channel has them (sidecar_names.py); no other file of the channel is found by its name.
"""

import re

from streamvault.access.urls import path_name
from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.catalog.words import fold
from streamvault.errors import FileMissing
from streamvault.http.sidecar_names import is_extra, is_sidecar, is_untyped, split_sidecar_ending, words_after
from streamvault.media.model import MediaFile
from streamvault.media.types import UNKNOWN, kind_of, type_of

CANDIDATES = 50
"""Files with the words of a name that are looked at."""


async def file_called(catalog: Catalog, file: MediaFile, name: str) -> MediaFile:
    """`file`, or the one called `name` beside it; `name` is the last part of an address, "" for none.

    `file` for its own name, an older one of the same kind, and one without a known ending. No other unless `file` is a
    video or audio, and `name` one of those that players look for beside it. Raises FileMissing, and CatalogError.
    """
    film = kind_of(_type(file)) != "document"
    after = words_after(file.name, name) if film else None
    extra = after is not None and is_extra(after, name)
    if not extra and _may_be_own(file, name):
        return file
    if after is not None and (extra or is_sidecar(after, name)):
        return await _find_sidecar(catalog, file, name, after)
    raise _missing()


async def _find_sidecar(catalog: Catalog, file: MediaFile, name: str, after: str) -> MediaFile:
    own, _ = split_sidecar_ending(file.name)
    _, ending = split_sidecar_ending(name)
    phrases = (re.sub(r'["*]', " ", text) for text in (own, f"{after}.{ending}"))
    text = " ".join(f'"{phrase}"' for phrase in phrases)
    query = CatalogQuery(text=text, chat_ids=frozenset({file.origin.chat_id}), limit=CANDIDATES)
    for entry in (await catalog.page(query)).items:
        if fold(path_name(entry.file.name)) == fold(name) and entry.file.origin != file.origin:
            return entry.file
    raise _missing()


def _missing() -> FileMissing:
    return FileMissing("the message holds another file, and its channel has none of this name")


def _may_be_own(file: MediaFile, name: str) -> bool:
    own, given, wanted = path_name(file.name), _type(file), type_of(name)
    if name == own or (wanted == UNKNOWN and not is_untyped(name)):
        return True
    if given == UNKNOWN or split_sidecar_ending(name)[1] == split_sidecar_ending(own)[1]:
        return True
    return wanted != UNKNOWN and (
        wanted in (given, type_of(file.name)) or kind_of(wanted) == kind_of(given) != "document"
    )


def _type(file: MediaFile) -> str:
    return file.mime_type if file.mime_type != UNKNOWN else type_of(file.name)
