"""The stored files of all data centres, and the locations under which accounts read them.

A file has one id for all accounts. Its access_hash is an HMAC over (file, account) and its
file_reference one over (file, account, origin, epoch), so a location of another account, an invented one,
or one older than the last expiry is recognised without a list of those that were issued.
Source of the rules: core.telegram.org/api/file_reference.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyrogram import raw

from tgemulator.config import EmulatorConfig
from tgemulator.errors import RpcError
from tgemulator.world import media
from tgemulator.world.content import Content
from tgemulator.world.model import User
from tgemulator.world.soundless import is_soundless
from tgemulator.world.stored_file import StoredFile, Thumb
from tgemulator.world.thumbs import check_photo, picture_size, stripped_thumbs, uploaded_thumbs, with_stripped
from tgemulator.world.uploads import UploadStore

_FIRST_ID = 0x4A10_0000_0000_0000
_REFERENCE = struct.Struct(">BII8s")  # version, epoch, issued at (Unix seconds), origin
_REFERENCE_VERSION = 2
_MAC = 12
DEFAULT_PARTS = 4000
"""Parts of a file that an account without Premium may upload."""


class FileStore:
    """Every stored file of all data centres, and the uploads in progress.

    `reference_lifetime`: seconds after which a file_reference expires; None means only by
    `expire_references`. `cdn_held`: ids of the files that the CDN DC holds; a test may remove any at any time.
    `cdn_epoch` grows as file_tokens expire. `close()` removes uploads from disk.
    """

    def __init__(self, config: EmulatorConfig) -> None:
        self.reference_lifetime: float | None = None
        self.files: dict[int, StoredFile] = {}
        self.cdn_dc = next((dc.id for dc in config.dcs if dc.cdn), None)
        self.cdn_held: set[int] = set()
        self.cdn_epoch = 0
        self.uploads = UploadStore(config.clock, folder=config.folder / "uploads" if config.folder else None)
        self._clock = config.clock
        self._folder = config.folder
        self._secret = b""
        self._epoch = 0

    def add(
        self,
        content: Content,
        *,
        dc_id: int,
        name: str = "",
        mime_type: str = "application/octet-stream",
        kind: str = "document",
        attributes: list[Any] | None = None,
        thumbs: list[Thumb] | None = None,
        cdn: bool = False,
    ) -> StoredFile:
        """Store a file; a DocumentAttributeFilename is added for `name` unless one is there."""
        described = list(attributes or [])
        if name and not any(isinstance(item, raw.types.DocumentAttributeFilename) for item in described):
            described.append(raw.types.DocumentAttributeFilename(file_name=name))
        file = StoredFile(
            id=_FIRST_ID + 0x10001 * len(self.files),
            dc_id=dc_id,
            content=content,
            mime_type="image/jpeg" if kind == "photo" else mime_type,
            kind=kind,
            date=int(self._clock()),
            name=name,
            attributes=described,
            thumbs=list(thumbs or []),
            cdn=cdn,
        )
        self.files[file.id] = file
        return file

    def media_for(self, file: StoredFile, *, account_id: int, origin: object) -> Any:
        """MessageMediaDocument or MessageMediaPhoto for this account, in the message `origin`."""
        keys = media.Keys(
            access_hash=self.access_hash(file, account_id),
            file_reference=self.file_reference(file, account_id, origin=origin),
        )
        return media.message_media(file, keys)

    def from_upload(
        self,
        account: User,
        input_file: Any,
        *,
        dc_id: int,
        name: str = "",
        mime_type: str = "application/octet-stream",
        kind: str = "document",
        attributes: list[Any] | None = None,
        thumb: Any = None,
        as_it_is: bool = False,
    ) -> StoredFile:
        """Store an uploaded InputFile or InputFileBig, with an uploaded thumbnail if given.

        `as_it_is`: a video without sound does not become an animation. RpcError 400 FILE_PART_X_MISSING,
        FILE_PARTS_INVALID, MD5_CHECKSUM_INVALID, and those of check_photo; the parts remain then.
        """
        if kind == "photo":
            check_photo(self._uploaded(account, input_file, self.uploads.look))
        thumbs = [] if thumb is None else with_stripped(uploaded_thumbs(self._uploaded(account, thumb)))
        content = self._uploaded(account, input_file)
        if kind != "photo" and not as_it_is and is_soundless(content, mime_type, attributes or []):
            attributes = [*(attributes or []), raw.types.DocumentAttributeAnimated()]
        if kind == "photo" and not thumbs:
            thumbs = stripped_thumbs(content, *(picture_size(content) or (0, 0)))
        return self.add(
            content,
            dc_id=dc_id,
            name=name or input_file.name,
            mime_type=mime_type,
            kind=kind,
            attributes=attributes,
            thumbs=thumbs,
        )

    def from_input(self, account: User, item: Any) -> StoredFile:
        """The file that an InputDocument or InputPhoto names. RpcError 400 MEDIA_EMPTY, FILE_REFERENCE_*."""
        kind = "photo" if isinstance(item, raw.types.InputPhoto) else "document"
        file = self.files.get(getattr(item, "id", 0))
        if file is None or file.kind != kind or item.access_hash != self.access_hash(file, account.id):
            raise RpcError(400, "MEDIA_EMPTY")
        self.check_reference(file, account.id, reference=item.file_reference)
        return file

    def locate(self, location: Any, account_id: int) -> tuple[StoredFile, Content]:
        """The file and the content (its own, or a thumbnail's) that an InputFileLocation names.

        RpcError 400 LOCATION_INVALID, FILE_ID_INVALID, FILE_REFERENCE_EMPTY, _INVALID, _EXPIRED.
        """
        kind = _LOCATION_KINDS.get(type(location))
        if kind is None:
            raise RpcError(400, "LOCATION_INVALID")
        file = self.files.get(location.id)
        if file is None:
            raise RpcError(400, "FILE_ID_INVALID")
        if file.kind != kind or location.access_hash != self.access_hash(file, account_id):
            raise RpcError(400, "LOCATION_INVALID")
        self.check_reference(file, account_id, reference=location.file_reference)
        content = media.content_of(file, location.thumb_size)
        if content is None:
            raise RpcError(400, "LOCATION_INVALID")
        return file, content

    def access_hash(self, file: StoredFile, account_id: int) -> int:
        """The signed 64-bit access_hash of a file for one account."""
        return int.from_bytes(self.mac("access", file.id, account_id)[:8], "big", signed=True)

    def file_reference(self, file: StoredFile, account_id: int, *, origin: object) -> bytes:
        """The file_reference that is valid now for this account and origin."""
        issued = int(self._clock()) if self.reference_lifetime is not None else 0
        body = _REFERENCE.pack(_REFERENCE_VERSION, self._epoch + file.epoch, issued, self.mac("origin", origin)[:8])
        return body + self.mac("reference", file.id, account_id, body)[:_MAC]

    def check_reference(self, file: StoredFile, account_id: int, *, reference: bytes) -> None:
        """RpcError 400 FILE_REFERENCE_EMPTY, _INVALID or _EXPIRED unless the reference is valid."""
        if not reference:
            raise RpcError(400, "FILE_REFERENCE_EMPTY")
        body, mac = reference[: _REFERENCE.size], reference[_REFERENCE.size :]
        if not hmac.compare_digest(mac, self.mac("reference", file.id, account_id, body)[:_MAC]):
            raise RpcError(400, "FILE_REFERENCE_INVALID")
        _, epoch, issued, _ = _REFERENCE.unpack(body)
        lifetime = self.reference_lifetime
        if epoch != self._epoch + file.epoch or (lifetime is not None and self._clock() - issued > lifetime):
            raise RpcError(400, "FILE_REFERENCE_EXPIRED")

    def expire_references(self, file: StoredFile | None = None) -> None:
        """Expire every reference issued so far, for one file or for all (FILE_REFERENCE_EXPIRED)."""
        if file is None:
            self._epoch += 1
        else:
            file.epoch += 1

    def expire_cdn_tokens(self) -> None:
        """Expire every file_token issued so far (FILE_TOKEN_INVALID); the CDN DC drops all files, their keys change."""
        self.cdn_epoch += 1
        self.cdn_held.clear()

    def mac(self, *parts: object) -> bytes:
        """HMAC-SHA-256 of these values with the store's secret, 32 bytes."""
        if not self._secret:
            self._secret = _secret(self._folder)
        return hmac.digest(self._secret, repr(parts).encode(), "sha256")

    def close(self) -> None:
        """Remove uploads from disk; uploaded files cannot be read afterwards."""
        self.uploads.close()

    def _uploaded(self, account: User, input_file: Any, take: Callable[..., Content] | None = None) -> Content:
        """The content of an InputFile or InputFileBig of this account; `take` is a method of UploadStore."""
        if not isinstance(input_file, raw.types.InputFile | raw.types.InputFileBig):
            raise RpcError(400, "INPUT_FILE_INVALID")
        big = isinstance(input_file, raw.types.InputFileBig)
        return (take or self.uploads.finish)(account.id, input_file, big=big, most=most_parts(account))


_LOCATION_KINDS: dict[type[Any], str] = {
    raw.types.InputDocumentFileLocation: "document",
    raw.types.InputPhotoFileLocation: "photo",
}


def most_parts(account: User) -> int:
    """Parts of an upload at most: DEFAULT_PARTS, or the "parts" of the account's api_limits; twice with "premium"."""
    return parts_limits(account)[bool(account.api_limits.get("premium"))]


def parts_limits(account: User) -> tuple[int, int]:
    """The limits of this account without Premium and with it."""
    parts = int(account.api_limits.get("parts", DEFAULT_PARTS))
    return parts, 2 * parts


def _secret(folder: Path | None) -> bytes:
    """32 random bytes, kept in `folder` so that locations stay valid across a restart."""
    if folder is None:
        return secrets.token_bytes(32)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "files_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return hashlib.sha256(path.read_bytes()).digest()
