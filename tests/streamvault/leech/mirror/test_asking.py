"""What another process asks of mirrors is answered by the server that runs them."""

from collections.abc import Sequence
from typing import Any

import pytest

from streamvault.errors import CatalogError, QuotaExceeded, SourceBusy, SourceUnavailable
from streamvault.leech.mirror import asking, desk
from streamvault.leech.mirror.asking import AskedOf, Request, RequestsWorker
from streamvault.leech.mirror.desk import MirrorDesk
from streamvault.leech.mirror.model import Change, Mirror, State
from streamvault.leech.mirror.ports import FoundChannel
from streamvault.server.mirror_requests import KEPT, MOST_OF_PERSON, RecordedRequests
from tests.support.access_records import MemoryAccessRecords
from tests.support.mirror_memory import MemoryMirrors, channels_of

SOURCE, TARGET, MUTE = -1001, -1002, -1003
ANNA, EVE = 7, 8
ASKED = AskedOf(99, ANNA, 5)


class Stage:
    """The requests among access records, which a server with these channels answers."""

    def __init__(self) -> None:
        self.records, self.store = MemoryAccessRecords(), MemoryMirrors()
        self.channels = channels_of([SOURCE, TARGET])
        self.channels.found[MUTE] = FoundChannel(MUTE, "Mute", reads=True, posts=False)
        self.channels.found["@films"] = self.channels.found[SOURCE]
        self.now, self.online = 1000.0, True
        self.made = list[tuple[Mirror, int]]()
        self.requests = RecordedRequests(self.records, clock=lambda: self.now)
        self.worker = RequestsWorker(
            self.requests, MirrorDesk(self.store, self.channels), may=self._may,
            on_made=lambda mirror, person: self.made.append((mirror, person)), connected=lambda: self.online,
        )  # fmt: skip

    async def _may(self, person: int) -> bool:
        return person == ANNA

    async def ask(self, what: Any = "add", *, person: int = ANNA, **fields: Any) -> None:
        id = f"{len(self.records.stored):016x}"
        await self.requests.add(Request(id, what, person, ASKED, self.now, **fields))

    async def answers(self) -> Sequence[tuple[str | None, str | None]]:
        """What was answered since the last time, and about which mirror."""
        await self.worker.look()
        found = await self.requests.listed()
        for one in found:
            if one.answer is not None:
                await self.requests.delete(one.id)
        return [(one.answer, one.mirror) for one in found]

    async def answer(self, what: Any = "add", **fields: Any) -> str | None:
        await self.ask(what, **fields)
        [(text, _)] = await self.answers()
        return text


async def test_a_mirror_is_made_changed_and_ended() -> None:
    stage = Stage()
    await stage.ask(source="@films", target=TARGET, deletions=True)
    [(text, id)] = await stage.answers()
    [mirror] = stage.store.stored.values()
    assert text == (
        "Channel -1002 becomes a copy of Channel -1001: what is there now, and what comes. Deletions are followed."
    )
    assert (id, mirror.source, mirror.target, mirror.person) == (mirror.id, SOURCE, TARGET, ANNA)
    assert stage.made == [(mirror, ANNA)]
    again = await stage.answer(source=SOURCE, target=TARGET, once=True)
    assert again == (
        "There is this mirror already, and it goes on as you wish now. Channel -1002 becomes a copy of Channel -1001: "
        "what is there now."
    )
    assert [(one.once, one.deletions) for one in stage.store.stored.values()] == [(True, False)]
    assert len(stage.made) == 1
    assert await stage.answer("remove", mirror=mirror.id) == asking.REMOVED
    assert stage.store.stored == {}
    assert await stage.answer("remove", mirror=mirror.id) == desk.MISSING


async def test_a_word_on_deletions_is_taken() -> None:
    stage = Stage()
    stage.store.stored["a" * 16] = Mirror("a" * 16, SOURCE, TARGET, 1.0, deletions=True, state=State.ASKING, asked=1)
    await stage.store.note("a" * 16, [Change(3, "delete", 1.0)])
    assert await stage.answer("keep", mirror="a" * 16) == asking.KEEPS
    assert stage.store.noted == {}
    assert await stage.answer("delete", mirror="a" * 16) == desk.NOTHING_ASKED


async def test_what_cannot_be_is_said() -> None:
    """Each as the terminal and the API say it, since the same code decides."""
    stage = Stage()
    assert await stage.answer(source=SOURCE, target=MUTE) == desk.NOT_POSTED.format(title="Mute")
    assert await stage.answer(source=SOURCE, target=SOURCE) == desk.SAME
    assert await stage.answer(source="@nobody", target=TARGET) == desk.NOT_THERE.format(chat="@nobody")
    assert await stage.answer(source=SOURCE, target=TARGET, person=EVE) == asking.NOT_OWNER
    for error, said in (
        (SourceBusy(90), "Telegram demands a wait: please try again in 90 s."),
        (SourceUnavailable("gone"), asking.AWAY),
    ):

        async def find(_: int | str, raised: Exception = error) -> None:
            raise raised

        stage.channels.find = find  # type: ignore[method-assign, assignment]
        assert await stage.answer(source=SOURCE, target=TARGET) == said
    assert stage.store.stored == {}
    assert stage.made == []


async def test_requests_wait_for_telegram_and_the_database_and_end() -> None:
    stage = Stage()
    stage.online = False
    await stage.ask(source=SOURCE, target=TARGET)
    assert await stage.answers() == [(None, None)]
    stage.online, stage.store.failing = True, True
    with pytest.raises(CatalogError):
        await stage.worker.look()
    assert [one.answer for one in await stage.requests.listed()] == [None]
    stage.now += KEPT
    assert await stage.requests.listed() == []
    stage = Stage()
    for _ in range(MOST_OF_PERSON):
        await stage.ask("remove", mirror="a" * 16)
    with pytest.raises(QuotaExceeded):
        await stage.ask("remove", mirror="a" * 16)
    await stage.ask("remove", person=EVE, mirror="a" * 16)


async def test_of_two_answers_the_first_is_kept() -> None:
    stage = Stage()
    await stage.ask("remove", mirror="a" * 16)
    [request] = await stage.requests.listed()
    await stage.requests.answer(request, "first", mirror=None)
    await stage.requests.answer(request, "second", mirror="b" * 16)
    assert [(one.answer, one.mirror) for one in await stage.requests.listed()] == [("first", None)]
