"""The rates at which a bot may send messages."""

import pytest

from tgemulator.errors import RpcError
from tgemulator.world.limits import MessageLimits
from tgemulator.world.model import Peer

FRIEND: Peer = ("user", 7)
CHANNEL: Peer = ("channel", 9)


def wait_of(limits: MessageLimits, peer: Peer, *, now: float) -> str:
    with pytest.raises(RpcError) as caught:
        limits.check(1, peer, now=now)
    assert caught.value.code == 420
    return caught.value.text


def test_one_chat_takes_a_burst_and_then_one_a_second() -> None:
    limits = MessageLimits(burst=3)
    for _ in range(3):
        limits.check(1, FRIEND, now=100.0)
    assert wait_of(limits, FRIEND, now=101.5) == "FLOOD_WAIT_2"
    limits.check(1, FRIEND, now=103.0)


def test_a_group_takes_twenty_a_minute() -> None:
    limits = MessageLimits()
    for second in range(20):
        limits.check(1, CHANNEL, now=100.0 + second)
    assert wait_of(limits, CHANNEL, now=120.0) == "FLOOD_WAIT_40"
    limits.check(1, CHANNEL, now=160.0)


def test_all_chats_together_have_a_limit() -> None:
    limits = MessageLimits(per_second=30)
    for number in range(30):
        limits.check(1, ("user", number), now=100.0)
    assert wait_of(limits, ("user", 99), now=100.5) == "FLOOD_WAIT_1"
    limits.check(2, ("user", 99), now=100.5)


def test_an_album_counts_as_its_messages() -> None:
    limits = MessageLimits()
    limits.check(1, CHANNEL, now=100.0, count=20)
    assert wait_of(limits, CHANNEL, now=110.0) == "FLOOD_WAIT_50"


def test_the_number_of_remembered_chats_is_bounded() -> None:
    limits = MessageLimits(per_second=10**6)
    for number in range(12_000):
        limits.check(1, ("user", number), now=float(number))
    assert len(limits._sent) < 10_002
