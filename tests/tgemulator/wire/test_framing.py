"""Every transport, split anywhere."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rawframes import TRANSPORTS, ClientFrames, Frames
from tgemulator.wire.framing import MAX_PACKET, FramingError
from tgemulator.wire.transport import ServerTransport

# an encrypted message: key id (not zero), msg_key, whole AES blocks
PACKETS = st.lists(
    st.builds(lambda blocks, fill: bytes([fill]) * (24 + 16 * blocks), st.integers(1, 200), st.integers(1, 255)),
    min_size=1,
    max_size=5,
)


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:stop] for start, stop in pairwise(places)]


@pytest.mark.parametrize(("transport", "obfuscated"), TRANSPORTS)
@given(packets=PACKETS, cuts=st.lists(st.integers(0, 10_000), max_size=12))
def test_packets_survive_any_split(transport: str, obfuscated: bool, packets: list[bytes], cuts: list[int]) -> None:
    client, server = ClientFrames(transport, obfuscated=obfuscated), ServerTransport()
    stream = client.hello + b"".join(client.frame(packet) for packet in packets)
    received = [packet for piece in _pieces(stream, cuts) for packet in server.feed(piece)]
    assert received == packets
    assert server.name == transport + (" (obfuscated2)" if obfuscated else "")


@pytest.mark.parametrize(("transport", "obfuscated"), TRANSPORTS)
async def test_answers_reach_the_client(transport: str, obfuscated: bool) -> None:
    client, server = ClientFrames(transport, obfuscated=obfuscated), ServerTransport()
    server.feed(client.hello + client.frame(bytes(24)))
    packets = [b"\x01" * size for size in (40, 24 + 16 * 40, 24 + 16 * 5000)]
    reader = asyncio.StreamReader()
    for packet in packets:
        reader.feed_data(b"".join(server.frame([packet[:8], packet[8:]])))
    frames = Frames(client, reader, None)  # type: ignore[arg-type]  # only reads
    assert [await frames.read() for _ in packets] == packets


@pytest.mark.parametrize(("transport", "obfuscated"), TRANSPORTS)
async def test_a_transport_error_is_four_bytes(transport: str, obfuscated: bool) -> None:
    client, server = ClientFrames(transport, obfuscated=obfuscated), ServerTransport()
    server.feed(client.hello + client.frame(bytes(24)))
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(server.frame([(-404).to_bytes(4, "little", signed=True)])))
    frames = Frames(client, reader, None)  # type: ignore[arg-type]  # only reads
    assert int.from_bytes(await frames.read(), "little", signed=True) == -404


@pytest.mark.parametrize(
    "stream",
    [
        b"\xef\x00",  # abridged, nothing in it
        b"\xef\x7f" + (MAX_PACKET // 4 + 1).to_bytes(3, "little"),
        b"\xee\xee\xee\xee" + bytes(4),
        b"\xee\xee\xee\xee" + (MAX_PACKET + 1).to_bytes(4, "little"),
        b"\xdd\xdd\xdd\xdd" + (3).to_bytes(4, "little"),
        (11).to_bytes(4, "little") + bytes(4),  # full, shorter than its own frame
        b"GET / HTTP/1.1\r\n",
        b"HEAD / HTTP/1.1\r\n",
        b"\x01" * 64,  # obfuscated2 with no tag we know
    ],
)
def test_illegal_streams_are_refused(stream: bytes) -> None:
    with pytest.raises(FramingError):
        ServerTransport().feed(stream)


def test_full_checks_the_sequence_number_and_the_checksum() -> None:
    client = ClientFrames("full", obfuscated=False)
    first, second = client.frame(bytes(24)), client.frame(bytes(28))
    server = ServerTransport()
    assert server.feed(first) == [bytes(24)]
    with pytest.raises(FramingError, match="checksum"):
        server.feed(second[:-1] + bytes([second[-1] ^ 1]))
    server = ServerTransport()
    server.feed(first)
    with pytest.raises(FramingError, match="sequence"):
        server.feed(first)


def test_a_quick_ack_request_is_accepted() -> None:
    for transport, flag in (("abridged", 0), ("intermediate", 3)):
        client, server = ClientFrames(transport, obfuscated=False), ServerTransport()
        framed = bytearray(client.frame(b"\x01" * 40))
        framed[flag] |= 0x80
        assert server.feed(client.hello + bytes(framed)) == [b"\x01" * 40]


def test_nothing_can_be_sent_before_the_clients_first_bytes() -> None:
    with pytest.raises(FramingError):
        ServerTransport().frame([bytes(4)])
