"""The suite of all session backends; each backend's test module imports it and provides the fixture `make`.

`make()` returns a new Backend over the same store each time, like a new process. A lease ends `TTL` seconds after its
holder was killed, or at once where the lease is a lock of the process.
"""

import asyncio
from collections.abc import Callable

import pytest

from streamvault.errors import ConfigError
from streamvault.telegram.sessions.backend import Backend, SessionHeld
from tests.support.waiting import until

TTL, HEARTBEAT = 1.0, 0.2
Make = Callable[[], Backend]


async def test_what_was_written_is_there_for_the_next_holder(make: Make) -> None:
    first = make()
    assert await first.open() == {}
    await first.write({"key:2": b"\x00\xff", "home": b"{}"})
    await first.write({"home": None, "key:4": b"4"})
    await first.close()
    second = make()
    assert await second.peek() == {"key:2": b"\x00\xff", "key:4": b"4"}
    assert await second.open() == {"key:2": b"\x00\xff", "key:4": b"4"}
    await second.close()


async def test_nothing_is_stored_before_the_first_write(make: Make) -> None:
    assert await make().peek() == {}
    first = make()
    await first.open()
    assert await make().peek() == {}
    await first.close()


async def test_one_holder_at_a_time(make: Make) -> None:
    first, second = make(), make()
    await first.open()
    for _ in range(3):
        with pytest.raises(SessionHeld, match="is in use by process"):
            await second.open()
    await first.write({"a": b"1"})
    await first.close()
    assert await second.open() == {"a": b"1"}
    with pytest.raises(SessionHeld):
        await first.open()
    await second.close()


async def test_one_of_many_gets_the_lease(make: Make) -> None:
    backends = [make() for _ in range(8)]
    results = await asyncio.gather(*(one.open() for one in backends), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["SessionHeld"] * 7 + ["dict"]
    await asyncio.gather(*(one.close() for one in backends))


async def test_a_holder_keeps_its_lease_for_longer_than_the_ttl(make: Make) -> None:
    first, second = make(), make()
    await first.open()
    loop = asyncio.get_running_loop()
    end = loop.time() + 2 * TTL
    while loop.time() < end:
        with pytest.raises(SessionHeld):
            await second.open()
        await first.ensure()
    assert not first.lost.is_set()
    await first.close()


async def test_a_backend_can_be_closed_twice_and_reopened(make: Make) -> None:
    first = make()
    await first.close()
    await first.open()
    await first.close()
    await first.close()
    await first.open()
    await first.write({"a": b"1"})
    await first.close()


async def test_setting_aside_keeps_the_records_and_a_new_session_can_begin(make: Make) -> None:
    with pytest.raises(ConfigError):
        await make().set_aside("old")
    first = make()
    await first.open()
    await first.write({"a": b"1"})
    with pytest.raises(SessionHeld):
        await make().set_aside("old")
    await first.close()
    assert "old" in await make().set_aside("old")
    second = make()
    assert await second.open() == {}
    await second.write({"b": b"2"})
    await second.close()
    assert await make().peek() == {"b": b"2"}


async def taken_over(backend: Backend) -> dict[str, bytes]:
    """The records of `backend`, opened as soon as its lease is free."""

    async def opened() -> list[dict[str, bytes]]:
        try:
            return [await backend.open()]
        except SessionHeld:
            return []

    return (await until(opened))[0]
