"""The services that the routes use, and the FastAPI dependency that gives them to a route."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Protocol, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from streamvault.access.call_chats import CallChats
from streamvault.access.limits import Limits
from streamvault.access.links import LinkSigner
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens
from streamvault.access.service import Access
from streamvault.access.urls import Urls
from streamvault.access.users import NewUserLimit, UserSigner
from streamvault.health.readiness import Readiness
from streamvault.http.active_streams import ActiveStreams
from streamvault.http.charsets import Charsets
from streamvault.http.event_hub import EventHub
from streamvault.http.slots import SharedSlots
from streamvault.http.web import Ui, built_ui
from streamvault.media.model import MediaFile, Origin
from streamvault.playback.facts import FactsService
from streamvault.playback.segments import SegmentService
from streamvault.reading.cells import Cells
from streamvault.reading.frames.scaler import PictureScaler
from streamvault.reading.frames.service import FrameService
from streamvault.reading.source import ThumbnailSource

if TYPE_CHECKING:
    from streamvault.catalog.base import Catalog
    from streamvault.catalog.personal import Personal
    from streamvault.indexing.offers import Offers
    from streamvault.indexing.walks import Walks
    from streamvault.leech.feeds.service import Feeds
    from streamvault.leech.mirror.desk import MirrorDesk
    from streamvault.leech.queue import Queue
    from streamvault.metrics import Metrics
    from streamvault.playback.subtitles import SubtitleService
    from streamvault.settings import Settings
    from streamvault.voice.calls import Calls


MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS = 256, 16
"""Event streams at once, in all and of one address."""


async def nothing_to_refresh() -> None:
    """The default of refresh_metrics."""


class Finder(Protocol):
    """Finds the file that a message holds, in the chats of this server only."""

    async def our_chats(self) -> frozenset[int]:
        """The chats of this server: those whose files may be shown."""
        ...

    async def find(self, chat_id: int, message_id: int, *, viewer: str = "") -> MediaFile:
        """The file of that message, from the catalog or read once from Telegram on account of `viewer`.

        Raises FileMissing, CatalogError, SourceBusy, SourceUnavailable or SourceError.
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
    personal: "Personal"
    access: Access
    links: LinkSigner
    users: UserSigner
    metrics: "Metrics"
    readiness: Readiness
    logins: Logins
    once_links: OnceTokens
    new_users: NewUserLimit = field(default_factory=NewUserLimit)
    limits: Limits = field(default_factory=Limits)
    charsets: Charsets = field(default_factory=Charsets)
    event_slots: SharedSlots = field(default_factory=lambda: SharedSlots(MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS))
    active_streams: ActiveStreams = field(default_factory=ActiveStreams)
    events: EventHub = field(default_factory=EventHub)
    ui: Ui | None = field(default_factory=built_ui)
    """The built web UI; None where it was not built."""
    login_slots: SharedSlots = field(default_factory=lambda: SharedSlots(MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS))
    refresh_metrics: Callable[[], Awaitable[None]] = nothing_to_refresh
    """Called before the metrics are shown: reads those that the database has."""
    telegram: Callable[[], Sequence[object]] = tuple
    """Figures of each account at each data centre, with the fields of routes.stats.DataCentre."""
    bot_username: Callable[[], str | None] = lambda: None
    """The bot's username, None while it is not connected."""
    prewarm: Callable[[MediaFile], None] = lambda _: None
    """Called with each file whose page is opened."""
    suspect: Callable[[Origin], None] = lambda _: None
    """Called with each message that should hold a file and does not."""
    opened: Callable[[MediaFile], None] = lambda _: None
    """Called with each file of which bytes are requested."""
    walks: "Walks | None" = None
    """The walks through histories; None where nothing is indexed, as in some tests."""
    jobs: "Queue | None" = None
    """The leech jobs; None in some tests."""
    mirrors: "MirrorDesk | None" = None
    """The mirrors; None in some tests."""
    feeds: "Feeds | None" = None
    """The feeds; None in some tests."""
    calls: "Calls | None" = None
    """The calls; None in some tests."""
    call_chats: CallChats | None = None
    """The chats in whose calls can be played; None in some tests."""
    voice_missing: Callable[[], str] = lambda: "Nothing can be played in calls here."
    """What is missing for playing in calls, as a sentence; "" for nothing."""
    leech_chat: Callable[[], int | None] = lambda: None
    """Where the files of jobs go that name no chat; None where no setting says it, or its number is not known yet."""
    offers: "Offers | None" = None
    """Chats that wait for an owner's word; None where CHANNELS says what is served."""
    frames: FrameService | None = None
    """Makes pictures for files without a thumbnail; None where its libraries are not installed."""
    scaler: PictureScaler | None = None
    """Scales thumbnails; None where its library is not installed."""
    segments: SegmentService | None = None
    """Repackages films as HLS; None where its libraries are not installed."""
    facts: FactsService | None = None
    """Looks into films and songs; None where its library is not installed."""
    subtitles: "SubtitleService | None" = None
    """Reads text tracks of films; None where its libraries are not installed."""

    @property
    def repackages(self) -> bool:
        """Whether films are repackaged as HLS."""
        return self.segments is not None and self.settings.playback_slots > 0

    def urls(self) -> Urls:
        """The builder of this server's links."""
        return Urls(self.settings, self.links, stills=self.frames is not None)


def services_of(connection: HTTPConnection) -> HttpServices:
    """The services of the app that serves `connection`; usable as a FastAPI dependency."""
    return cast(HttpServices, connection.app.state.services)


Services = Annotated[HttpServices, Depends(services_of)]
"""The type of a route's parameter that gets the services."""
