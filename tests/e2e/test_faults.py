"""Every fault in the middle of a stream: the bytes are exact or the connection is aborted, as docs/FAULTS.md says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pyrogram.connection.transport.tcp.tcp import TCP
from pyrogram.session import Session

from tests.support.fault_table import STRIKES, Row, rows
from tests.support.http_client import opened
from tests.support.proof import full
from tests.support.stack import FOREIGN_DC, MIB
from tests.support.steady_loop import wait_faster
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

SETTINGS: dict[str, Any] = {"readahead": 16 if full() else 2, "playback_slots": 0}
SIZE = (200 if full() else 9) * 1_000_000 + 7  # what is left when the fault strikes is more than the window holds
MOMENT = 1.0
PATIENCE, IMPATIENCE = 40.0, 4.0 if full() else 1.5


def test_the_document_names_every_fault_and_no_other() -> None:
    assert {row.name for row in rows()} == set(STRIKES)
    assert {word for row in rows() for word in (row.passing, row.lasting)} == {"exact", "aborted"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
async def test_a_fault_that_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    quick(monkeypatch)
    async with whole_product(tmp_path, stall_timeout=PATIENCE, **SETTINGS) as whole:
        assert await watched(whole, row, times=1) == row.passing


@pytest.mark.timeout(300)
@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
async def test_a_fault_that_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    quick(monkeypatch)
    patience = PATIENCE if row.lasting == "exact" else IMPATIENCE
    async with whole_product(tmp_path, stall_timeout=patience, **SETTINGS) as whole:
        assert await watched(whole, row, times=None) == row.lasting


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice a silent connection sooner, and wait shorter, where there is no time for the real bounds."""
    if not full():
        wait_faster(5.0)
        monkeypatch.setattr(TCP, "TIMEOUT", 2.0)
        monkeypatch.setattr(Session, "PING_INTERVAL", 0.5)


async def watched(whole: Whole, row: Row, *, times: int | None) -> str:
    """What became of a stream into which the fault struck: "exact", "aborted", or what must not be."""
    target = await whole.post(SIZE, dc_id=FOREIGN_DC)
    got = 0
    handle: Any = None
    async with opened(whole.address, target, receive_buffer=64 << 10) as exchange:
        assert exchange.reply.status == 200, await exchange.reader.read()
        while got < SIZE:
            piece = await exchange.reader.read(MIB)
            if not piece:
                break
            if piece != synthetic_bytes(1, got, len(piece)):
                return "wrong"
            got += len(piece)
            if handle is None and got >= SIZE // 3:
                handle = await STRIKES[row.name](whole.world, times) or object()
                if times:
                    asyncio.get_running_loop().call_later(MOMENT, getattr(handle, "lift", int))
        assert handle is not None, "it ended before the fault could strike"
        return "exact" if got == SIZE else "aborted"
