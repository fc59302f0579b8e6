"""What an account may upload now, by Telegram's own configuration."""

import asyncio
from typing import Any

from pyrogram import raw

from streamvault.errors import SourceBusy, SourceError, SourceUnavailable
from streamvault.media.uploads import Limits
from streamvault.telegram.accounts.account import Account

DEFAULT_PARTS, PREMIUM_PARTS = 4000, 8000
"""Parts of a file where the configuration does not say (core.telegram.org/api/config#client-configuration)."""
_KEYS = {False: "upload_max_fileparts_default", True: "upload_max_fileparts_premium"}


class UploadLimits:
    """Reads the limits of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._hash = 0
        self._parts: dict[str, int] = {}

    async def read(self) -> Limits:
        """The limits as they are now. Raises as Account.call."""
        myself = raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()])
        [me], _ = await asyncio.gather(self._account.call(myself), self._read_configuration())
        premium = bool(me.premium)
        default = PREMIUM_PARTS if premium else DEFAULT_PARTS
        return Limits(self._parts.get(_KEYS[premium], default), self._account.media_sessions.limit)

    async def _read_configuration(self) -> None:
        try:
            answer = await self._account.call(raw.functions.help.GetAppConfig(hash=self._hash))
        except (SourceBusy, SourceUnavailable):
            raise
        except SourceError:
            return  # refused: the limits that are documented apply
        if isinstance(answer, raw.types.help.AppConfig):
            self._hash = answer.hash
            self._parts = {one.key: int(one.value.value) for one in answer.config.value if _is_parts(one)}


def _is_parts(one: Any) -> bool:
    named = one.key in _KEYS.values() and isinstance(one.value, raw.types.JsonNumber)
    return named and one.value.value >= 1
