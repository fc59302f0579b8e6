"""The chats in whose calls can be played, as voice workers tell."""

from streamvault.access.call_chats import KEPT, RENEWED, CallChat, CallChats
from tests.support.access_records import MemoryAccessRecords

CLUB, HALL, ATTIC = CallChat(-1001, "Club", True), CallChat(-1002, "hall", False), CallChat(-1003, "Attic", False)


async def test_what_workers_told_last_is_listed_by_title_until_it_is_old() -> None:
    now, records = [1000.0], MemoryAccessRecords()
    one, other = CallChats(records, lambda: now[0]), CallChats(records, lambda: now[0])
    await one.tell(7, [HALL, CallChat(-1001, "Club", False)])
    await other.tell(8, [CLUB, ATTIC])
    assert list(await one.listed()) == [ATTIC, CLUB, HALL], "an open call is seen by any of them"
    await one.tell(7, [])
    assert list(await other.listed()) == [ATTIC, CLUB]
    now[0] += KEPT - 1
    await one.tell(7, [HALL])
    now[0] += 1
    assert list(await one.listed()) == [HALL], "what nobody confirms is forgotten"


async def test_the_same_is_written_once_a_day() -> None:
    now, records = [1000.0], MemoryAccessRecords()
    chats = CallChats(records, lambda: now[0])
    await chats.tell(7, [HALL])
    await records.delete("call_chats", "7")
    now[0] += RENEWED - 1
    await chats.tell(7, [HALL])
    assert list(await chats.listed()) == []
    now[0] += 1
    await chats.tell(7, [HALL])
    assert list(await chats.listed()) == [HALL]
