"""Starts tests/support/call_program.py for an account of an emulator, and sends it commands."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.clients import kurigram
from tgemulator.emulator import Emulator
from tgemulator.world.model import Chat, User

ROOT = Path(__file__).parents[2]


class Caller:
    """The process, which plays into one chat's call."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def say(self, command: str) -> None:
        """Send a command and wait until it is done; an AssertionError says why it failed."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())
        answer = await self.answer()
        assert "failed" not in answer, answer["failed"]

    async def answer(self) -> dict[str, Any]:
        """The next line of the process as JSON."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, "the process that plays has ended"
        found: dict[str, Any] = json.loads(line)
        return found


def marked_id(chat: Chat) -> int:
    """The id of a chat as clients write it."""
    return -chat.id if chat.kind == "chat" else -1_000_000_000_000 - chat.id


@asynccontextmanager
async def caller(emulator: Emulator, user: User, chat: Chat, folder: Path) -> AsyncIterator[Caller]:
    """A logged-in process for `user`, which knows `chat` from its list of chats; ends with the block."""
    async with kurigram(emulator, user, folder) as client:
        _ = [dialog async for dialog in client.get_dialogs()]
    key = folder / "caller.pem"
    key.write_text(emulator.public_key_pem)
    options = {
        "folder": str(folder),
        "name": f"kurigram-{user.id}",
        "key": str(key),
        "fingerprint": emulator.public_key_fingerprint,
        "chat": marked_id(chat),
    }
    command = [sys.executable, "-m", "tests.support.call_program", json.dumps(options)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=ROOT)
    try:
        started = Caller(process)
        assert (await started.answer())["ready"]
        yield started
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
