"""PROVISIONAL, to be replaced by the owner of this file: direct connections only."""

import asyncio
from typing import Any

from pyrogram.connection import Connection

from streamvault.errors import SourceUnavailable


class Network:
    def __init__(self, proxy_url: Any, *, ip_version: str, remembered: str | None = None) -> None:
        self.working: str | None = None

    async def dial(self, dc_id: int, addresses: Any, *, media: bool, timeout: float) -> Any:
        error: Exception = SourceUnavailable(f"no address of data centre {dc_id} is known")
        for a in addresses:
            c = Connection(dc_id, a.host, a.port, False, media=media, loop=asyncio.get_running_loop())
            c.client_proxy = None
            c.protocol = c.protocol_factory(ipv6=c.ipv6, proxy=None, loop=c.loop, dc_id=dc_id)
            try:
                async with asyncio.timeout(timeout):
                    await c.protocol.connect((a.host, a.port))
                return c
            except OSError as e:
                c.protocol.crypto_executor.shutdown(wait=False)
                error = SourceUnavailable(str(e) or type(e).__name__)
        raise error

    def worked(self, connection: Any) -> None: ...
    def failed(self, connection: Any) -> None: ...
