"""The query parameters that select files, common to lists, facets, playlists and works."""

import re
from typing import Annotated

from fastapi import HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from streamvault.catalog.base import MAX_LIMIT, BadCursor, CatalogQuery, Cursor, Order, Sort
from streamvault.media.model import Kind

MAX_CHATS = 100
"""Chats in one request at most."""

ChatId = Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)]
Whole = Annotated[int, Field(ge=0, lt=1 << 63)]


MAX_QUERY = 200
"""Characters of a search."""
_CUT_WORD = re.compile(r"\w{2}")
_LAST_WORD = re.compile(r"\w+$")


def _whole_words(text: str) -> str:
    """The beginning of `text` up to MAX_QUERY characters, without the word that is cut there, if others are left."""
    kept = text[:MAX_QUERY]
    return kept if not _CUT_WORD.match(text, MAX_QUERY - 1) else _LAST_WORD.sub("", kept) or kept


class Selection(BaseModel):
    """Each file satisfies every condition that is given."""

    model_config = ConfigDict(frozen=True)

    q: Annotated[str, AfterValidator(_whole_words)] = Field(
        "",
        description='Words, "phrases", -unwanted ones and pre*fixes in name, caption, title or performer. '
        f"What is behind {MAX_QUERY} characters does not count",
        examples=["küche -trailer"],
    )
    kind: Kind | None = Field(None, examples=["video"])
    chat_id: list[ChatId] = Field(
        [], max_length=MAX_CHATS, description="Repeat it for several chats", examples=[[-1001234567890]]
    )
    tag: str = Field("", max_length=100, description="A #hashtag of the caption, without its #", examples=["nature"])
    year: int | None = Field(None, ge=1, le=9999, examples=[1999])
    resolution: str = Field("", max_length=20, examples=["1080p"])
    language: str = Field("", max_length=20, description="ISO 639-1", examples=["de"])
    min_size: Whole | None = Field(None, description="Bytes", examples=[1048576])
    max_size: Whole | None = Field(None, description="Bytes", examples=[4294967296])
    since: Whole | None = Field(None, description="Unix seconds, included", examples=[1735689600])
    until: Whole | None = Field(None, description="Unix seconds, included", examples=[1767225599])
    work: str = Field("", max_length=300, description="`key` of a film or series", examples=["f:the-matrix-1999"])

    def query(
        self,
        chats: frozenset[int],
        *,
        limit: int = 1,
        sort: Sort = "date",
        order: Order = "desc",
        after: Cursor | None = None,
    ) -> CatalogQuery:
        """The same as a CatalogQuery within the chats `chats`."""
        return CatalogQuery(
            text=self.q,
            kind=self.kind,
            chat_ids=chats & set(self.chat_id) if self.chat_id else chats,
            tag=self.tag.removeprefix("#"),
            year=self.year,
            resolution=self.resolution,
            language=self.language,
            min_size=self.min_size,
            max_size=self.max_size,
            since=self.since,
            until=self.until,
            work=self.work,
            sort=sort,
            order=order,
            limit=limit,
            after=after,
        )


class SortedSelection(Selection):
    """A selection in an order, from a cursor on."""

    sort: Sort = "date"
    order: Order | None = Field(None, description="Without it: names from A on, the newest or largest files first")
    cursor: str | None = Field(None, max_length=16_384, description="`next_cursor` of the page before")

    def sorted(self, chats: frozenset[int], *, limit: int) -> CatalogQuery:
        """The same as a CatalogQuery. Raises HTTPException 400 for a cursor of another list, or none at all."""
        order = self.order or ("asc" if self.sort == "name" else "desc")
        try:
            after = Cursor.decode(self.cursor, sort=self.sort, order=order) if self.cursor else None
        except BadCursor as error:
            raise HTTPException(400, f"Begin again without a cursor: {error}.") from error
        return self.query(chats, limit=limit, sort=self.sort, order=order, after=after)


class Filters(SortedSelection):
    """One page of a list."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT)


class WorkFilters(Selection):
    """Films and series."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT)
