"""A server process behind a relay, with films in a channel and an owner, for browsers: it can be lost and regained.

Nobody sees anything there who is not logged in or has a link.
"""

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Page

from streamvault.access.links import LinkSigner
from tests.support.http_client import request
from tests.support.ports import free_port
from tests.support.relay import Taps, tapped
from tests.support.server import ServerProcess, server_process
from tests.support.stack import ENTRY_DC, EmulatedWorld, emulator_world
from tests.support.ui import the_built_ui
from tests.support.waiting import until
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent

T = TypeVar("T")
TYPES = {".mkv": "video/x-matroska", ".mp4": "video/mp4", ".srt": "application/x-subrip"}
SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
SECONDS = 30.0
"""That starts and answers may take on a busy machine."""


@dataclass
class CutOff:
    """The server is `url` for browsers, which reach it through `taps`; all of it runs on `loop`, in another thread."""

    world: EmulatedWorld
    server: ServerProcess
    taps: Taps
    loop: asyncio.AbstractEventLoop
    url: str

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of `work` on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(2 * SECONDS)

    def lose(self) -> None:
        """The server is killed, and all its connections break."""
        self.run(self._lose())

    async def _lose(self) -> None:
        await self.server.kill()
        await self._cut()

    def cut(self) -> None:
        """All connections break, and may be made again."""
        self.run(self._cut())

    async def _cut(self) -> None:
        self.taps.holds = None
        for tap in self.taps.all:
            tap.cut()

    def regain(self) -> None:
        self.run(self._start())

    async def _start(self) -> None:
        await self.server.start()
        await self.server.ready(SECONDS)

    def post(self, path: Path, name: str) -> str:
        """Post a file; the path of its page, once the server has it."""
        return self.run(self._post(path, name))

    async def _post(self, path: Path, name: str) -> str:
        seen = [attributes.video(60, 320, 180)] if path.suffix != ".srt" else []
        chat, message = await self.world.post_file(
            BytesContent(path.read_bytes()), name=name, mime_type=TYPES[path.suffix], attributes=seen
        )
        token = LinkSigner(SECRET_KEY.encode()).sign(None, scope="server", expires_at=None)

        async def known() -> bool:
            reply = await request(self.server.address, f"/api/catalog/{chat}/{message}?token={token}")
            return reply.status == 200

        await until(known, timeout=SECONDS, pause=0.05)
        return f"/watch/{chat}/{message}"

    def log_in(self, page: Page) -> None:
        """The owner logs in by a link of the bot."""
        link = re.search(r"http\S+/login/\S+", self.run(self._answer("/login", "/login/")))
        assert link is not None
        page.goto(link[0])
        page.get_by_role("button").first.click()
        page.wait_for_url(f"{self.url}/")

    def log_in_by_code(self, command: str, number: int) -> None:
        """What the owner does in the bot, whom a page shows this command and this number."""
        self.run(self._log_in_by_code(command, str(number)))

    async def _log_in_by_code(self, command: str, number: str) -> None:
        world, owner = self.world.emulator.world, self.world.owner
        await world.send_private(owner, self.world.bot, text=command)

        def asked() -> Any:
            for message in world.mailbox(owner.id).messages.values():
                for row in message.reply_markup.rows if message.reply_markup else []:
                    for button in row.buttons:
                        if button.text == number:
                            return message, button
            return None

        message, button = await until(asked, timeout=SECONDS)
        await world.press(owner, message, button.type.data, timeout=SECONDS)

    async def _answer(self, text: str, part: str) -> str:
        """The owner writes to the bot; its first answer with `part` in it."""
        world, owner, bot = self.world.emulator.world, self.world.owner, self.world.bot
        before = set(world.mailbox(owner.id).messages)
        await world.send_private(owner, bot, text=text)

        def answered() -> str:
            found = world.mailbox(owner.id).messages.items()
            return next((one.text for at, one in found if at not in before and one.sender_id == bot.id
                         and part in one.text), "")  # fmt: skip

        return await until(answered, timeout=SECONDS)


@contextmanager
def cut_off(folder: Path, *, talk: int = 0, **settings: str) -> Iterator[CutOff]:
    """A server that has started. In the vault are so many messages of before. `settings` as in the environment."""
    the_built_ui()
    ready, over = threading.Event(), asyncio.Event()
    found: list[CutOff] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(emulator_world())
            for number in range(talk):
                await world.emulator.world.post(world.vault, text=f"talk {number}")
            port = free_port()
            taps = await stack.enter_async_context(tapped("127.0.0.1", port))
            url = f"http://127.0.0.1:{taps.port}"
            more = {"PORT": str(port), "PUBLIC_URL": url, "PUBLIC_ACCESS": "false", "SECRET_KEY": SECRET_KEY}
            more |= {"PLAYBACK_SLOTS": "1", "CACHE_DISK": "0", **settings}
            server = await stack.enter_async_context(server_process(world, folder, entry=ENTRY_DC, **more))
            made = CutOff(world, server, taps, asyncio.get_running_loop(), url)
            await made._start()
            found.append(made)
            ready.set()
            await over.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait()
        if not failed:
            yield found[0]
    finally:
        if found:
            found[0].loop.call_soon_threadsafe(over.set)
        thread.join()
    if failed:
        raise failed[0]
