"""Whatever happens in the channels, and whenever the bot is away: after one walk the catalog equals them."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule

from streamvault.indexing.repair import Repair
from streamvault.reading.lanes import Lanes
from streamvault.telegram.history.source import TelegramHistory
from tests.support.bot_stage import Stage, bot_stage
from tests.support.proof import full
from tests.support.stack import chat_id_of
from tests.support.steady_loop import SteadyLoop

NAMES = st.sampled_from(("harbour.mp4", "blues.mp3", "поезд.mkv", "東京.mkv", "notes.pdf"))
TEXTS = st.sampled_from(("", "a caption", "#tag and text", "x" * 200))


class Channels(RuleBasedStateMachine):
    """Two channels, a bot that follows them, and everything that may come between."""

    messages = Bundle("messages")
    told = False

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=SteadyLoop)
        self.stack = AsyncExitStack()
        self.stage: Stage
        self.connected = False
        self.files = 0

    def run(self, work: Any) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(60):
                return await work

        return self.runner.run(bounded())

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stage = await self.stack.enter_async_context(bot_stage(folder, channels=()))
        emulator = self.stage.telegram.emulator
        emulator.world.tell_bots_of_deletions = self.told
        self.connected = True

    def channel(self, second: bool) -> Any:
        return self.stage.telegram.vault if second else self.stage.telegram.films

    def file(self, name: str) -> Any:
        self.files += 1
        return self.stage.file(name, seed=self.files)

    @rule(target=messages, name=NAMES, text=TEXTS, second=st.booleans())
    def post_a_file(self, name: str, text: str, second: bool) -> Any:
        return self.run(self.stage.world.post(self.channel(second), file=self.file(name), text=text))

    @rule(target=messages, text=TEXTS.filter(bool), second=st.booleans())
    def post_a_text(self, text: str, second: bool) -> Any:
        return self.run(self.stage.world.post(self.channel(second), text=text))

    @rule(target=messages, names=st.lists(NAMES, min_size=2, max_size=4), second=st.booleans())
    def post_an_album(self, names: list[str], second: bool) -> Any:
        posted = self.run(
            self.stage.world.post_album(self.channel(second), [self.file(name) for name in names], text="an album")
        )
        return multiple(*posted)

    @rule(target=messages, message=messages, second=st.booleans())
    def repost(self, message: Any, second: bool) -> Any:
        """The same file once more, in the same channel or the other one."""
        if message.deleted or message.file is None:
            return multiple()
        return self.run(self.stage.world.post(self.channel(second), file=message.file))

    @rule(message=messages, text=TEXTS.filter(bool))
    def edit_the_caption(self, message: Any, text: str) -> None:
        if not message.deleted:
            self.run(self.stage.world.edit(message, text=text))

    @rule(message=messages, name=NAMES)
    def replace_the_file(self, message: Any, name: str) -> None:
        if not message.deleted and message.file is not None:
            self.run(self.stage.world.edit(message, file=self.file(name)))

    @rule(message=consumes(messages))
    def delete(self, message: Any) -> None:
        if not message.deleted:
            self.run(self.stage.world.delete(message))

    @rule()
    def drop_connections(self) -> None:
        self.run(self.stage.telegram.emulator.drop_connections())

    @rule()
    def restart(self) -> None:
        self.run(self._stop())
        self.run(self._start())

    @rule()
    def go_away(self) -> None:
        self.run(self._stop())

    @rule()
    def come_back(self) -> None:
        self.run(self._start())

    @rule(pts=st.integers(1, 5))
    def forget_the_journal(self, pts: int) -> None:
        """Telegram no longer tells one by one what happened."""
        for channel in (self.channel(False), self.channel(True)):
            channel.journal.resize(pts)
            channel.journal.resize(10_000)

    async def _stop(self) -> None:
        if self.connected:
            await self.stage.stop()
        self.connected = False

    async def _start(self) -> None:
        if not self.connected:
            await self.stage.start()
        self.connected = True

    def teardown(self) -> None:
        try:
            if hasattr(self, "stage"):
                self.run(self._compare())
        finally:
            self.runner.run(self.stack.aclose())
            self.runner.close()

    async def _compare(self) -> None:
        await self._start()
        stage = self.stage
        assert stage.accounts is not None
        await stage.accounts.main.client.updates.catch_up(timeout=30)
        history = TelegramHistory(stage.accounts, gate=lambda _: Lanes(lambda: 8))
        repair = Repair(stage.catalog, history, chats=stage.finder.our_chats)
        for channel in (stage.telegram.films, stage.telegram.vault):
            await repair.walk(chat_id_of(channel))
        assert await self._stored() == self._shown()

    async def _stored(self) -> dict[tuple[int, int], tuple[str, str, int]]:
        return {
            (entry.file.origin.chat_id, entry.file.origin.message_id): (
                entry.file.name, entry.file.caption, entry.file.size,
            )
            for entry in await self.stage.catalog.dump(None, 10_000)
        }  # fmt: skip

    def _shown(self) -> dict[tuple[int, int], tuple[str, str, int]]:
        return {
            (chat_id_of(channel), message.id): (message.file.name, message.text, message.file.size)
            for channel in (self.stage.telegram.films, self.stage.telegram.vault)
            for message in channel.messages.values()
            if message.file is not None and not message.deleted
        }


class ToldOfDeletions(Channels):
    told = True


_SETTINGS = settings(
    max_examples=60 if full() else 8,
    stateful_step_count=30 if full() else 15,
    deadline=None,
    derandomize=not full(),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(3600 if full() else 120)
@pytest.mark.parametrize("machine", [Channels, ToldOfDeletions], ids=["not told", "told"])
def test_the_catalog_equals_the_channels(machine: type[Channels]) -> None:
    case = machine.TestCase
    case.settings = _SETTINGS
    case().runTest()
