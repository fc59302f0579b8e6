"""A small MTProto client that can break every rule: each field of a message may be given by the test."""

import asyncio
import os
import struct
import time
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Self

import cryptg
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyrogram import raw
from pyrogram.crypto.prime import CURRENT_DH_PRIME
from pyrogram.raw.all import layer
from pyrogram.raw.core import TLObject

from tests.support.rawframes import Frames
from tgemulator.wire import messages
from tgemulator.wire.crypto import ige_decrypt, ige_encrypt, sha1, sha256

TIMEOUT = 10.0


class TransportFailure(Exception):
    """The server has sent a transport error; `code` is negative."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True, slots=True)
class Received:
    """One message of the server."""

    msg_id: int
    seq_no: int
    value: Any


@dataclass(slots=True)
class Identity:
    """What a client keeps over several connections: its key, salt and MTProto session."""

    key: bytes = b""
    salt: int = 0
    session_id: bytes = field(default_factory=lambda: os.urandom(8))
    last_msg_id: int = 0
    content: int = 0

    @property
    def key_id(self) -> bytes:
        """auth_key_id."""
        return sha1(self.key)[-8:]

    def msg_id(self, at: float | None = None) -> int:
        """A fresh legal msg_id, or the one for a time (Unix seconds)."""
        if at is not None:
            return int(at * (1 << 32)) & ~3
        self.last_msg_id = max(int(time.time() * (1 << 32)) & ~3, self.last_msg_id + 4)
        return self.last_msg_id

    def seq_no(self, *, content: bool) -> int:
        """The next legal seqno."""
        number = self.content * 2 + content
        self.content += content
        return number


class RawClient:
    """One connection of an Identity."""

    def __init__(self, frames: Frames, identity: Identity | None = None) -> None:
        self.frames = frames
        self.me = identity or Identity()

    @classmethod
    async def connect(
        cls,
        address: tuple[str, int],
        *,
        transport: str = "intermediate",
        obfuscated: bool = False,
        identity: Identity | None = None,
    ) -> Self:
        """Open a connection in one of the transports of rawframes."""
        return cls(await Frames.open(address, transport=transport, obfuscated=obfuscated), identity)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the socket."""
        await self.frames.close()

    async def plain(self, query: Any, *, msg_id: int | None = None) -> Any:
        """Send an unencrypted query and read its answer."""
        body = query if isinstance(query, bytes) else query.write()
        await self.frames.send(struct.pack("<qqi", 0, msg_id or self.me.msg_id(), len(body)) + body)
        packet = await self.packet()
        return TLObject.read(BytesIO(packet[20:]))

    async def packet(self) -> bytes:
        """The next packet; TransportFailure if it is an error, EOFError at the end."""
        async with asyncio.timeout(TIMEOUT):
            packet = await self.frames.read()
        if len(packet) == 4:
            raise TransportFailure(struct.unpack("<i", packet)[0])
        return packet

    async def make_key(self, pem: str, *, scheme: str = "pad", dc: int | None = None, temp: int | None = None) -> Any:
        """A whole key exchange, which fills the identity; `scheme` is "pad" or "sha1". Returns the last answer."""
        nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        res_pq = await self.plain(raw.functions.ReqPqMulti(nonce=nonce))
        new_nonce = os.urandom(32)
        ok = await self.plain(request_dh(res_pq, new_nonce, pem=pem, scheme=scheme, dc=dc, temp=temp))
        server_nonce = res_pq.server_nonce.to_bytes(16, "little", signed=True)
        aes_key, aes_iv = temporary(new_nonce, server_nonce)
        inner = TLObject.read(BytesIO(ige_decrypt(ok.encrypted_answer, aes_key, iv=aes_iv)[20:]))
        b = int.from_bytes(os.urandom(32), "big")
        client_inner = raw.types.ClientDHInnerData(
            nonce=nonce,
            server_nonce=res_pq.server_nonce,
            retry_id=0,
            g_b=pow(inner.g, b, CURRENT_DH_PRIME).to_bytes(256, "big"),
        ).write()
        answer = await self.plain(client_dh(res_pq, client_inner, keys=(aes_key, aes_iv)))
        self.me.key = pow(int.from_bytes(inner.g_a, "big"), b, CURRENT_DH_PRIME).to_bytes(256, "big")
        salt = bytes(x ^ y for x, y in zip(new_nonce[:8], server_nonce[:8], strict=True))
        self.me.salt = int.from_bytes(salt, "little", signed=True)
        return answer

    # Encrypted messages

    async def send(
        self,
        query: Any,
        *,
        msg_id: int | None = None,
        seq_no: int | None = None,
        content: bool = True,
        salt: int | None = None,
    ) -> int:
        """Send one message, legal unless told otherwise; its msg_id."""
        msg_id = self.me.msg_id() if msg_id is None else msg_id
        seq_no = self.me.seq_no(content=content) if seq_no is None else seq_no
        await self.frames.send(self.packed(query, msg_id, seq_no=seq_no, salt=salt))
        return msg_id

    def packed(self, query: Any, msg_id: int, *, seq_no: int = 1, salt: int | None = None) -> bytes:
        """The packet that send() writes."""
        body = query if isinstance(query, bytes) else query.write()
        header = messages.Header(self.me.salt if salt is None else salt, self.me.session_id, msg_id, seq_no)
        pieces = messages.encrypt(self.me.key, header, key_id=self.me.key_id, body=[body], x=0)
        return b"".join(pieces)

    async def receive(self) -> Received:
        """The next message of the server."""
        packet = await self.packet()
        assert packet[:8] == self.me.key_id
        envelope = messages.decrypt(self.me.key, packet, x=8)
        assert envelope.session_id == self.me.session_id
        return Received(envelope.msg_id, envelope.seq_no, TLObject.read(BytesIO(envelope.body)))

    async def expect(self, kind: type[Any]) -> Any:
        """The next message that is a `kind`; others in between are dropped."""
        return (await self.expect_message(kind)).value

    async def expect_message(self, kind: type[Any]) -> Received:
        """expect(), with msg_id and seqno."""
        while True:
            received = await self.receive()
            if isinstance(received.value, kind):
                return received

    async def result(self, msg_id: int) -> Any:
        """The result of a query, an RpcError included."""
        while True:
            value = await self.expect(raw.types.RpcResult)
            if value.req_msg_id == msg_id:
                return value.result

    async def call(self, query: Any) -> Any:
        """Send a query and wait for its result."""
        return await self.result(await self.send(query))

    async def init(self, query: Any | None = None) -> Any:
        """initConnection around a query (help.getConfig), as every client begins."""
        return await self.call(initialised(query or raw.functions.help.GetConfig()))


