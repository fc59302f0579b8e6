"""The media server over real UDP: connections, what is heard, what it sends, and its faults."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.support.media_client import CAMERA, CAMERA_AGAIN, SOURCE, MediaClient, media_client
from tests.support.waiting import until
from tgemulator.emulator import Emulator
from tgemulator.sfu.dtls import MediaUnavailable
from tgemulator.sfu.endpoint import QUIET, Endpoint
from tgemulator.sfu.offer import parse_offer
from tgemulator.sfu.rtp import RtpPacket
from tgemulator.sfu.server import Seat, Sfu
from tgemulator.sfu.sound import gaps, runs, tones
from tgemulator.sfu.speaker import tone_packets

SEAT = Seat(1, ("user", 5), user=5, chat=7)
SENDER_REPORT = bytes.fromhex("80c80006000003e90000001080000000000000000000000000000000")


def sound(payload: bytes, number: int, *, source: int = SOURCE) -> RtpPacket:
    return RtpPacket(111, number, 960 * number, source, number == 0, payload)


def picture(number: int, *, source: int = CAMERA) -> RtpPacket:
    return RtpPacket(100, number, 3000 * number, source, True, b"\x10\0picture")


@asynccontextmanager
async def joined(sfu: Sfu, *, seat: Seat = SEAT, **options: Any) -> AsyncIterator[tuple[MediaClient, Endpoint]]:
    """A client that has its answer, and the server's end."""
    async with media_client(**options) as client:
        client.take(sfu.join(seat, parse_offer(client.offer)))
        endpoint = sfu.endpoint(seat)
        assert endpoint is not None
        yield client, endpoint


async def connected(client: MediaClient, endpoint: Endpoint) -> None:
    """Wait until both sides have the keys."""
    await client.connect()
    await until(lambda: endpoint.connected)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """One that does not listen for MTProto: its media server needs nothing of it."""
    emulator = Emulator()
    yield emulator
    emulator.sfu.close()


async def test_a_client_is_heard_once_it_has_proved_who_it_is(emulator: Emulator) -> None:
    loop = asyncio.get_running_loop()
    asked = loop.time()
    async with joined(emulator.sfu) as (client, endpoint):
        await client.ask(client.answered, pwd="wrong")
        assert loop.time() - asked >= QUIET
        assert client.refused == 1
        await connected(client, endpoint)
        await until(lambda: endpoint.connected)
        for number, payload in enumerate([*tone_packets(440), *tone_packets(880)]):
            client.send(sound(payload, number))
        recording = emulator.sfu.recording(SEAT)
        await until(lambda: len(recording.audio()) == 100)
        assert recording.counts[SOURCE].packets == 100
        assert endpoint.alive
        assert [(round(run.frequency or 0, -1), run.seconds) for run in runs(tones(recording.audio()))] == [
            (440, 1),
            (880, 1),
        ]
        assert gaps(recording.audio()) == []
        emulator.sfu.mute(SEAT, muted=True)
        client.send(sound(tone_packets(440)[0], 100))
        await until(lambda: len(recording.audio()) == 101)
        assert [arrival.muted for arrival in recording.audio()[-2:]] == [False, True]
    emulator.sfu.leave(SEAT)
    assert (endpoint.closed, endpoint.alive, len(recording.closed)) == (True, False, 1)


async def test_a_client_with_another_certificate_than_its_offers_is_not_heard(emulator: Emulator) -> None:
    async with media_client() as client:
        offer = parse_offer(client.offer.replace(client.offer.split('"fingerprint": "')[1][:5], "00:00"))
        client.take(emulator.sfu.join(SEAT, offer))
        endpoint = emulator.sfu.endpoint(SEAT)
        assert endpoint is not None
        connecting = asyncio.ensure_future(client.connect())
        await until(lambda: endpoint.closed)
        connecting.cancel()
        assert emulator.sfu.recording(SEAT).connected == []


