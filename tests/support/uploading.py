"""Files that a test uploads and posts as an account, as the worker of a job does, and reads back."""

import asyncio
import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import Any

from streamvault.media.uploads import PART, REQUESTS_PER_CONNECTION, SMALL_FILE, Post
from streamvault.telegram.files.upload import AccountUploads
from tests.support.stack import EmulatedWorld, chat_id_of
from tgemulator.world.content import synthetic_bytes


@dataclass(slots=True)
class Uploading:
    """Uploads of `data` in one message of the channel of films; each object is another job."""

    world: EmulatedWorld
    uploads: AccountUploads
    data: bytes
    file_id: int = 7
    known: bool = True
    """Whether the number of parts is known from the start."""
    saved: list[int] = field(default_factory=list)

    @property
    def parts(self) -> int:
        return -(-len(self.data) // PART)

    @property
    def big(self) -> bool:
        return len(self.data) > SMALL_FILE or not self.known

    @property
    def post(self) -> Post:
        """The message as a job posts it."""
        return Post(
            chat_id=chat_id_of(self.world.films),
            key=f"job/{self.file_id}",
            file_id=self.file_id,
            parts=self.parts,
            big=self.big,
            name="film.mp4",
            size=len(self.data),
            mime_type="video/mp4",
        )

    async def save(self, *, first: int = 0, stop: int | None = None) -> None:
        """Send parts, as many at a time as a worker may; one of a file of unknown length is held back to the end."""
        places = asyncio.Semaphore(4 * REQUESTS_PER_CONNECTION)

        async def send(part: int) -> None:
            async with places:
                last = part == self.parts - 1
                total = self.parts if self.known or last else None
                data = self.data[part * PART : (part + 1) * PART]
                await self.uploads.save(self.file_id, part, data, total=total, big=self.big)
                self.saved.append(part)

        async with asyncio.TaskGroup() as group:
            for part in range(first, self.parts if stop is None else stop):
                group.create_task(send(part))

    async def send(self, **changes: Any) -> int:
        """Send all parts and post the message; its id."""
        await self.save()
        return await self.uploads.post(replace(self.post, **changes))


def random_data(size: int, *, seed: int = 1) -> bytes:
    """Bytes of a file that differ from place to place."""
    return synthetic_bytes(seed, 0, size)


def digest(data: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(data).hexdigest()


def documents(world: EmulatedWorld) -> list[Any]:
    """The messages with a file in the channel of films."""
    return [message for message in world.films.messages.values() if message.file is not None]


def since_now() -> float:
    """What a job that begins now says in Post.since."""
    return time.time()
