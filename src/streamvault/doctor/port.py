"""Whether the server can listen on HOST and PORT, or does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from streamvault.doctor.finding import Finding, failed
from streamvault.errors import ConfigError
from streamvault.http.listening import listen
from streamvault.settings import Settings


async def check_port(settings: Settings, ask_server: Callable[[], dict[str, Any] | None]) -> AsyncIterator[Finding]:
    """Listens there for a moment; where that fails, the server of these settings has to be what listens."""
    where = f"{settings.host}:{settings.port}"
    try:
        listen(settings).close()
    except ConfigError as error:
        if await asyncio.to_thread(ask_server) is None:
            yield failed("port", error)
        else:
            yield Finding("port", "ok", f"the running server listens on {where}")
    else:
        yield Finding("port", "ok", f"{where} is free")
