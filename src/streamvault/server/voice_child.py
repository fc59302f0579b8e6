"""The voice worker beside a server: started once somebody has logged the account in that plays, and kept running."""

import asyncio
import logging
from collections.abc import Mapping
from typing import NoReturn

from streamvault.errors import ConfigError, SourceError
from streamvault.server.children import ChildProcess
from streamvault.server.voice_calls import is_installed, voice_settings
from streamvault.settings import Settings
from streamvault.telegram.accounts.spec import user_spec
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.stores import Stores

log = logging.getLogger(__name__)

LOGIN_POLL = 10.0
"""Seconds between two looks for a login."""
NO_EXTRA = (
    "Nothing can be played in calls here: install streamvault[voice] (`pip install py-tgcalls`) on the server, and "
    "start it again."
)
NO_ACCOUNT = (
    "Nothing can be played in calls here: no account plays. `streamvault login --voice` on the server logs one in."
)


class VoiceChild:
    """Runs `streamvault voice` where VOICE is `auto`. `children`: environment variables of the process."""

    def __init__(self, settings: Settings, children: Mapping[str, str]) -> None:
        self._settings = settings
        self._auto = settings.voice == "auto"
        self._child = ChildProcess(["voice"], settings=children)
        self._logged_in = settings.voice_session is not None or not self._auto

    def missing(self) -> str:
        """What is missing for playing in calls, as a sentence; "" for nothing."""
        if self._auto and not is_installed():
            return NO_EXTRA
        return "" if self._logged_in else NO_ACCOUNT

    async def run(self) -> NoReturn:
        """Keep the worker running, from the login on, until cancelled."""
        while not self._logged_in:
            self._logged_in = await self._is_logged_in()
            if not self._logged_in:
                await asyncio.sleep(LOGIN_POLL)
        if self._auto and is_installed():
            await self._child.run()
        if self._auto:
            log.warning("%s", NO_EXTRA)
        await asyncio.Event().wait()  # the end of any background task would end the server
        raise AssertionError("this event is never set")

    async def _is_logged_in(self) -> bool:
        try:
            async with Stores(self._settings) as stores:
                records = await stores.backend(user_spec(voice_settings(self._settings)).name).peek()
        except (ConfigError, SourceError) as error:
            log.debug("whether an account for calls is logged in is not known: %s", error)
            return False
        return codec.HOME in records or codec.LOGIN in records
