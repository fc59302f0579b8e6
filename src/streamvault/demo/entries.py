"""What is posted in the demo's channels: entries, each a file under a name, and posts, each at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from streamvault.demo.recipes import Recipe

HOME_DC, FAR_DC, FARTHER_DC = 2, 4, 1

Shelf = Literal["films", "series", "music", "photos", "everything"]
"""A channel of the demo."""

Recipes = Mapping[str, Recipe]
"""By the file's name in the media folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: the recipe's name ("" is the huge synthetic file), its file name, and its data centre.

    `plain` sends a picture or film as a document, which Telegram does not recompress. `emoji` of a sticker. `round`: a
    film is a video note.
    """

    recipe: str
    name: str
    dc_id: int = HOME_DC
    caption: str = ""
    plain: bool = False
    emoji: str = "🌞"
    round: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One entry, or an album of 2 to 10, posted `days` before the demo starts."""

    shelf: Shelf
    entries: tuple[Entry, ...]
    days: float


def one_by_one(shelf: Shelf, entries: Iterable[Entry], *, days: float, apart: float) -> tuple[Post, ...]:
    """A post for each entry; the first one `days` ago, each later one `apart` days after the one before."""
    return tuple(Post(shelf, (entry,), days - number * apart) for number, entry in enumerate(entries))
