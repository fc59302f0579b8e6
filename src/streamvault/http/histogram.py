"""The histogram of a list as the API shows it: how many items each month or letter has, in the order of the list."""

from pydantic import BaseModel, ConfigDict, JsonValue

from streamvault.catalog.base import Histogram
from streamvault.http.items import with_examples

_BUCKET: dict[str, JsonValue] = {"key": "2026-11", "count": 120, "offset": 0}


class BucketCount(BaseModel):
    """Neighbours in the list; `offset` items come before them, so `offset` of a list begins with the first of them.

    `key`: year and month in UTC; or the letter that names begin with, without accents, as a capital. `#` stands for
    digits, signs and no name; Hangul has its initial consonants, and 1,024 ideographs each the first of them.
    """

    model_config = ConfigDict(from_attributes=True, **with_examples(_BUCKET))

    key: str
    count: int
    offset: int


class HistogramCounts(BaseModel):
    """The buckets in the order of the list, each key once, and how many items the list has.

    `corrected` is the text that was searched instead of one that finds nothing.
    """

    model_config = with_examples({"total": 120, "buckets": [_BUCKET], "corrected": None})

    total: int
    buckets: list[BucketCount]
    corrected: str | None


def histogram_counts(found: Histogram) -> HistogramCounts:
    """The same for the API."""
    buckets = [BucketCount.model_validate(one) for one in found.buckets]
    return HistogramCounts(total=found.total, buckets=buckets, corrected=found.corrected or None)
