"""Secrets that are given out once and stored as their SHA-256: they have 256 random bits, so that no salt is needed."""

import hashlib
import hmac
import secrets


def new_secret() -> str:
    """43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """The id of a session, token or link: 63 random bits in hexadecimal, 16 digits."""
    return f"{secrets.randbits(63):016x}"


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret_of(secret: str, stored: object) -> bool:
    """Whether `stored` is the digest of `secret`, in constant time."""
    return isinstance(stored, str) and hmac.compare_digest(digest(secret).encode(), stored.encode())
