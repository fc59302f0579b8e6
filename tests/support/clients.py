"""Real clients for the emulator: Kurigram and Telethon, told only where its first data centre is."""

from pathlib import Path
from typing import Any

import pyrogram
from pyrogram.session import Auth
from telethon import TelegramClient

from tgemulator.emulator import Emulator
from tgemulator.world.model import User

API_ID, API_HASH = 12345, "0123456789abcdef0123456789abcdef"


class KurigramClient(pyrogram.Client):  # type: ignore[misc]  # the library is untyped
    """Kurigram, which knows no other server than Telegram's for a new session, begins at the emulator."""

    def __init__(self, name: str, emulator: Emulator, *, dc_id: int, **options: Any) -> None:
        self._address = (dc_id, *emulator.address(dc_id))
        super().__init__(name, api_id=API_ID, api_hash=API_HASH, **options)

    async def load_session(self) -> None:
        """Make a key with the emulator and store it, as the library does with its own DC 2."""
        await self.storage.open()
        if await self.storage.auth_key() is not None:
            return
        dc_id, host, port = self._address
        await self.storage.api_id(API_ID)
        await self.storage.dc_id(dc_id)
        await self.storage.server_address(host)
        await self.storage.port(port)
        await self.storage.date(0)
        await self.storage.test_mode(False)
        await self.storage.auth_key(await Auth(self, dc_id, host, port, False).create())
        await self.storage.user_id(None)
        await self.storage.is_bot(None)


def kurigram(emulator: Emulator, user: User, folder: Path, *, dc_id: int | None = None, **options: Any) -> Any:
    """A Kurigram client that logs in as this bot or person when it is started; its session lives in `folder`."""
    login: dict[str, Any] = (
        {"bot_token": user.token}
        if user.is_bot
        else {"phone_number": user.phone, "phone_code": user.code, "password": user.password or None}
    )
    name = f"kurigram-{user.id}"
    return KurigramClient(name, emulator, dc_id=dc_id or user.home_dc, workdir=folder, workers=2, **login, **options)


def telethon(emulator: Emulator, user: User, folder: Path, *, dc_id: int | None = None, **options: Any) -> Any:
    """A Telethon client whose session lives in `folder`; `start` it with `telethon_login(user)`."""
    client = TelegramClient(str(folder / f"telethon-{user.id}"), API_ID, API_HASH, **options)
    if client.session.auth_key is None:
        number = dc_id or user.home_dc
        client.session.set_dc(number, *emulator.address(number))
    TelegramClient._config = None  # kept on the class, and of another emulator
    return client


def telethon_login(user: User) -> dict[str, Any]:
    """What TelegramClient.start needs to log in."""
    if user.is_bot:
        return {"bot_token": user.token}
    return {"phone": user.phone, "code_callback": lambda: user.code, "password": user.password or None}
