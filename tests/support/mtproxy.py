"""A small MTProxy (core.telegram.org/mtproto/mtproto-transports#transport-obfuscation): plain, dd and ee secrets.

It relays what it decrypts to a data centre over that one's own obfuscated transport, as the stock proxy does.
"""

import asyncio
import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY = bytes(range(1, 17))
DOMAIN = "www.example.org"
SECRETS = {"plain": KEY.hex(), "dd": "dd" + KEY.hex(), "ee": "ee" + KEY.hex() + DOMAIN.encode().hex()}
_HANDSHAKE, _CHANGE, _DATA = 0x16, 0x14, 0x17

Find = Callable[[int], tuple[str, int]]


@dataclass
class MtProxy:
    """`asked` lists the data centres of its connections; media ones are negative."""

    port: int = 0
    asked: list[int] = field(default_factory=list)
    refused: int = 0


@asynccontextmanager
async def mtproxy(kind: str, find: Find) -> AsyncIterator[MtProxy]:
    """Serve the secret SECRETS[kind]; `find` tells where a data centre is."""
    made = MtProxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve(made, kind, find, reader=reader, writer=writer)
        except (OSError, asyncio.IncompleteReadError, PermissionError):
            made.refused += 1
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


async def _serve(
    made: MtProxy, kind: str, find: Find, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    wire: _Wire = _FakeTls(reader, writer) if kind == "ee" else _Wire(reader, writer)
    await wire.greet()
    header = await wire.exactly(64)
    decrypt = _ctr(hashlib.sha256(header[8:40] + KEY).digest(), header[40:56])
    back = header[55:7:-1]
    encrypt = _ctr(hashlib.sha256(back[:32] + KEY).digest(), back[32:48])
    plain = decrypt(header)
    tag, dc_id = plain[56:60], int.from_bytes(plain[60:62], "little", signed=True)
    if tag != (b"\xef" * 4 if kind == "plain" else b"\xdd" * 4):
        raise PermissionError("this secret asks for another framing")
    made.asked.append(dc_id)
    answers, there = await asyncio.open_connection(*find(abs(dc_id)))
    try:
        out, into = _begin(there, tag)

        async def up() -> None:
            while data := await wire.some():
                there.write(out(decrypt(data)))
                await there.drain()

        async def down() -> None:
            while data := await answers.read(1 << 16):
                await wire.send(encrypt(into(data)))

        await asyncio.wait(
            [asyncio.create_task(up()), asyncio.create_task(down())], return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        there.transport.abort()


def _begin(writer: asyncio.StreamWriter, tag: bytes) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    """Open an obfuscated connection without a secret."""
    while True:
        header = bytearray(os.urandom(64))
        if header[0] != 0xEF and header[4:8] != bytes(4) and header[0] not in b"HPGO\xdd\xee\x16":
            break
    header[56:60] = tag
    out = _ctr(bytes(header[8:40]), bytes(header[40:56]))
    back = bytes(header[55:7:-1])
    into = _ctr(back[:32], back[32:48])
    sealed = out(bytes(header))
    writer.write(bytes(header[:56]) + sealed[56:])
    return out, into


def _ctr(key: bytes, iv: bytes) -> Callable[[bytes], bytes]:
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update


class _Wire:
    """Bytes as they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def greet(self) -> None:
        """Nothing to say."""

    async def exactly(self, size: int) -> bytes:
        return await self._reader.readexactly(size)

    async def some(self) -> bytes:
        return await self._reader.read(1 << 14)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


class _FakeTls(_Wire):
    """Bytes in TLS records, after a ClientHello that proves that the client knows the secret."""

    _left = b""

    async def greet(self) -> None:
        kind, hello = await self._record()
        random = hello[6:38]  # after handshake type, length and version
        head = bytes([_HANDSHAKE, 3, 1]) + len(hello).to_bytes(2, "big")
        digest = hmac.new(KEY, head + hello[:6] + bytes(32) + hello[38:], hashlib.sha256).digest()
        if kind != _HANDSHAKE or digest[:28] != random[:28] or DOMAIN.encode() not in hello:
            raise PermissionError("the ClientHello proves nothing")
        session = hello[39 : 39 + hello[38]]
        body = b"\x03\x03" + bytes(32) + bytes([len(session)]) + session + b"\x13\x01\x00"
        extensions = b"\x00\x33\x00\x24\x00\x1d\x00\x20" + os.urandom(32) + b"\x00\x2b\x00\x02\x03\x04"
        body += len(extensions).to_bytes(2, "big") + extensions
        answer = _framed(_HANDSHAKE, b"\x02" + len(body).to_bytes(3, "big") + body)
        answer += _framed(_CHANGE, b"\x01") + _framed(_DATA, os.urandom(1200))
        proof = hmac.new(KEY, random + answer, hashlib.sha256).digest()
        self._writer.write(answer[:11] + proof + answer[43:])

    async def exactly(self, size: int) -> bytes:
        while len(self._left) < size:
            self._left += await self._application_data()
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    async def some(self) -> bytes:
        if self._left:
            taken, self._left = self._left, b""
            return taken
        try:
            return await self._application_data()
        except asyncio.IncompleteReadError:
            return b""

    async def send(self, data: bytes) -> None:
        for start in range(0, len(data), 1 << 14):
            self._writer.write(_framed(_DATA, data[start : start + (1 << 14)]))
        await self._writer.drain()

    async def _application_data(self) -> bytes:
        while True:
            kind, data = await self._record()
            if kind == _DATA:
                return data
            if kind != _CHANGE:
                raise PermissionError("another record than application data")

    async def _record(self) -> tuple[int, bytes]:
        head = await self._reader.readexactly(5)
        return head[0], await self._reader.readexactly(int.from_bytes(head[3:], "big"))


def _framed(kind: int, data: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(data).to_bytes(2, "big") + data
