"""Files in pieces, posted into the emulated Telegram of the whole product."""

import json
from collections.abc import Sequence
from typing import Any

from streamvault.media.model import MediaFile, Origin
from tests.support.http_client import request
from tests.support.slices import sliced
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, chat_id_of
from tests.support.waiting import until
from tests.support.whole import Whole
from tgemulator.world.content import SyntheticContent, synthetic_bytes

SIZES = (2 * MIB + 3, 2 * MIB + 3, MIB + 777)
SIZE = sum(SIZES)
SEAMS = (SIZES[0], SIZES[0] + SIZES[1])


SEED = 5


class Posted:
    """A film in pieces, as it was posted into a channel; `files` and `messages` as the emulator knows them."""

    def __init__(self, whole: Whole, name: str, sizes: Sequence[int]) -> None:
        self.whole = whole
        self.sizes = sizes
        files = whole.world.emulator.files
        self.files = [
            files.add(piece, dc_id=(HOME_DC, FOREIGN_DC)[number % 2], name=f"{name}.{number + 1:03}")
            for number, piece in enumerate(sliced(SyntheticContent(sum(sizes), SEED), sizes))
        ]
        self.channel = whole.world.films
        self.messages: list[Any] = []

    async def post(self, channel: Any = None, order: Sequence[int] | None = None) -> "Posted":
        """Post all pieces, and wait until they are one file in the catalog."""
        self.channel = channel or self.channel
        world = self.whole.world.emulator.world
        posted = {
            number: await world.post(self.channel, file=self.files[number])
            for number in order or range(len(self.files))
        }
        self.messages = [posted[number] for number in range(len(self.files))]
        await self.is_cut_into(len(self.files))
        return self

    def origin(self, number: int) -> Origin:
        return Origin(chat_id_of(self.channel), self.messages[number].id)

    def path(self, number: int = 0) -> str:
        return f"/stream/{self.origin(number).chat_id}/{self.origin(number).message_id}"

    async def row(self, number: int = 0) -> MediaFile | None:
        return await self.whole.services.catalog.get(self.origin(number))

    async def is_cut_into(self, count: int) -> None:
        """Wait until the catalog has it as one file of so many pieces; none: it is a plain file."""

        async def so() -> bool:
            row = await self.row()
            return row is not None and len(row.parts) == count

        await until(so)

    async def get(self, start: int, stop: int) -> bytes:
        reply = await request(self.whole.address, self.path(), headers={"Range": f"bytes={start}-{stop - 1}"})
        assert (reply.status, reply.complete) == (206, True)
        assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{sum(self.sizes)}"
        return reply.body


def told_of_deletions(whole: Whole) -> None:
    """From now on the bot hears of deleted messages, as bots sometimes do."""
    emulator = whole.world.emulator
    emulator.world.tell_bots_of_deletions = True


def right(start: int, stop: int) -> bytes:
    return synthetic_bytes(SEED, start, stop - start)


async def listed(whole: Whole) -> dict[str, dict[str, Any]]:
    reply = await request(whole.address, "/api/catalog")
    return {item["name"]: item for item in json.loads(reply.body)["items"]}
