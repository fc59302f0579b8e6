"""The latest changes by topic: numbered, bounded, and who has missed some."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.event_hub import EventHub


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
    with hub.listening() as first:
        states = [(first.changed.is_set(), first.ended)]
        hub.publish("index", 1)
        states.append((first.changed.is_set(), first.ended))
        hub.end_all()
        with hub.listening() as second:
            states += [(one.changed.is_set(), one.ended) for one in (first, second)]
            hub.end()
            states.append((second.changed.is_set(), second.ended))
    with hub.listening() as late:
        states.append((late.changed.is_set(), late.ended))
    assert states == [(False, False), (True, False), (True, True), (False, False), (True, True), (True, True)]
    assert len(hub) == 0
