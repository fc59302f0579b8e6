"""Encrypting and decrypting one MTProto message, in the connection's own thread as Kurigram does."""

from io import BytesIO
from typing import Any

from pyrogram.crypto import mtproto
from pyrogram.session import Session


async def pack(session: Session, message: Any) -> bytes:
    """The packet that carries `message`, with the salt and the session that are current now."""
    executor = session.connection.protocol.crypto_executor
    key = session.auth_key, session.auth_key_id
    packet: bytes = await session.client.loop.run_in_executor(
        executor, mtproto.pack, message, session.salt, session.session_id, *key
    )
    return packet


async def unpack(session: Session, packet: bytes) -> Any:
    """The message in a packet. SecurityError or ValueError: it is not one of this session."""
    executor = session.connection.protocol.crypto_executor
    key = session.auth_key, session.auth_key_id
    return await session.client.loop.run_in_executor(
        executor, mtproto.unpack, BytesIO(packet), session.session_id, *key
    )
