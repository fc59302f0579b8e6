"""RSA keys of servers: fingerprints, PEM formats, and one error text for anything else."""

from collections.abc import Iterator
from pathlib import Path

import pyrogram.crypto.rsa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from streamvault.errors import ConfigError
from streamvault.telegram.mtproto.rsa_keys import fingerprint, install_server_key, public_key


@pytest.fixture(autouse=True)
def _built_in_keys_afterwards() -> Iterator[None]:
    yield
    install_server_key(None)


def test_every_built_in_key_is_listed_under_its_fingerprint() -> None:
    keys = dict(pyrogram.crypto.rsa.server_public_keys)
    assert keys
    assert {fingerprint(key.m, key.e) for key in keys.values()} == set(keys)


@pytest.mark.parametrize("form", [PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo])
def test_a_pem_key_is_read(form: PublicFormat) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    number, key = public_key(public.public_bytes(Encoding.PEM, form))
    assert (number, key.m, key.e) == (fingerprint(key.m, 65537), public.public_numbers().n, 65537)
    for wrong in (
        b"",
        b"not a key",
        rsa.generate_private_key(65537, 1024).public_key().public_bytes(Encoding.PEM, form),
    ):
        with pytest.raises(ValueError, match=r"\S"):
            public_key(wrong)


def test_keys_of_cdn_dcs_are_not_trusted_as_telegrams() -> None:
    """Kurigram's list also contains the keys of the CDN DCs 121, 140, 201 and 203."""
    install_server_key(None)
    trusted = {number % (1 << 64) for number in pyrogram.crypto.rsa.server_public_keys}
    assert len(trusted) == 5
    assert not trusted & {0x995EFFD323B5DB80, 0x254672538E935938, 0xC884B3E62D09E5C5, 0xBB27580FD5B01626}


@pytest.mark.parametrize("form", [PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo])
def test_a_pem_file_replaces_the_built_in_keys(tmp_path: Path, form: PublicFormat) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    path = tmp_path / "key.pem"
    path.write_bytes(public.public_bytes(Encoding.PEM, form))
    number = install_server_key(path)
    assert number == fingerprint(public.public_numbers().n, 65537)
    assert list(pyrogram.crypto.rsa.server_public_keys) == [number]
    install_server_key(None)
    assert number not in pyrogram.crypto.rsa.server_public_keys
    assert len(pyrogram.crypto.rsa.server_public_keys) > 1


def test_a_file_without_such_a_key_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("not a key")
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "curve.pem").write_bytes(curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    short = rsa.generate_private_key(65537, 1024).public_key()
    (tmp_path / "short.pem").write_bytes(short.public_bytes(Encoding.PEM, PublicFormat.PKCS1))
    for name in ("missing.pem", "text.pem", "curve.pem", "short.pem"):
        with pytest.raises(ConfigError, match="TELEGRAM_SERVER_KEY") as caught:
            install_server_key(tmp_path / name)
        assert "\n" not in str(caught.value)
