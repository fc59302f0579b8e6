"""Every fault of docs/FAULTS.md: how it is struck, and the document's own words for what then happens."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.stack import FOREIGN_DC, HOME_DC, EmulatedWorld

DOCUMENT = Path(__file__).parents[2] / "docs" / "FAULTS.md"
GET_FILE = "upload.getFile"

Strike = Callable[[EmulatedWorld, int | None], Awaitable[Any]]
"""Strikes a number of times, or until the handle that it may return is lifted."""


@dataclass(frozen=True, slots=True)
class Row:
    """`passing` and `lasting`: "exact" or "aborted", when it strikes once (or for a moment), and for good."""

    name: str
    passing: str
    lasting: str


def rows() -> list[Row]:
    """The table of the document."""
    found = re.findall(r"^\| `([^`]+)`[^|]*\| (\w+)[^|]*\| (\w+)[^|]*\|$", DOCUMENT.read_text(), re.MULTILINE)
    return [Row(*cells) for cells in found]


async def _error(world: EmulatedWorld, times: int | None, *, code: int, text: str) -> Any:
    return world.emulator.faults.error(code, text, method=GET_FILE, dc=FOREIGN_DC, times=times)


async def _dead_key(world: EmulatedWorld, times: int | None, *, code: int, text: str = "", dc: int = FOREIGN_DC) -> Any:
    return world.emulator.faults.dead_key(code, text, dc=dc, times=times)


async def _bad_import(world: EmulatedWorld, times: int | None) -> Any:
    world.emulator.faults.dead_key(-404, dc=FOREIGN_DC)
    return world.emulator.faults.error(400, "AUTH_BYTES_INVALID", method="auth.importAuthorization", times=times)


async def _stale_reference(world: EmulatedWorld, times: int | None) -> Any:
    world.emulator.faults.expire_references()
    return None if times else world.emulator.faults.error(400, "FILE_REFERENCE_EXPIRED", method=GET_FILE)


async def _flood(world: EmulatedWorld, times: int | None, *, premium: bool) -> Any:
    return world.emulator.faults.flood_wait(1, premium=premium, method=GET_FILE, times=times)


async def _transport(world: EmulatedWorld, times: int | None, *, code: int) -> Any:
    return world.emulator.faults.transport_error(code, method=GET_FILE, dc=FOREIGN_DC, times=times)


async def _chunk(world: EmulatedWorld, times: int | None, *, keep: int) -> Any:
    return world.emulator.faults.short_chunk(keep, dc=FOREIGN_DC, times=times)


async def _drop(world: EmulatedWorld, times: int | None) -> Any:
    await world.emulator.drop_connections()
    return world.emulator.faults.drop(method=GET_FILE, times=times)


async def _restart(world: EmulatedWorld, times: int | None) -> Any:
    await world.emulator.restart_dc(FOREIGN_DC, down_for=0.5)
    return None if times else world.emulator.faults.drop(dc=FOREIGN_DC)


async def _slow(world: EmulatedWorld, times: int | None) -> Any:
    return world.emulator.faults.slow_answer(1.0 if times else None, method=GET_FILE, times=times)


async def _link(world: EmulatedWorld, _: int | None, *, kind: str, **how: Any) -> Any:
    return getattr(world.emulator.faults, kind)(**how)


STRIKES: dict[str, Strike] = {
    **{
        text: partial(_error, code=code, text=text)
        for code, text in (
            (400, "OFFSET_INVALID"),
            (400, "LIMIT_INVALID"),
            (400, "FILE_ID_INVALID"),
            (400, "LOCATION_INVALID"),
            (400, "FILE_REFERENCE_EMPTY"),
            (400, "FILE_REFERENCE_INVALID"),
            (400, "FILE_REFERENCE_0_EXPIRED"),
            (406, "FILEREF_UPGRADE_NEEDED"),
            (303, "FILE_MIGRATE_2"),
            (401, "SESSION_EXPIRED"),
            (500, "INTERNAL"),
            (-503, "Timeout"),
        )
    },
    "FILE_REFERENCE_EXPIRED": _stale_reference,
    "AUTH_KEY_UNREGISTERED": partial(_dead_key, code=401, text="AUTH_KEY_UNREGISTERED"),
    "SESSION_REVOKED": partial(_dead_key, code=401, text="SESSION_REVOKED"),
    "AUTH_KEY_DUPLICATED": partial(_dead_key, code=406, text="AUTH_KEY_DUPLICATED"),
    "AUTH_BYTES_INVALID": _bad_import,
    "-404": partial(_dead_key, code=-404),
    "-404 at home": partial(_dead_key, code=-404, dc=HOME_DC),
    "AUTH_KEY_UNREGISTERED at home": partial(_dead_key, code=401, text="AUTH_KEY_UNREGISTERED", dc=HOME_DC),
    "-429": partial(_transport, code=-429),
    "-444": partial(_transport, code=-444),
    "FLOOD_WAIT": partial(_flood, premium=False),
    "FLOOD_PREMIUM_WAIT": partial(_flood, premium=True),
    "short chunk": partial(_chunk, keep=4096),
    "empty chunk": partial(_chunk, keep=0),
    "drop": _drop,
    "restart": _restart,
    "slow answer": _slow,
    "stall": partial(_link, kind="stall"),
    "half-open": partial(_link, kind="half_open"),
    "latency": partial(_link, kind="latency", seconds=0.05),
    "bandwidth": partial(_link, kind="bandwidth", rate=4 << 20),
}
