"""What the *name* of a file tells about its content; indexing/naming parses it, the catalog stores it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameFacts:
    """`title` as people write it; `resolution` like "1080p"; `languages` as ISO 639-1 codes, in the name's order.

    `version` is that of the parser, so that a newer one parses the name again. Unknown values are "" or None.
    """

    version: int
    title: str = ""
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    resolution: str = ""
    codec: str = ""
    languages: tuple[str, ...] = ()
    work: str = ""
    """The key of the film or series that the file belongs to; "" if the name does not say."""
    last_episode: int | None = None
    """The last one of a file that holds the episodes `episode` to `last_episode`; None where it holds one or none."""
