"""The source of an address, by its scheme."""

from streamvault.leech.sources.base import Source
from streamvault.leech.sources.ftp.source import FtpSource
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.source import HttpSource


def source_of(client: Client, address: str) -> Source:
    """The file at an address: ftp, http or https. Raises SourceRefused for another one."""
    if address.strip()[:4].lower() == "ftp:":
        return FtpSource(client, address)
    return HttpSource(client, address)
