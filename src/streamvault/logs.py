"""Log lines for people or machines, with every secret blotted out before it is written."""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Iterable

log = logging.getLogger(__name__)

_SECRET_SHAPES = re.compile(r"(?P<token>\b[0-9]{6,18}:[A-Za-z0-9_-]{20,})|(?P<key>[?&]token=)[^&\s\"']+")


def _blot(match: re.Match[str]) -> str:
    return f"{match['key'] or ''}***"


class _Redacting(logging.Formatter):
    """Formats like its parent, then removes the given secrets and whatever looks like a token."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub("***", text)
        return _SECRET_SHAPES.sub(_blot, text)

    def format(self, record: logging.LogRecord) -> str:
        return self.clean(super().format(record))


class _Json(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self.clean(json.dumps(line, ensure_ascii=False))


class _CutAtTheEnd(logging.Filter):
    """Requests that outlast DRAIN_TIMEOUT are cut on purpose; Uvicorn tells of each as an error, with a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError):
            return False
        if not str(record.msg).startswith("Cancel %s running task(s)"):
            return True
        log.info("cut at the end: %s", record.getMessage())
        return False


_CUT = _CutAtTheEnd()


def configure_logging(level: str, form: str, *, secrets: Iterable[str] = ()) -> None:
    """Send the root logger to standard error as `form` ("console" or "json"); `secrets` never appear in it.

    Kurigram prints whole requests at DEBUG, file references and keys included, so it is held at WARNING.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(secrets) if form == "json" else _Redacting(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.error").addFilter(_CUT)
    for noisy in ("pyrogram", "uvicorn", "aiosqlite"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
