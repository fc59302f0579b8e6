"""The file of a message, read by ranges from any byte on."""

from dataclasses import replace

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.messages.finding import Finding
from streamvault.leech.messages.source import AHEAD, CHUNK, CUT, MessageSource
from streamvault.leech.model import Described, Piece
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.transfer import Finished
from streamvault.media.uploads import PART
from tests.support.message_memory import CHAT, MemoryMessages
from tgemulator.world.content import synthetic_bytes

SIZE = 5 * CHUNK + 77


def source_of(memory: MemoryMessages, *, as_document: bool = False) -> MessageSource:
    return MessageSource(memory, lambda: Finding(memory).one(CHAT, 5), as_document=as_document)


async def read_all(source: MessageSource, checkpoint: Checkpoint | None = None) -> tuple[Opened, bytes]:
    async with source.open(checkpoint) as opened:
        return opened, b"".join([block async for block in opened.blocks])


async def test_it_goes_on_at_any_byte_and_asks_for_nothing_before_it() -> None:
    memory = MemoryMessages()
    memory.add(5, size=SIZE)
    opened, data = await read_all(source_of(memory))
    assert data == synthetic_bytes(5, 0, SIZE)
    assert (opened.described.name, opened.described.size, opened.offset) == ("5.mkv", SIZE, 0)
    for offset in (0, 1, PART, PART + 7, CHUNK, 3 * CHUNK + PART, SIZE - 1, SIZE):
        memory.fetched.clear()
        checkpoint = Checkpoint(opened.described, offset, None, opened.state)
        again, rest = await read_all(source_of(memory), checkpoint)
        assert (again.offset, rest) == (offset, data[offset:]), offset
        assert all(at >= offset - offset % PART for at, _ in memory.fetched)
        assert all(at // CHUNK == (at + limit - 1) // CHUNK for at, limit in memory.fetched), "Telegram's rule"


async def test_no_more_is_read_ahead_than_a_few_requests() -> None:
    memory = MemoryMessages()
    memory.add(5, size=100 * CHUNK)
    async with source_of(memory).open(None) as opened:
        await anext(opened.blocks)
        await anext(opened.blocks)
    assert len(memory.fetched) <= AHEAD + 2


async def test_a_message_that_was_deleted_or_edited_meanwhile() -> None:
    memory = MemoryMessages()
    memory.add(5, size=SIZE)
    opened, _ = await read_all(source_of(memory))
    checkpoint = Checkpoint(opened.described, PART, None, opened.state)
    memory.gone = True
    with pytest.raises(SourceRefused, match="deleted, or holds another file"):
        await read_all(source_of(memory), checkpoint)
    memory.replaced(5)
    with pytest.raises(SourceChanged):
        await read_all(source_of(memory), checkpoint)
    del memory.messages[5]
    with pytest.raises(SourceRefused, match="no message 5"):
        await read_all(source_of(memory), checkpoint)


async def test_it_is_posted_as_it_was_with_a_caption_that_fits() -> None:
    memory = MemoryMessages()
    memory.add(5, caption="\U0001f3ac" * 600)
    finished = Finished(0, Piece(0, 1, size=1000), 1, big=False, last=True)
    described = Described("5.mkv", 1000)
    look = await source_of(memory).look(described, finished)
    assert (look.mime_type, look.shown_as, look.note) == ("video/x-matroska", None, CUT)
    assert look.caption == "\U0001f3ac" * 511 + "\u2026"
    assert look.original == memory.messages[5].original
    plain = await source_of(memory, as_document=True).look(described, finished)
    assert plain.original is not None
    assert plain.original.attributes is None
    memory.messages[5] = replace(memory.messages[5], original=replace(memory.messages[5].original, attributes=None))
    photo = await source_of(memory).look(described, finished)
    assert type(photo.shown_as).__name__ == "Photo"
