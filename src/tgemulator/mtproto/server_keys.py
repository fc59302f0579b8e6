"""The RSA keys of the data centres, and their files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tgemulator.wire.rsa import RsaKey

_RSA_FILE, _CDN_RSA_FILE = "server_key.pem", "cdn_key.pem"


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """The key of ordinary DCs, and that of CDN DCs if there are any."""

    main: RsaKey
    cdn: RsaKey | None

    @classmethod
    def load(cls, folder: Path | None, *, cdn: bool) -> Self:
        """The keys stored in `folder`, or new ones, stored if there is a folder. Takes some tenths of a second."""
        return cls(_load(folder, _RSA_FILE), _load(folder, _CDN_RSA_FILE) if cdn else None)


def _load(folder: Path | None, name: str) -> RsaKey:
    """The key stored as `name`, or a new one, stored if there is a folder (0600)."""
    if folder is None:
        return RsaKey.generate()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    if file.exists():
        return RsaKey.load(file.read_bytes())
    rsa = RsaKey.generate()
    file.touch(mode=0o600)
    file.write_bytes(rsa.private_pem())
    return rsa
