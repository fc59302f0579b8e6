"""What the HTTP routes work with, and how a route gets at it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from starlette.requests import HTTPConnection

from streamvault.access.links import LinkSigner
from streamvault.http.health import Readiness
from streamvault.media.model import MediaFile
from streamvault.reading.source import ChunkSource, ThumbnailSource

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


class MediaSource(ChunkSource, ThumbnailSource, Protocol):
    """What telegram/ gives: the chunks of files, and their thumbnails."""


@dataclass(frozen=True, slots=True)
class HttpServices:
    """Everything the routes need, opened and closed elsewhere."""

    settings: "Settings"
    finder: Finder
    source: MediaSource
    catalog: "Catalog"
    links: LinkSigner
    metrics: "Metrics"
    readiness: Readiness


def services_of(connection: HTTPConnection) -> HttpServices:
    """The services of the app that serves `connection`; usable as a FastAPI dependency."""
    return cast(HttpServices, connection.app.state.services)
