"""A server with a voice worker, an emulated Telegram with a club, and songs whose tones tell where they are."""

import json
import math
import struct
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pyrogram import raw

from tests.support.clients import kurigram
from tests.support.emulation import trusted
from tests.support.forks import run
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.sfu.sound import Run, runs, tones
from tgemulator.world.content import BytesContent

RATE = 16_000
FIRST, STEP = 400, 100
"""Hz of a song's first second, and from each second to the next."""
_LEVEL = 12_000


def song(seconds: int, *, first: int = FIRST, step: int = STEP) -> bytes:
    """A WAV file that goes up by `step` Hz each second, so that a tone tells its second."""
    samples = array("h")
    for second in range(seconds):
        hertz = first + step * second
        samples.extend(round(_LEVEL * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE))
    return wav(samples.tobytes())


def silence(seconds: int) -> bytes:
    """A WAV file that costs nothing to make, however long it is."""
    return wav(bytes(2 * RATE * seconds))


def wav(data: bytes) -> bytes:
    """A WAV file of 16-bit samples at RATE, in mono."""
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16,
                       b"data", len(data))  # fmt: skip
    return head + data


def second_of(run: Run, *, first: int = FIRST, step: int = STEP) -> int | None:
    """Which second of a song sounds; None for silence and for what is no tone of a song."""
    if run.frequency is None:
        return None
    second = round((run.frequency - first) / step)
    return second if abs(first + step * second - run.frequency) < 15 else None


@dataclass
class VoiceStage:
    """`club` is a group with an account that plays; its call is open."""

    world: EmulatedWorld
    server: ServerProcess
    voice: Any
    club: Any
    call: Any
    client: httpx.AsyncClient

    async def post_song(self, seconds: int, name: str = "song.wav", **options: int) -> dict[str, int]:
        """Post one to a channel of the library, and wait until the server knows it; its name in the API."""
        return await self.post(song(seconds, **options), seconds, name)

    async def post(self, data: bytes, seconds: int, name: str) -> dict[str, int]:
        """The same for the bytes of a WAV file."""
        attributes = [raw.types.DocumentAttributeAudio(duration=seconds, title=name)]
        chat_id, message_id = await self.world.post_file(
            BytesContent(data), name=name, mime_type="audio/wav", attributes=attributes
        )
        await until(lambda: self._knows(chat_id, message_id), timeout=20, pause=0.05)
        return {"chat_id": chat_id, "message_id": message_id}

    async def ask(self, what: str = "", body: Any = None, *, method: str = "POST") -> Any:
        """What POST /api/voice/{club}/{what} answers, as JSON; GET without `what`."""
        path = f"/api/voice/{chat_id_of(self.club)}{f'/{what}' if what else ''}"
        reply = await self.client.request(method if what else "GET", path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def reaches(self, status: str, *, seconds: float = 20) -> Any:
        """The call, once it has this status."""

        async def there() -> Any:
            found = await self.ask()
            return found if found["status"] == status else None

        return await until(there, timeout=seconds, pause=0.05)

    def heard(self, since: float = 0.0) -> list[Run]:
        """What was heard of the account that plays."""
        return runs(tones(self.world.emulator.recording(self.call, self.voice).audio(since=since)))

    async def hears_second(self, second: int, *, since: float = 0.0, seconds: float = 20) -> Run:
        """Wait until that second of a song sounds."""

        def there() -> list[Run]:
            return [one for one in self.heard(since) if second_of(one) == second]

        return (await until(there, timeout=seconds, pause=0.1))[0]

    async def _knows(self, chat_id: int, message_id: int) -> bool:
        reply = await self.client.get(f"/api/catalog/{chat_id}/{message_id}")
        return reply.status_code == 200


@asynccontextmanager
async def voice_stage(folder: Path, **changes: str) -> AsyncIterator[VoiceStage]:
    """A server with its voice worker, ready; `changes` to its environment."""
    async with emulator_world() as world:
        telegram = world.emulator.world
        voice = telegram.add_user("+15550123", first_name="Voice", home_dc=HOME_DC)
        club = telegram.add_channel("Club", creator=world.owner, megagroup=True)
        telegram.add_member(club, voice)
        telegram.add_member(club, world.bot, admin=True)
        call = telegram.calls.create(club)
        folder.mkdir(exist_ok=True)
        with trusted(world.emulator):
            async with kurigram(world.emulator, voice, folder) as client:
                session = await client.export_session_string()
        environment = environment_for(world, folder, entry=HOME_DC, VOICE_SESSION=session, **changes)
        server = ServerProcess(folder, environment)
        try:
            await server.start()
            await server.ready()
            _, out, _ = await run(["token", "create", "test", "--can", "read,voice"], cwd=folder, env=environment)
            headers = {"Authorization": f"Bearer {out.split()[-1]}"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as http:
                yield VoiceStage(world, server, voice, club, call, http)
        except BaseException:
            await server.show()
            raise
        finally:
            if server.runs:
                await server.stop()


def shown(call: Any) -> str:
    """A call for the message of an assertion."""
    return json.dumps(call, indent=1)