def initialised(query: Any) -> Any:
    """invokeWithLayer(initConnection(query))."""
    init = raw.functions.InitConnection(
        api_id=1,
        device_model="raw",
        system_version="1",
        app_version="1",
        system_lang_code="en",
        lang_pack="",
        lang_code="en",
        query=query,
    )
    return raw.functions.InvokeWithLayer(layer=layer, query=init)


def container(*parts: tuple[int, int, Any]) -> bytes:
    """A msg_container of (msg_id, seq_no, object or bytes)."""
    bodies = [(msg_id, seq_no, body if isinstance(body, bytes) else body.write()) for msg_id, seq_no, body in parts]
    inner = b"".join(struct.pack("<qii", msg_id, seq_no, len(body)) + body for msg_id, seq_no, body in bodies)
    return struct.pack("<Ii", 0x73F1F8DC, len(bodies)) + inner


def temporary(new_nonce: bytes, server_nonce: bytes) -> tuple[bytes, bytes]:
    """The key and iv that hide the DH inner data."""
    middle = sha1(server_nonce, new_nonce)
    return sha1(new_nonce, server_nonce) + middle[:12], middle[12:] + sha1(new_nonce, new_nonce) + new_nonce[:4]


def inner_data(res_pq: Any, new_nonce: bytes, *, dc: int | None = None, temp: int | None = None) -> Any:
    """p_q_inner_data in the form that `dc` and `temp` (seconds) call for."""
    p, q = sorted(cryptg.factorize_pq_pair(int.from_bytes(res_pq.pq, "big")))
    fields: dict[str, Any] = {
        "pq": res_pq.pq,
        "p": p.to_bytes(4, "big"),
        "q": q.to_bytes(4, "big"),
        "nonce": res_pq.nonce,
        "server_nonce": res_pq.server_nonce,
        "new_nonce": int.from_bytes(new_nonce, "little", signed=True),
    }
    if temp is not None:
        fields["expires_in"] = temp
    if dc is not None:
        fields["dc"] = dc
    kinds = {
        (False, False): raw.types.PQInnerData,
        (True, False): raw.types.PQInnerDataDc,
        (False, True): raw.types.PQInnerDataTemp,
        (True, True): raw.types.PQInnerDataTempDc,
    }
    return kinds[dc is not None, temp is not None](**fields)


def request_dh(
    res_pq: Any,
    new_nonce: bytes,
    *,
    pem: str,
    scheme: str = "pad",
    dc: int | None = None,
    temp: int | None = None,
    **changes: Any,
) -> Any:
    """req_DH_params; `changes` replace fields of the inner data."""
    inner = inner_data(res_pq, new_nonce, dc=dc, temp=temp)
    p, q = inner.p, inner.q
    for name, value in changes.items():
        setattr(inner, name, value)
    return raw.functions.ReqDHParams(
        nonce=res_pq.nonce,
        server_nonce=res_pq.server_nonce,
        p=p,
        q=q,
        public_key_fingerprint=res_pq.server_public_key_fingerprints[0],
        encrypted_data=rsa_encrypt(inner.write(), pem, scheme=scheme),
    )


def client_dh(res_pq: Any, inner: bytes, *, keys: tuple[bytes, bytes]) -> Any:
    """set_client_DH_params around client_DH_inner_data."""
    hashed = sha1(inner) + inner
    return raw.functions.SetClientDHParams(
        nonce=res_pq.nonce,
        server_nonce=res_pq.server_nonce,
        encrypted_data=ige_encrypt(hashed + os.urandom(-len(hashed) % 16), keys[0], iv=keys[1]),
    )


def rsa_encrypt(data: bytes, pem: str, *, scheme: str) -> bytes:
    """The older way (SHA-1, data, padding), or RSA_PAD."""
    public = load_pem_public_key(pem.encode())
    assert isinstance(public, RSAPublicKey)
    numbers = public.public_numbers()
    if scheme == "sha1":
        block = (sha1(data) + data).ljust(255, b"\0")
        return pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(256, "big")
    padded = data + os.urandom(192 - len(data))
    while True:
        temp_key = os.urandom(32)
        encrypted = ige_encrypt(padded[::-1] + sha256(temp_key, padded), temp_key, iv=bytes(32))
        masked = bytes(a ^ b for a, b in zip(temp_key, sha256(encrypted), strict=True))
        number = int.from_bytes(masked + encrypted, "big")
        if number < numbers.n:
            return pow(number, numbers.e, numbers.n).to_bytes(256, "big")
