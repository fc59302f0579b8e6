"""What the HTTP routes work with, and how a route gets at it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from starlette.requests import HTTPConnection

from streamvault.access.links import LinkSigner
from streamvault.access.urls import Urls
from streamvault.http.health import Readiness
from streamvault.media.model import MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.frames.workshop import Frames
from streamvault.reading.source import ThumbnailSource

if TYPE_CHECKING:
    from streamvault.catalog.base import Catalog
    from streamvault.metrics import Metrics
    from streamvault.settings import Settings


class Finder(Protocol):
    """Finds the file that a message holds, in our chats only."""

    async def find(self, chat_id: int, message_id: int) -> MediaFile:
        """The file of that message, from the catalog or read once from Telegram.

        Raises FileMissing, FileGone, CatalogError, SourceBusy, SourceUnavailable or SourceError.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpServices:
    """Everything the routes need, opened and closed elsewhere."""

    settings: "Settings"
    finder: Finder
    thumbnails: ThumbnailSource
    cells: Cells
    catalog: "Catalog"
    links: LinkSigner
    metrics: "Metrics"
    readiness: Readiness
    telegram: Callable[[], Sequence[object]] = tuple
    """What is counted of each account at each data centre; fields as in http.stats.DataCentre."""
    prewarm: Callable[[MediaFile], None] = lambda _: None
    """Told of each file whose page is opened."""
    frames: Frames | None = None
    """Makes pictures for files without a thumbnail; None where that cannot be done."""

    def urls(self) -> Urls:
        """What builds the links of this server."""
        return Urls(self.settings, self.links, stills=self.frames is not None)


def services_of(connection: HTTPConnection) -> HttpServices:
    """The services of the app that serves `connection`; usable as a FastAPI dependency."""
    return cast(HttpServices, connection.app.state.services)
