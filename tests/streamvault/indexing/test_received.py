"""The marks of files that owners have sent to the bot: when they are made, changed and deleted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.base import Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.indexing import received
from streamvault.indexing.chats import OurChats
from streamvault.indexing.live import LiveIndex
from streamvault.indexing.received import ReceivedFiles, mark_name
from streamvault.media.events import Received
from streamvault.media.model import Origin
from tests.support.files import CHANNEL, media_file

SENT = Origin(5, 17)
STATE = {"updates/7": "[1, 2, 3]"}


class Recording(SqliteCatalog):
    """Keeps what is stored with it; `away`: nothing can be stored."""

    away = False

    async def apply(self, change: Change) -> None:
        if self.away:
            raise CatalogError("the database is away")
        self.names = list(change.marks)
        await super().apply(change)


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Recording]:
    catalog = Recording(tmp_path / "catalog.db")
    async with catalog:
        yield catalog


def index_of(catalog: Recording) -> LiveIndex:
    return LiveIndex(catalog, OurChats(catalog, channels=(CHANNEL,)))


async def test_a_file_is_marked_before_the_update_state_behind_it(catalog: Recording) -> None:
    """F: where there is no transaction, marks are written in this order."""
    await index_of(catalog).apply(Received(SENT), marks=STATE)
    assert catalog.names == [mark_name(SENT), *STATE]
    assert await ReceivedFiles(catalog).unanswered() == {SENT: None}


async def test_the_row_of_the_copy_and_its_mark_are_one_change(catalog: Recording) -> None:
    """F: a late update, or the same one again, does not take the copy back."""
    index, copy = index_of(catalog), media_file(9)
    await index.apply(Received(SENT), marks=STATE)
    await index.put(copy, received=SENT)
    await index.apply(Received(SENT), marks=STATE)
    assert await ReceivedFiles(catalog).unanswered() == {SENT: copy.origin}
    assert await index.received.kept(copy.key.file_unique_id, CHANNEL) == copy
    assert await index.received.kept(copy.key.file_unique_id, CHANNEL - 1) is None


async def test_an_answered_message_is_not_marked_again(catalog: Recording) -> None:
    """F: nor one that is answered before its update is stored."""
    index = index_of(catalog)
    await index.received.answered([SENT])
    await index.apply(Received(SENT), marks=STATE)
    assert await catalog.marks() == STATE
    assert await ReceivedFiles(catalog).unanswered() == {}


async def test_a_mark_that_could_not_be_deleted_is_deleted_with_the_next_one(catalog: Recording) -> None:
    """F"""
    index, other = index_of(catalog), Origin(5, 18)
    await index.apply(Received(SENT), Received(other), marks=STATE)
    catalog.away = True
    with pytest.raises(CatalogError):
        await index.received.answered([SENT])
    catalog.away = False
    assert await index.received.unanswered() == {other: None}
    await index.received.answered([other])
    assert await catalog.marks() == STATE


async def test_the_marks_are_bounded(catalog: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """F: one more than may be marked is said in the log, and handled all the same."""
    monkeypatch.setattr(received, "MAX_MARKS", 3)
    index = index_of(catalog)
    await index.apply(*(Received(Origin(5, number)) for number in range(5)), marks=STATE)
    assert list(await index.received.unanswered()) == [Origin(5, number) for number in range(3)]
    await index.received.answered([Origin(5, 0)])
    await index.apply(Received(Origin(5, 9)), marks=STATE)
    assert list(await index.received.unanswered()) == [Origin(5, 1), Origin(5, 2), Origin(5, 9)]


async def test_what_one_message_answers_is_told_after_a_restart(catalog: Recording) -> None:
    """Each copy is still known, also after a late update; what is answered is not marked again."""
    index, other, gone = index_of(catalog), Origin(5, 18), Origin(5, 19)
    copies = {SENT: media_file(9), other: media_file(10), gone: media_file(11)}
    for message, copy in copies.items():
        await index.apply(Received(message), marks=STATE)
        await index.put(copy, received=message)
    await index.received.answered([gone])
    await index.received.together([SENT, other, gone])
    await index.apply(Received(other), marks=STATE)
    fresh = ReceivedFiles(catalog)
    assert await fresh.unanswered() == {SENT: copies[SENT].origin, other: copies[other].origin}
    assert (fresh.group(SENT), fresh.group(other)) == (SENT, SENT)
