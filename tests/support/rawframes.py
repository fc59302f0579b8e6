"""The client's side of the transports, written down once more so that tests do not ask the server's own code."""

import asyncio
import os
import struct
import zlib
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

TAGS = {"abridged": b"\xef", "intermediate": b"\xee" * 4, "padded intermediate": b"\xdd" * 4, "full": b""}
TRANSPORTS = [(name, False) for name in TAGS] + [(name, True) for name in TAGS if name != "full"]


def ctr(key: bytes, iv: bytes) -> CipherContext:
    """An AES-CTR stream."""
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()


class ClientFrames:
    """Both directions without I/O: `hello` comes first, `frame` wraps a packet, `apply` decrypts what arrives."""

    def __init__(self, transport: str, *, obfuscated: bool) -> None:
        self.transport = transport
        self.hello = TAGS[transport]
        self._sent = 0
        self._outgoing: CipherContext | None = None
        self._incoming: CipherContext | None = None
        if obfuscated:
            self.hello = self._obfuscate(TAGS[transport].ljust(4, b"\xef"))

    def _obfuscate(self, tag: bytes) -> bytes:
        nonce = b"\x01\x02\x03\x04\x05" + os.urandom(51) + tag + os.urandom(4)
        backwards = nonce[55:7:-1]
        self._outgoing = ctr(nonce[8:40], nonce[40:56])
        self._incoming = ctr(backwards[:32], backwards[32:48])
        return nonce[:56] + self._outgoing.update(nonce)[56:]

    def frame(self, packet: bytes) -> bytes:
        """One packet as bytes of the stream."""
        data = self._framed(packet)
        return data if self._outgoing is None else self._outgoing.update(data)

    def _framed(self, packet: bytes) -> bytes:
        if self.transport == "abridged":
            words = len(packet) // 4
            return (bytes([words]) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + packet
        if self.transport == "full":
            framed = struct.pack("<II", len(packet) + 12, self._sent) + packet
            self._sent += 1
            return framed + struct.pack("<I", zlib.crc32(framed))
        padding = os.urandom(os.urandom(1)[0] % 16) if self.transport == "padded intermediate" else b""
        return struct.pack("<I", len(packet) + len(padding)) + packet + padding

    def apply(self, data: bytes) -> bytes:
        """Received bytes in the clear."""
        return data if self._incoming is None else self._incoming.update(data)


class Frames:
    """ClientFrames on a socket."""

    def __init__(self, frames: ClientFrames, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._frames = frames
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: tuple[str, int], *, transport: str, obfuscated: bool) -> Self:
        """Connect and say which transport it is."""
        reader, writer = await asyncio.open_connection(*address)
        frames = ClientFrames(transport, obfuscated=obfuscated)
        writer.write(frames.hello)
        return cls(frames, reader, writer)

    async def send(self, packet: bytes) -> None:
        """Write one packet."""
        self._writer.write(self._frames.frame(packet))
        await self._writer.drain()

    async def write(self, data: bytes) -> None:
        """Write bytes that are no packet."""
        self._writer.write(data)
        await self._writer.drain()

    async def _exactly(self, size: int) -> bytes:
        return self._frames.apply(await self._reader.readexactly(size))

    async def read(self) -> bytes:
        """The next packet; EOFError (IncompleteReadError) when the server has hung up."""
        transport = self._frames.transport
        if transport == "abridged":
            words = (await self._exactly(1))[0]
            if words == 0x7F:
                words = int.from_bytes(await self._exactly(3), "little")
            return await self._exactly(words * 4)
        size = int.from_bytes(await self._exactly(4), "little")
        if transport == "full":
            rest = await self._exactly(size - 4)
            framed = struct.pack("<I", size) + rest[:-4]
            assert zlib.crc32(framed) == int.from_bytes(rest[-4:], "little")
            return rest[4:-4]
        packet = await self._exactly(size)
        if transport == "padded intermediate":
            return packet[:4] if size < 24 else packet[: size - (size - 24) % 16] if packet[:8] != bytes(8) else packet
        return packet

    async def close(self) -> None:
        """Close the socket; a connection that the server broke is closed too."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
