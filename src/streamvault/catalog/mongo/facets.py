"""Facets of documents that were read: how many files, or works with all their files, have each value; pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from streamvault.catalog.base import Facets
from streamvault.catalog.fields import Value, commonest, one_spelling
from streamvault.catalog.mongo.rows import Document, facts_of

FIELDS = ("kind", "chat_id", "tags", "facts")
"""What of the documents is needed."""


def facets_of(groups: Sequence[Sequence[Document]], *, exact: bool) -> Facets:
    """How many of the groups have a document with each value; a group is one file, or all files of a work."""
    facts = [[found for row in rows if (found := facts_of(row)) is not None] for rows in groups]
    tags = Counter(tag for rows in groups for tag in {str(tag) for row in rows for tag in row.get("tags", ())})
    return Facets(
        total=len(groups),
        exact=exact,
        kinds=_counted({str(row["kind"]) for row in rows} for rows in groups),
        chats=_counted({int(row["chat_id"]) for row in rows} for rows in groups),
        years=_counted({one.year for one in several if one.year is not None} for several in facts),
        resolutions=_counted({one.resolution for one in several if one.resolution} for several in facts),
        languages=_counted({language for one in several for language in one.languages} for several in facts),
        tags=commonest(one_spelling(tags)),
    )


def _counted(groups: Iterable[set[Value]]) -> dict[Value, int]:
    return commonest(Counter(value for values in groups for value in values))
