"""Reads session strings of Pyrogram, Kurigram and Telethon, and writes those of Pyrogram."""

import base64
import binascii
import ipaddress
import struct
from dataclasses import dataclass

from streamvault.errors import ConfigError
from streamvault.telegram.network.data_centres import DcAddress

_PYROGRAM = {271: ">BI?256sQ?", 267: ">B?256sQ?", 263: ">B?256sI?"}  # bytes -> format, the newest first
_TELETHON = {263: ">B4sH256s", 275: ">B16sH256s"}
_TELETHON_VERSION = "1"


@dataclass(frozen=True, slots=True)
class ForeignSession:
    """The content of a session string; None for what its format lacks. `address` is the data centre's at that time."""

    dc_id: int
    key: bytes
    api_id: int | None = None
    user_id: int | None = None
    is_bot: bool | None = None
    address: DcAddress | None = None


def parse_session_string(text: str) -> ForeignSession:
    """A session string of Pyrogram (1 and 2), Kurigram or Telethon. ConfigError for anything else."""
    text = "".join(text.split())
    found = _telethon(text) or _pyrogram(text)
    if found is None or not 0 < found.dc_id < 1000 or not any(found.key):
        raise ConfigError("this is no session string of Pyrogram or Telethon: copy the whole of it, on one line")
    return found


def _telethon(text: str) -> ForeignSession | None:
    data = _decoded(text[1:]) if text[:1] == _TELETHON_VERSION else None
    if data is None or len(data) not in _TELETHON:
        return None
    dc_id, host, port, key = struct.unpack(_TELETHON[len(data)], data)
    address = ipaddress.ip_address(host)
    return ForeignSession(dc_id, key, address=DcAddress(dc_id, str(address), port, ipv6=address.version == 6))


def _pyrogram(text: str) -> ForeignSession | None:
    data = _decoded(text)
    if data is None or len(data) not in _PYROGRAM:
        return None
    dc_id, *rest = struct.unpack(_PYROGRAM[len(data)], data)
    api_id = rest.pop(0) if len(data) == 271 else None
    test_mode, key, user_id, is_bot = rest
    if test_mode:
        raise ConfigError("this session belongs to Telegram's test servers, which StreamVault does not use")
    return ForeignSession(dc_id, key, api_id=api_id or None, user_id=user_id or None, is_bot=is_bot)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def session_string(dc_id: int, key: bytes, *, api_id: int, user_id: int) -> str:
    """The session string of a user account in the format of Pyrogram 2 and Kurigram."""
    packed = struct.pack(_PYROGRAM[271], dc_id, api_id, False, key, user_id, False)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")
