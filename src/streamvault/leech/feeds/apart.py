"""A feed's document, parsed in a child process of its own, which it may end or keep busy without harm (`program`)."""

import asyncio
import contextlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import streamvault
from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.feeds.model import Enclosure, Item, Parsed
from streamvault.leech.feeds.program import LONGEST

log = logging.getLogger(__name__)

PROGRAM = "streamvault.leech.feeds.program"
TIMEOUT = 90.0
"""Seconds for one document; the child ends itself after far less processor time."""
AT_ONCE = 2
"""Children of this process."""
_places = asyncio.Semaphore(AT_ONCE)


async def parse_apart(data: bytes, content_type: str, *, cut: bool = False) -> Parsed:
    """The items of a document; see parsing.parse_feed. Raises SourceRefused for what is no feed, SourceFailed where it
    cannot be parsed within the child's limits, or no child can be started.
    """
    head = json.dumps({"type": content_type[:200], "cut": cut}).encode() + b"\n"
    async with _places:
        answer = await _answer(head + data)
    if "error" in answer:
        raise SourceRefused(f"the address answers with {answer['error']}, and not with a feed")
    return Parsed(answer["title"], tuple(map(_item, answer["items"])), whole=answer["whole"])


async def _answer(request: bytes) -> dict[str, Any]:
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", "-P", "-m", PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, limit=LONGEST, env=_environment(),
        )  # fmt: skip
    except OSError as error:
        raise SourceFailed(f"the reader of feeds does not start ({error.strerror})") from error
    try:
        async with asyncio.timeout(TIMEOUT):
            output, _ = await process.communicate(request)
    except TimeoutError:
        output = b""
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    try:
        found: dict[str, Any] = json.loads(output)
    except ValueError:
        log.info("the reader of feeds ended with code %s", process.returncode)
        raise SourceFailed("the feed takes too much time or memory to read") from None
    return found


def _item(value: dict[str, Any]) -> Item:
    return Item(**(value | {"enclosures": tuple(Enclosure(**one) for one in value["enclosures"])}))


def _environment() -> dict[str, str]:
    """The variables with which Python finds the same modules as here, without any secret."""
    own = str(Path(streamvault.__file__).parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(dict.fromkeys((own, *filter(None, sys.path))))}
