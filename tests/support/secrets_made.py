"""The secrets that are made in this process, and whether a text holds one: no test may leave one in what it prints.

Known are: random secrets (of sessions, log-ins, API tokens and one-time links), signed tokens, values of secret
settings, and those that a test hands to a server (`note`). Of others, as a server in another process makes them, the
form is known. Each test is looked at when it has passed (conftest): what it printed and did not read itself, what was
logged at the levels that were on, and the files `log` of servers below its tmp_path.

What this does not see: levels that are off, output that a test reads by itself (the command line prints the tokens that
it makes, on purpose), secrets of less than SHORTEST characters, and encoded ones.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streamvault.access.links import LinkSigner

SHORTEST = 16
MOST = 50_000
"""Secrets that are remembered, the latest ones."""
SECRET_SETTINGS = ("API_HASH", "BOT_TOKEN", "WORKER_BOT_TOKENS", "SECRET_KEY", "SECRET_KEY_OLD", "USER_SESSION")

_WORD = re.compile(r"[A-Za-z0-9_-]{32,}")
_LENGTHS = (32, 43, 44)
"""Of signed tokens and random secrets."""
_FORM = re.compile(
    r"(?<![A-Za-z0-9_-])(?:sv_[A-Za-z0-9_-]{43}|(?:svs_)?[0-9a-f]{16}\.[A-Za-z0-9_-]{43}|A[Qg][E-T][A-Za-z0-9_-]{29})"
    r"(?:[A-Za-z0-9_-]{12})?(?![A-Za-z0-9_-])"
)
_OF_CLIENTS = re.compile(r"^[A-Z]+ +(?:httpx|httpcore)[\w.]*:.*$", re.MULTILINE)
"""Lines that the HTTP client of the tests logs; it is no part of the product."""
_words: dict[str, None] = {}
_texts: dict[str, None] = {}


def note(values: Iterable[str]) -> None:
    """Remember secrets."""
    for value in values:
        if len(value) < SHORTEST or len(set(value)) < 6:
            continue  # zeros for an API hash, say
        known = _words if len(value) in _LENGTHS and _WORD.fullmatch(value) else _texts
        known.pop(value, None)
        known[value] = None
        while len(known) > MOST:
            del known[next(iter(known))]


def found_in(text: str) -> list[str]:
    """The secrets in a text, shortened: they are not to be printed here either."""
    if not text:
        return []
    found = {match[0] for match in _FORM.finditer(text)}
    for match in _WORD.finditer(text):
        found |= {part for length in _LENGTHS if (part := match[0][-length:]) in _words}
    found |= {value for value in _texts if value in text}
    return sorted(f"{value[:6]}... ({len(value)} characters)" for value in found)


def left_by(texts: Iterable[str], folder: Path | None) -> list[str]:
    """The secrets in what a test printed and logged, and in the logs of servers that it started in `folder`."""
    logs = [] if folder is None else [file for file in (folder / "log", *folder.glob("*/log")) if file.is_file()]
    printed = (_OF_CLIENTS.sub("", text) for text in texts)
    return found_in("\n".join((*printed, *(file.read_text("utf-8", "replace") for file in logs))))


def install() -> None:
    """Remember what is made from now on."""
    secrets.token_urlsafe = _noting(secrets.token_urlsafe)
    LinkSigner.sign = _noting(LinkSigner.sign)  # type: ignore[method-assign]
    init = SecretStr.__init__

    @wraps(init)
    def noted(self: SecretStr, secret_value: str) -> None:
        init(self, secret_value)
        note((secret_value,))

    SecretStr.__init__ = noted  # type: ignore[method-assign, assignment]


def _noting(make: Callable[..., str]) -> Callable[..., Any]:
    @wraps(make)
    def noted(*arguments: Any, **named: Any) -> str:
        made = make(*arguments, **named)
        note((made,))
        return made

    return noted
