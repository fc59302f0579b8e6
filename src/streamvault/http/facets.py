"""The facets of a list as the API shows them: how many files of each kind, channel, year and so on match."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from streamvault.catalog.base import Facets
from streamvault.http.items import with_examples
from streamvault.media.model import Kind

Value = TypeVar("Value", bound=int | str)


class KindCount(BaseModel):
    """One kind."""

    model_config = with_examples({"value": "video", "count": 812})

    value: Kind
    count: int


class ChatCount(BaseModel):
    """One channel; `title` is null where it is not known yet."""

    model_config = with_examples({"value": -1001234567890, "title": "Films", "count": 640})

    value: int
    title: str | None
    count: int


class YearCount(BaseModel):
    """One year of a film or an episode."""

    model_config = with_examples({"value": 1999, "count": 12})

    value: int
    count: int


class TextCount(BaseModel):
    """One resolution, language or tag."""

    model_config = with_examples({"value": "1080p", "count": 301})

    value: str
    count: int


class FacetCounts(BaseModel):
    """Counts of the files that match, the commonest values first; at most 100 values of each.

    `exact` false: more than `total` files match, and the counts are those of the newest of them.
    """

    model_config = with_examples(
        {
            "total": 812,
            "exact": True,
            "kinds": [{"value": "video", "count": 812}],
            "chats": [{"value": -1001234567890, "title": "Films", "count": 640}],
            "years": [{"value": 1999, "count": 12}],
            "resolutions": [{"value": "1080p", "count": 301}],
            "languages": [{"value": "de", "count": 98}],
            "tags": [{"value": "garten", "count": 7}],
            "corrected": None,
        }
    )

    total: int
    exact: bool
    kinds: list[KindCount]
    chats: list[ChatCount]
    years: list[YearCount]
    resolutions: list[TextCount]
    languages: list[TextCount]
    tags: list[TextCount]
    corrected: str | None = None


def facet_counts(facets: Facets, *, titles: Mapping[int, str]) -> FacetCounts:
    """The catalog's facets as the API shows them."""
    return FacetCounts(
        total=facets.total,
        exact=facets.exact,
        kinds=[KindCount.model_validate({"value": kind, "count": count}) for kind, count in _ranked(facets.kinds)],
        chats=[ChatCount(value=chat, title=titles.get(chat), count=n) for chat, n in _ranked(facets.chats)],
        years=[YearCount(value=year, count=count) for year, count in _ranked(facets.years)],
        resolutions=_texts(facets.resolutions),
        languages=_texts(facets.languages),
        tags=_texts(facets.tags),
        corrected=facets.corrected or None,
    )


def _texts(values: Mapping[str, int]) -> list[TextCount]:
    return [TextCount(value=value, count=count) for value, count in _ranked(values)]


def _ranked(values: Mapping[Value, int]) -> list[tuple[Value, int]]:
    """The commonest first, equal ones by value: the same order from both engines, hence the same entity tag."""
    return sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