async def test_a_join_says_which_package_is_missing(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylibsrtp", None)  # as if it were not installed
    with pytest.raises(MediaUnavailable, match="pip install pylibsrtp"):
        emulator.sfu.join(SEAT, parse_offer(MediaClient().offer))
    assert emulator.sfu.endpoint(SEAT) is None


async def test_video_gets_feedback_and_a_key_frame_after_a_hole(emulator: Emulator) -> None:
    async with joined(emulator.sfu, video=True) as (client, endpoint):
        await connected(client, endpoint)
        recording = emulator.sfu.recording(SEAT)
        await until(lambda: {packet[1] for packet in client.received} == {206} and len(client.received) == 2)
        assert [packet[0] & 0x1F for packet in client.received] == [15, 1]  # REMB, PLI
        client.send(picture(0))
        client.send(picture(1, source=CAMERA_AGAIN))  # a retransmission
        client.send(picture(2))
        client.send_rtcp(SENDER_REPORT)
        await until(lambda: recording.reports)
        assert [arrival.packet.sequence for arrival in recording.video()] == [0, 2]
        assert [packet[0] & 0x1F for packet in client.received].count(1) in (1, 2)
        await until(lambda: [packet[0] & 0x1F for packet in client.received].count(1) == 2)
        assert recording.sent_at(sound(b"", 50), clock=48_000) == 17.5
        assert recording.sent_at(picture(2), clock=90_000) is None


async def test_everybody_hears_a_participant_that_speaks_by_itself(emulator: Emulator) -> None:
    async with joined(emulator.sfu) as (client, endpoint):
        await connected(client, endpoint)
        emulator.sfu.speak(Seat(1, ("user", 6)), 77, frequency=440)
        await until(lambda: len(client.received) >= 3)
        assert {packet[8:12] for packet in client.received} == {(77).to_bytes(4, "big")}
        emulator.sfu.mute(Seat(1, ("user", 6)), muted=True)
        emulator.sfu.leave(Seat(1, ("user", 6)))


async def test_clients_hear_each_other_unless_muted_or_in_another_call(emulator: Emulator) -> None:
    async with (
        joined(emulator.sfu) as (ada, first),
        joined(emulator.sfu, seat=Seat(1, ("user", 6)), source=7) as (
            bob,
            second,
        ),
        joined(emulator.sfu, seat=Seat(2, ("user", 6))) as (elsewhere, third),
    ):
        for client, endpoint in ((ada, first), (bob, second), (elsewhere, third)):
            await connected(client, endpoint)
        bob.send(sound(b"hello", 0, source=7))
        await until(lambda: ada.received)
        emulator.sfu.mute(Seat(1, ("user", 6)), muted=True)
        bob.send(sound(b"unheard", 1, source=7))
        await until(lambda: len(second.recording.audio()) == 2)
        ada.send(sound(b"answer", 0))
        await until(lambda: bob.received)
        assert [packet[12:] for packet in (*ada.received, *bob.received)] == [b"hello", b"answer"]
        assert elsewhere.received == []


async def test_a_silent_media_server_hears_nothing_until_the_fault_ends(emulator: Emulator) -> None:
    async with joined(emulator.sfu) as (client, endpoint):
        await connected(client, endpoint)
        with emulator.faults.call_silent(user=5):
            client.send(sound(b"lost", 0))
            await until(lambda: endpoint.dropped == 1)
        with emulator.faults.call_silent(user=6), emulator.faults.call_silent(channel=8):
            client.send(sound(b"heard", 1))
            await until(lambda: emulator.sfu.recording(SEAT).audio())
        assert [arrival.packet.payload for arrival in emulator.sfu.recording(SEAT).audio()] == [b"heard"]


async def test_a_fault_may_take_the_first_connection_only(emulator: Emulator) -> None:
    with emulator.faults.call_silent(times=1, channel=7):
        async with joined(emulator.sfu) as (client, endpoint):
            connecting = asyncio.ensure_future(client.connect())
            await until(lambda: endpoint.dropped > 1)
            connecting.cancel()
            assert not client.answered.is_set()
        async with joined(emulator.sfu) as (client, second):
            await connected(client, second)
            assert (endpoint.closed, second.closed) == (True, False)


async def test_connections_end_for_good_now_and_at_a_join(emulator: Emulator) -> None:
    async with joined(emulator.sfu) as (client, endpoint):
        await connected(client, endpoint)
        with emulator.faults.call_closed():
            assert endpoint.closed
            async with joined(emulator.sfu, source=9) as (_, second):
                assert second.closed
        assert endpoint.closed


async def test_datagrams_are_lost_evenly_and_late(emulator: Emulator) -> None:
    async with joined(emulator.sfu) as (client, endpoint):
        await connected(client, endpoint)
        recording = emulator.sfu.recording(SEAT)
        with emulator.faults.call_lossy(0.25):
            for number in range(40):
                client.send(sound(b"x", number))
            await until(lambda: endpoint.dropped + len(recording.audio()) == 40)
            assert len(recording.audio()) == 30
        with emulator.faults.call_late(0.2):
            sent = time.time()
            client.send(sound(b"late", 40))
            await until(lambda: len(recording.audio()) == 31)
        assert recording.audio()[-1].at - sent >= 0.2
