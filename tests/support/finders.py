"""A file finder over a catalog in memory and messages in a dict."""

import asyncio
import dataclasses
from collections.abc import Sequence

from streamvault.errors import StreamVaultError
from streamvault.indexing.finder import FileFinder
from streamvault.media.model import MediaFile, Origin
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL

VAULT = CHANNEL - 1
FOREIGN = CHANNEL - 2


@dataclasses.dataclass(frozen=True)
class Chosen:
    """The settings that say what is ours."""

    channels: tuple[int | str, ...] = (CHANNEL,)
    vault_channel: int | str | None = VAULT
    leech_channel: int | str | None = None
    owner_ids: tuple[int, ...] = ()


class Messages:
    """A MessageSource over a dict, with a gate to hold reads and errors to answer with."""

    def __init__(self, *files: MediaFile) -> None:
        self.files = {file.origin: file for file in files}
        self.errors: dict[Origin, StreamVaultError] = {}
        self.reads: list[Origin] = []
        self.requests = 0
        self.cancelled = 0
        self.under_way = self.most_under_way = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, chat_id: int, message_ids: Sequence[int]) -> dict[int, MediaFile]:
        origins = [Origin(chat_id, message_id) for message_id in message_ids]
        self.reads += origins
        self.requests += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1
        for origin in origins:
            if origin in self.errors:
                raise self.errors[origin]
        return {origin.message_id: self.files[origin] for origin in origins if origin in self.files}


class Bench:
    """A finder over a catalog in memory and messages in a dict, with a clock to turn."""

    def __init__(self, *files: MediaFile, chosen: Chosen | None = None, catalog: MemoryCatalog | None = None) -> None:
        self.now = 1000.0
        self.catalog = catalog or MemoryCatalog()
        self.messages = Messages(*files)
        self.finder = FileFinder(
            settings=chosen or Chosen(), catalog=self.catalog, messages=self.messages, clock=lambda: self.now
        )

    async def find(self, file: MediaFile) -> MediaFile:
        return await self.finder.find(file.origin.chat_id, file.origin.message_id)
