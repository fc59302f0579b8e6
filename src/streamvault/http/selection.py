"""The query parameters that select files, common to lists, facets, playlists and works."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

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


By = Literal["month", "letter"]
SORT_OF: Mapping[By, Literal["date", "name"]] = {"month": "date", "letter": "name"}
"""The lists in which months and letters stand together."""


def order_of(sort: Sort, order: Order | None) -> Order:
    """`order`, or without one that of lists which begin as people expect: with A, the newest or the largest."""
    return order or ("asc" if sort == "name" else "desc")


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

    hidden: bool = Field(False, description="With the files that the caller has hidden")

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
        order = order_of(self.sort, self.order)
        try:
            after = Cursor.decode(self.cursor, sort=self.sort, order=order) if self.cursor else None
        except BadCursor as error:
            raise HTTPException(400, f"Begin again without a cursor: {error}.") from error
        return self.query(chats, limit=limit, sort=self.sort, order=order, after=after)


class Filters(SortedSelection):
    """One page of a list."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    offset: Whole | None = Field(
        None, description="How many items of the list come before the page, instead of `cursor`"
    )

    def check(self) -> None:
        """Raise HTTPException 400 where both a cursor and an offset are given."""
        if self.offset is not None and self.cursor is not None:
            raise HTTPException(400, "A page begins at a cursor or at an offset: leave one of them out.")

    def sorted(self, chats: frozenset[int], *, limit: int) -> CatalogQuery:
        """The same as a CatalogQuery. Raises HTTPException 400 for a cursor of another list, or none at all."""
        return replace(super().sorted(chats, limit=limit), offset=self.offset or 0)


class HistogramFilters(Selection):
    """A list of which the items of each month or letter are counted; `sort` follows from `by`, and `by` from `sort`."""

    by: By | None = Field(None, description="`month` of a list by date, `letter` of a list by name")
    sort: Literal["date", "name"] | None = None
    order: Order | None = Field(None, description="As of the list: names from A on, the newest files first")

    def sorted(self, chats: frozenset[int]) -> CatalogQuery:
        """The list as a CatalogQuery. Raises HTTPException 400 where its items of a month or letter are scattered."""
        if self.by and self.sort and SORT_OF[self.by] != self.sort:
            raise HTTPException(400, "by=month is for sort=date, by=letter for sort=name.")
        sort: Sort = self.sort or SORT_OF[self.by or "month"]
        return self.query(chats, sort=sort, order=order_of(sort, self.order))


Series = Annotated[bool | None, Field(description="Only series; false: only films")]


class WorkFilters(Filters):
    """One page of films and series, by the newest file of each or by their titles."""

    sort: Literal["date", "name"] = "date"
    series: Series = None


class WorkHistogramFilters(HistogramFilters):
    """A list of films and series of which those of each month or letter are counted."""

    series: Series = None


class WorkSelection(Selection):
    """Films and series, in no order."""

    series: Series = None
