"""How fast the emulator serves files, compared with the cipher and hash that MTProto requires.

    python -m benchmarks.emulator

In each round the cost of AES-IGE and SHA-256 over 1 MiB is measured in one thread, then what one emulator
process serves over 4 connections with 4 requests of 1 MiB in flight on each, to a client that reads the
packets and does not decrypt them. The ratio of the two has to be at least TARGET.
"""

import asyncio
import json
import os
import socket
import statistics
import struct
import sys
import time
from dataclasses import dataclass
from typing import Any

from pyrogram import raw

from tests.support.rawclient import Identity, RawClient
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.wire import messages
from tgemulator.wire.crypto import ige_encrypt, sha256
from tgemulator.world.content import SyntheticContent

MIB = 1 << 20
CONNECTIONS, IN_FLIGHT, ROUNDS = 4, 4, 5
CHUNKS, WARM_UP = 480, 32  # of 1 MiB, over all connections
FILE_SIZE = 2000 * MIB
TARGET = 0.65
TOKEN = "4242:benchmark"


def crypto_rate(*, repeats: int = 96) -> float:
    """MiB/s of AES-IGE encryption and SHA-256 over 1 MiB, one after the other in this thread."""
    data, key, iv = os.urandom(MIB), os.urandom(32), os.urandom(32)
    began = time.perf_counter()
    for _ in range(repeats):
        sha256(data)
        ige_encrypt(data, key, iv=iv)
    return repeats / (time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class Served:
    """The server process: its address, its public key, and the location of the file."""

    address: tuple[str, int]
    pem: str
    location: Any


async def serve() -> None:
    """The server process: one DC, one bot, one synthetic file; runs until its standard input ends."""
    async with Emulator(EmulatorConfig(dcs=(DcConfig(2),))) as emulator:
        bot = emulator.world.add_bot(TOKEN, home_dc=2)
        file = emulator.files.add(SyntheticContent(FILE_SIZE, 1), dc_id=2)
        document = emulator.files.media_for(file, account_id=bot.id, origin=1).document
        description = {
            "address": emulator.address(2),
            "pem": emulator.public_key_pem,
            "id": document.id,
            "access_hash": document.access_hash,
            "file_reference": document.file_reference.hex(),
        }
        print(json.dumps(description), flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def start() -> tuple[asyncio.subprocess.Process, Served]:
    """Start the server process and read its description."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.emulator", "--serve", stdin=pipe, stdout=pipe, limit=MIB
    )
    assert process.stdout is not None
    description = json.loads(await process.stdout.readline())
    host, port = description["address"]
    location = raw.types.InputDocumentFileLocation(
        id=description["id"],
        access_hash=description["access_hash"],
        file_reference=bytes.fromhex(description["file_reference"]),
        thumb_size="",
    )
    return process, Served((host, port), description["pem"], location)


async def log_in(served: Served) -> Identity:
    """An auth key that is logged in as the bot."""
    async with await RawClient.connect(served.address) as client:
        await client.make_key(served.pem)
        await client.init()
        answer = await client.call(
            raw.functions.auth.ImportBotAuthorization(flags=0, api_id=1, api_hash="hash", bot_auth_token=TOKEN)
        )
        assert not isinstance(answer, raw.types.RpcError), answer
        return client.me


class Reader:
    """One connection that requests chunks and counts the encrypted answers without decrypting them."""

    def __init__(self, served: Served, identity: Identity) -> None:
        self._served = served
        self._me = Identity(key=identity.key, salt=identity.salt)
        self._socket = socket.socket()
        self._buffer = memoryview(bytearray(4 * MIB))

    async def open(self) -> None:
        """Connect with the intermediate transport, whose packets begin with their length."""
        loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        await loop.sock_connect(self._socket, self._served.address)
        await loop.sock_sendall(self._socket, b"\xee" * 4)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    async def read(self, first: int, chunks: int) -> None:
        """Download `chunks` of 1 MiB from chunk number `first` on, IN_FLIGHT at a time."""
        requested = min(IN_FLIGHT, chunks)
        for number in range(requested):
            await self._request(first + number)
        for _ in range(chunks):
            await self._answer()
            if requested < chunks:
                await self._request(first + requested)
                requested += 1

    async def _request(self, number: int) -> None:
        """Send one upload.getFile."""
        offset = number % (FILE_SIZE // MIB) * MIB
        query = raw.functions.upload.GetFile(location=self._served.location, offset=offset, limit=MIB)
        me = self._me
        header = messages.Header(me.salt, me.session_id, me.msg_id(), me.seq_no(content=True))
        packet = b"".join(messages.encrypt(me.key, header, key_id=me.key_id, body=[query.write()], x=0))
        await asyncio.get_running_loop().sock_sendall(self._socket, struct.pack("<I", len(packet)) + packet)

    async def _answer(self) -> None:
        """Read packets up to and including the next that is long enough to be a chunk."""
        length = 0
        while length < MIB:
            await self._fill(self._buffer[:4])
            length = int.from_bytes(self._buffer[:4], "little")
            await self._fill(self._buffer[:length])

    async def _fill(self, view: memoryview) -> None:
        """Read exactly as many bytes as the view has."""
        loop = asyncio.get_running_loop()
        while view:
            count = await loop.sock_recv_into(self._socket, view)
            if count == 0:
                raise EOFError("the emulator has closed the connection")
            view = view[count:]


async def read_all(readers: list[Reader], first: int, *, chunks: int) -> None:
    """Download chunks over all readers at once."""
    share = chunks // len(readers)
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for index, reader in enumerate(readers):
            group.create_task(reader.read(first + index * share, share))


async def measure() -> list[tuple[float, float]]:
    """(MiB/s of the ciphers, MiB/s of the emulator) of each round."""
    process, served = await start()
    identity = await log_in(served)
    readers = [Reader(served, identity) for _ in range(CONNECTIONS)]
    try:
        for reader in readers:
            await reader.open()
        await read_all(readers, 0, chunks=WARM_UP)
        rounds = []
        for number in range(ROUNDS):
            crypto = crypto_rate()
            began = time.perf_counter()
            await read_all(readers, WARM_UP + number * CHUNKS, chunks=CHUNKS)
            rounds.append((crypto, CHUNKS / (time.perf_counter() - began)))
        return rounds
    finally:
        for reader in readers:
            reader.close()
        await process.communicate(b"")


def main() -> int:
    """Print the table; exit code 1 if the ratio misses the target."""
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
        return 0
    rounds = asyncio.run(measure())
    crypto, served = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(served / crypto for crypto, served in rounds)
    print("| AES-IGE + SHA-256, one thread | emulator, 4 connections x 4 in flight | ratio | target |")
    print("|---|---|---|---|")
    print(f"| {crypto:.0f} MiB/s | {served:.0f} MiB/s | {ratio:.2f} | >= {TARGET} |")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
