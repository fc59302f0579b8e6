"""The latest changes by topic: numbered, bounded, and who has missed some."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.event_hub import EventHub
from tests.support.waiting import until


@given(kept=st.integers(1, 5), published=st.integers(0, 12), told=st.integers(-3, 15))
def test_changes_are_all_that_were_missed_or_none(kept: int, published: int, told: int) -> None:
    hub = EventHub(kept=kept)
    for number in range(1, published + 1):
        hub.publish("catalog", number)
    missed = hub.since("catalog", told)
    if published - kept <= told <= published and told >= 0:
        assert missed == list(range(told + 1, published + 1))
    else:
        assert missed is None
    assert (hub.number("catalog"), hub.number("index")) == (published, 0)


def test_a_state_is_published_when_it_is_another_one() -> None:
    hub = EventHub()
    for state in ("calm", "calm", "flood", "flood", "calm"):
        hub.sample("accounts", state)
    assert hub.since("accounts", 0) == ["calm", "flood", "calm"]


def test_those_who_listen_are_woken_and_ended() -> None:
    hub = EventHub()
    with hub.listening(("index", "jobs")) as first, hub.listening(("catalog",)) as second:
        states = [(first.changed.is_set(), second.changed.is_set())]
        hub.publish("index", 1)
        states.append((first.changed.is_set(), second.changed.is_set()))
        calls = list[str]()
        first.on_end(lambda: calls.append("first"))
        first.end()
        first.end()
        assert (calls, first.ended, second.ended, second.changed.is_set()) == (["first"], True, False, False)
        hub.end()
        assert (calls, second.ended, second.changed.is_set()) == (["first"], True, True)
        second.on_end(lambda: calls.append("second"))
    with hub.listening(("index",)) as late:
        assert (late.changed.is_set(), late.ended, calls) == (True, True, ["first", "second"])
    assert states == [(False, False), (True, False)]
    assert len(hub) == 0


async def test_states_are_looked_at_while_somebody_listens_to_them_however_busy_others_are() -> None:
    hub, looks = EventHub(every=0.0), list[str]()
    hub.look_at("streams", lambda: looks.append("streams"))
    hub.look_at("accounts", lambda: looks.append("accounts"))
    with hub.listening(("catalog",)):
        hub.publish("catalog", 1)
        await turns(3)
        assert looks == []
    with hub.listening(("streams", "index")), hub.listening(("streams",)):
        for number in range(5):
            hub.publish("index", number)
            before = len(looks)
            await until(lambda before=before: len(looks) > before)  # type: ignore[misc]
    assert set(looks) == {"streams"}
    told = len(looks)
    await turns(3)
    assert len(looks) == told, "nobody listens any more"


async def test_a_look_that_fails_is_repeated() -> None:
    hub, looks = EventHub(every=0.0), list[int]()

    def look() -> int:
        looks.append(1)
        if len(looks) == 2:
            raise ValueError
        return len(looks)

    failures = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
    hub.look_at("accounts", look)
    with hub.listening(("accounts",)):
        await until(lambda: len(looks) > 3)
    assert [type(one) for one in failures] == [ValueError]


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
