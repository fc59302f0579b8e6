"""Answers the requests of the voice worker, which come as lines of JSON, in a process of its own: the native library
may end it.

A request is `{"id", "do", "chat_id", ...}`, with 0 for what is of no chat; its answer `{"id", "result"}` or `{"id",
"error": "refused" | "interrupted", "text"}`. What happens by itself is `{"event": "ended", "chat_id", "stream"}`. The
first line that is written is `{"ready": user id}`.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from streamvault.errors import CallRefused, VoiceError
from streamvault.telegram.calls.player import Player

log = logging.getLogger(__name__)

Write = Callable[[dict[str, Any]], None]
BROKEN = "An error of StreamVault itself, which its log tells more about."


class Serving:
    """Answers requests with `write`, each in a task of its own; those of one chat one after another."""

    def __init__(self, player: Player, write: Write) -> None:
        self._player = player
        self._write = write
        self._locks: dict[int, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, lines: asyncio.StreamReader) -> None:
        """Until the lines end."""
        while line := await lines.readline():
            task = asyncio.create_task(self._answer(json.loads(line)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: dict[str, Any]) -> None:
        number = request["id"]
        try:
            async with self._locks.setdefault(request["chat_id"], asyncio.Lock()):
                result = await self._do(request)
        except VoiceError as error:
            kind = "refused" if isinstance(error, CallRefused) else "interrupted"
            self._write({"id": number, "error": kind, "text": str(error)})
        except Exception:
            log.exception("%s in the call of %d", request["do"], request["chat_id"])
            self._write({"id": number, "error": "interrupted", "text": BROKEN})
        else:
            self._write({"id": number, "result": result})

    async def _do(self, request: dict[str, Any]) -> object:
        chat_id, player = request["chat_id"], self._player
        match request["do"]:
            case "play":
                picture = request["picture"]
                await player.play(chat_id, request["stream"], request["sound"], picture and tuple(picture))
            case "pause":
                await player.pause(chat_id)
            case "leave":
                await player.leave(chat_id)
            case "check":
                await player.check(chat_id)
            case "chats":
                return await player.chats()
            case "heard":
                return asdict(await player.heard(chat_id))
            case other:
                raise ValueError(f"unknown request {other!r}")
        return None
