"""How the files of a list play in a browser, as far as they were read already."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, JsonValue

from streamvault.catalog.base import Entry
from streamvault.catalog.versions import computed
from streamvault.http.dependencies import HttpServices
from streamvault.http.items import with_examples
from streamvault.playback.client import Client
from streamvault.playback.facts import may_be_probed
from streamvault.playback.summary import UNKNOWN, ListedWay, Summary, summary

PLAYS: JsonValue = {
    "way": "hls",
    "reason": "The browser does not open matroska files.",
    "codecs": ["avc1.640028", "ac-3"],
}

Summaries = Mapping[str, Summary]
"""By file_unique_id."""


class Plays(BaseModel):
    """How a file plays in a browser.

    `way`: direct (the file as it is), hls (repackaged by this server), player (VLC and the like), or unknown (the file
    was not read yet: /api/facts reads it). `reason`: why not a cheaper way. `codecs`: RFC 6381's names of its pictures
    and sounds, as far as they have any.
    """

    model_config = with_examples(PLAYS)

    way: ListedWay
    reason: str
    codecs: list[str]


async def summaries(services: HttpServices, entries: Sequence[Entry], *, client: Client | None = None) -> Summaries:
    """Of those of these files that were read; none is read for it. Raises CatalogError."""
    if services.facts is None:
        return {}
    known = await services.facts.known(entry.file for entry in entries)
    repackages = services.repackages

    def summed_up() -> Summaries:
        return {key: summary(facts, client, repackages=repackages) for key, facts in known.items()}

    return await computed(len(known), summed_up)


def summary_of(entry: Entry, known: Summaries) -> Summary | None:
    """None of a file that is neither film nor song."""
    return known.get(entry.file.key.file_unique_id, UNKNOWN) if may_be_probed(entry.file) else None


def plays_of(entry: Entry, known: Summaries) -> Plays | None:
    """The same as the API shows it."""
    found = summary_of(entry, known)
    return None if found is None else Plays(way=found.way, reason=found.reason, codecs=list(found.codecs))
