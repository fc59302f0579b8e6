"""Logging as text or JSON lines, with secrets replaced by `***` in every line."""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Iterable

from streamvault.logs.bounds import BoundedHandler
from streamvault.logs.redaction import HIDDEN, redacted

log = logging.getLogger(__name__)


class _Redacting(logging.Formatter):
    """Formats like its parent, then removes the given secrets and everything that looks like a token."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return redacted(text)

    def format(self, record: logging.LogRecord) -> str:
        return self.clean(super().format(record))


class _Json(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "message": self.clean(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = self.clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


_COUNTED = (
    "Invalid HTTP request received.",
    "Unsupported upgrade request.",
    "No supported WebSocket library detected.",
)
"""How Uvicorn's lines about single requests begin that http/protocol counts."""


class _AboutRequests(logging.Filter):
    """Uvicorn's lines about single requests, which any client can cause: those that http/protocol counts are left out.

    Requests that outlast DRAIN_TIMEOUT are cancelled on purpose; Uvicorn logs each as an error with a traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError):
            return False
        if str(record.msg).startswith(_COUNTED):
            return False
        if not str(record.msg).startswith("Cancel %s running task(s)"):
            return True
        log.info("cancelled at shutdown: %s", record.getMessage())
        return False


_ABOUT_REQUESTS = _AboutRequests()


def configure_logging(level: str, form: str, *, secrets: Iterable[str] = ()) -> None:
    """Write the root logger's lines to standard error as `form` ("console" or "json"), without `secrets`.

    At most bounds.LINES of a kind a minute are written, and how many were left out.

    Kurigram logs whole requests at DEBUG, with file references and keys, so its level is at least WARNING. Its
    transport logs each connection that fails as an error, and raises that error too.
    """
    handler = BoundedHandler(sys.stderr)
    handler.setFormatter(_Json(secrets) if form == "json" else _Redacting(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.error").addFilter(_ABOUT_REQUESTS)
    for noisy in ("pyrogram", "uvicorn", "aiosqlite"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    if root.level > logging.DEBUG:
        logging.getLogger("pyrogram.connection").setLevel(logging.CRITICAL)
