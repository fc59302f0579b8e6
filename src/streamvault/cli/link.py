"""`streamvault link`: links for a person at the server's own terminal."""

import time
from collections.abc import Iterator

from streamvault.access.links import LinkSigner
from streamvault.access.urls import Urls
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.media.model import Origin
from streamvault.settings import Settings


def link_lines(settings: Settings, origin: Origin, *, hours: float | None, everything: bool) -> Iterator[str]:
    """The lines to print: the links of one message's file, or one token for the whole server.

    `hours`: how long they work, None for ever. Raises ConfigError for a message or a time that cannot be.
    """
    if hours is not None and not 0 < hours < 24 * 365 * 100:
        raise ConfigError("--expires-in is a number of hours above 0, such as 24")
    if not (-(1 << 63) <= origin.chat_id < 1 << 63 and 0 < origin.message_id < 1 << 31):
        raise ConfigError("CHAT is a number such as -1001234567890, MESSAGE one above 0, as in the post's own link")
    expires_at = None if hours is None else int(time.time() + hours * 3600)
    settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir)})
    signer = LinkSigner(secret_key(settings))
    if everything:
        yield f"{settings.public_url}/?token={signer.sign(None, scope='server', expires_at=expires_at)}"
        return
    links = Urls(settings, signer).links_to(origin, expires_at=expires_at)
    yield f"watch     {links.watch}"
    yield f"download  {links.download}"
