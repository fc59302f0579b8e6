"""The host of an address as it may be written: names, other scripts, IPv4 as `inet_aton` reads it, and IPv6."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote_to_bytes

import idna

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
LONGEST = 253
"""Characters of a name (RFC 1035)."""


def parse_host(text: str) -> str | IPv4Address | IPv6Address:
    """A host as it stands in an address: a name in lower case and Punycode without a dot at its end, or an IP address.
    ValueError with what is wrong.
    """
    if text.startswith("[") or text.endswith("]"):
        return _v6(text)
    if not text:
        raise ValueError("names no host")
    try:
        mapped = _mapped(unquote_to_bytes(text).decode())
    except UnicodeError:
        raise ValueError("holds a host name that does not exist in this form") from None
    name = mapped.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _v4(labels)
    if len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("holds a host name with characters that no name has")
    return name


def _mapped(name: str) -> str:
    """UTS 46: full-width digits and letters, ideographic full stops and the like become what they look like."""
    return name.lower() if name.isascii() else idna.encode(name, uts46=True).decode().lower()


def _v4(labels: list[str]) -> IPv4Address:
    """One to four numbers, decimal, octal with a zero before it, or hexadecimal; the last one fills what is left."""
    wrong = ValueError("holds a number that is no IPv4 address")
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise wrong
    try:
        *first, last = [_value(label) for label in labels]
    except ValueError:
        raise wrong from None
    if any(value > 255 for value in first) or last >= 256 ** (4 - len(first)):
        raise wrong
    return IPv4Address(sum(value << 8 * (3 - place) for place, value in enumerate(first)) + last)


def _value(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8) if label.startswith("0") and label != "0" else int(label)


def _v6(text: str) -> IPv6Address:
    if not (text.startswith("[") and text.endswith("]")):
        raise ValueError("has brackets that do not belong together")
    if "%" in text:
        raise ValueError("names a network interface of this machine")
    try:
        return IPv6Address(text[1:-1])
    except AddressValueError:
        raise ValueError("holds no IPv6 address between its brackets") from None
