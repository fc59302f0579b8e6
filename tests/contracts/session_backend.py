"""What every store of sessions promises; run by a test module per store, which provides `make`.

`make()` gives a new Backend over the same place each time, as a new process would have it; its lease ends `TTL`
seconds after its holder was killed, where a killed process leaves one behind at all.
"""

import asyncio
from collections.abc import Callable

import pytest

from streamvault.errors import ConfigError
from streamvault.telegram.sessions.backend import Backend, SessionHeld
from tests.support.waiting import until

TTL, HEARTBEAT = 1.0, 0.2
Make = Callable[[], Backend]


async def test_what_was_written_is_there_for_the_next(make: Make) -> None:
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


async def test_of_many_newcomers_one_gets_it(make: Make) -> None:
    newcomers = [make() for _ in range(8)]
    results = await asyncio.gather(*(one.open() for one in newcomers), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["SessionHeld"] * 7 + ["dict"]
    await asyncio.gather(*(one.close() for one in newcomers))


async def test_a_holder_keeps_it_for_longer_than_its_ttl(make: Make) -> None:
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


async def test_closing_twice_and_opening_again(make: Make) -> None:
    first = make()
    await first.close()
    await first.open()
    await first.close()
    await first.close()
    await first.open()
    await first.write({"a": b"1"})
    await first.close()


async def test_setting_aside_keeps_it_and_lets_another_begin(make: Make) -> None:
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
    """What `backend` reads, as soon as it gets the lease."""

    async def look() -> list[dict[str, bytes]]:
        try:
            return [await backend.open()]
        except SessionHeld:
            return []

    return (await until(look))[0]
