"""An emulated Telegram with a bot, its owner, two channels and a few files, and settings that point to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import streamvault.telegram  # noqa: F401  tames pyrogram before the emulator imports it
from streamvault.settings import Settings
from streamvault.telegram.mtproto import handshake
from tests.support import modexp, rsa_keys
from tests.support.given import GivenSettings
from tests.support.proof import full
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.world.content import Content, SyntheticContent

HOME_DC, FOREIGN_DC, ENTRY_DC = 2, 4, 1
BOT_TOKEN = "700000001:emulated-token-of-the-vault-bot"
MIB = 1 << 20

if not full():  # a tenth of the work of each key exchange in this process; servers in others use the whole length
    handshake.EXPONENT_BYTES = 32
rsa_keys.install()
modexp.install((*modexp.PRODUCT, *modexp.EMULATOR))


@dataclass(frozen=True, slots=True)
class EmulatedWorld:
    """`vault` and `films` are channels with the bot as their admin; `owner` may use the bot."""

    emulator: Emulator
    bot: Any
    owner: Any
    vault: Any
    films: Any

    async def post_file(
        self,
        content: Content,
        *,
        dc_id: int = HOME_DC,
        name: str = "film.mp4",
        text: str = "",
        channel: Any = None,
        **extra: Any,
    ) -> tuple[int, int]:
        """Post a file to `films` (or `channel`); (chat_id, message_id) as Telegram's clients write them."""
        extra.setdefault("mime_type", "video/mp4")
        file = self.emulator.files.add(content, dc_id=dc_id, name=name, **extra)
        message = await self.emulator.world.post(channel or self.films, file=file, text=text)
        return chat_id_of(channel or self.films), message.id

    async def post_synthetic(self, size: int, *, dc_id: int = HOME_DC, seed: int = 1) -> tuple[int, int]:
        """Post a file whose bytes `synthetic_bytes(seed, offset, length)` tells.

        It is a camera's, named by its text: for such a one the product does not start the process that reads names.
        """
        content = SyntheticContent(size, seed)
        return await self.post_file(content, dc_id=dc_id, name=f"VID {seed}.mp4", text=f"synthetic {seed}")


def chat_id_of(channel: Any) -> int:
    """A channel's number as clients write it: -100 and its id."""
    return -1_000_000_000_000 - int(channel.id)


@asynccontextmanager
async def emulator_world(
    config: EmulatorConfig | None = None, *, bot_home: int = HOME_DC, token: str = BOT_TOKEN
) -> AsyncIterator[EmulatedWorld]:
    """A running emulator with data centres 1, 2 and 4 (each with a media-only address) and a small world in it."""
    dcs = (DcConfig(ENTRY_DC), DcConfig(HOME_DC), DcConfig(FOREIGN_DC))
    emulator = Emulator(config or EmulatorConfig(dcs=dcs))
    try:
        async with emulator:
            world = emulator.world
            bot = world.add_bot(token, home_dc=bot_home)
            owner = world.add_user("+15550100", first_name="Owner", home_dc=HOME_DC)
            vault = world.add_channel("Vault", creator=owner)
            films = world.add_channel("Films", creator=owner)
            for channel in (vault, films):
                world.add_member(channel, bot, admin=True)
            yield EmulatedWorld(emulator, bot, owner, vault, films)
    finally:
        rsa_keys.give_back(emulator)


def settings_for(world: EmulatedWorld, folder: Path, *, entry: int = HOME_DC, **overrides: Any) -> Settings:
    """Settings for the bot of `world`, reading neither the environment nor a file; data goes into `folder`/data."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "server_key.pem"
    key.write_text(world.emulator.public_key_pem)
    host, port = world.emulator.address(entry)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    values: dict[str, Any] = {
        "_env_file": None,
        "api_id": 12345,
        "api_hash": SecretStr("0123456789abcdef0123456789abcdef"),
        "bot_token": SecretStr(world.bot.token),
        "vault_channel": chat_id_of(world.vault),
        "owner_ids": frozenset({world.owner.id}),
        "data_dir": data,
        "telegram_server": f"{entry}@{host}:{port}",
        "telegram_server_key": key,
        **overrides,
    }
    return GivenSettings(**values)
