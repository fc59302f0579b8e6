"""The addresses in messages, also in a text file that they hold."""

from collections.abc import Awaitable, Callable
from typing import Any

from pyrogram import enums, raw
from pyrogram.file_id import FileId
from pyrogram.types import Message

from streamvault.errors import SourceError
from streamvault.leech.torrent_files import MOST, file_address
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.requests import MAX_FILE, NotUnderstood, Request, addresses_in, list_request
from streamvault.telegram.errors import MigrateError

ReadDocument = Callable[[Any], Awaitable[bytes]]
"""The bytes of a small Kurigram document. Raises SourceError."""


async def request_in(message: Message, read: ReadDocument) -> Request:
    """The addresses in a message's text or caption, else in its text file. Raises NotUnderstood."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities or ()
    links = [one.url for one in entities if one.type is enums.MessageEntityType.TEXT_LINK and one.url]
    found = addresses_in(str(text), links)
    if found or message.document is None:
        return Request(found)
    return await file_request(message.document, read)


async def read_document(account: Account, document: Any) -> bytes:
    """See ReadDocument; of a document in a message that the account has just read."""
    where = FileId.decode(document.file_id)
    location = raw.types.InputDocumentFileLocation(
        id=where.media_id, access_hash=where.access_hash, file_reference=where.file_reference, thumb_size=""
    )
    query = raw.functions.upload.GetFile(location=location, offset=0, limit=MOST)
    try:
        answer = await account.transfer(where.dc_id, query, size=MOST)
    except MigrateError as elsewhere:
        answer = await account.transfer(elsewhere.dc_id, query, size=MOST)
    if not isinstance(answer, raw.types.upload.File):
        raise SourceError("Telegram gives no bytes of a file")
    return bytes(answer.bytes)


async def file_request(document: Any, read: ReadDocument) -> Request:
    """The addresses in a text file, or a .torrent file as an address. Raises NotUnderstood."""
    if _is_torrent(document):
        return await _torrent_request(document, read)
    if not ((document.mime_type or "").startswith("text/") or (document.file_name or "").lower().endswith(".txt")):
        raise NotUnderstood(wording.NO_TEXT_FILE)
    if document.file_size > MAX_FILE:
        raise NotUnderstood(wording.FILE_TOO_BIG)
    try:
        data = await read(document)
    except SourceError:
        raise NotUnderstood(wording.FILE_UNREADABLE) from None
    return list_request(data)


def _is_torrent(document: Any) -> bool:
    return document.mime_type == "application/x-bittorrent" or (document.file_name or "").lower().endswith(".torrent")


async def _torrent_request(document: Any, read: ReadDocument) -> Request:
    if document.file_size > MOST:
        raise NotUnderstood(wording.TORRENT_TOO_BIG)
    try:
        return Request((file_address(await read(document)),))
    except SourceError:
        raise NotUnderstood(wording.FILE_UNREADABLE) from None
    except ValueError as error:
        raise NotUnderstood(f"I cannot read this .torrent file: {error}.") from None
