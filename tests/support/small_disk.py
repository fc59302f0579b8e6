"""A disk of a few MiB for DATA_DIR, and what is posted, read and listed while it fills."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.http_client import request
from tests.support.programs import as_root
from tests.support.server import ServerProcess
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of
from tgemulator.world.content import SyntheticContent, synthetic_bytes


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A new tmpfs of `size` bytes at `folder`; skips the test where that is not allowed."""
    as_root()
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def free(folder: Path) -> int:
    """Free bytes of the disk."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


async def post_film(world: EmulatedWorld, size: int, seed: int) -> Any:
    """A file whose bytes are those of `seed`; its message."""
    file = world.emulator.files.add(SyntheticContent(size, seed), dc_id=HOME_DC, name=f"{seed}.mp4")
    return await world.emulator.world.post(world.films, file=file)


async def read_film(server: ServerProcess, world: EmulatedWorld, message: Any, size: int, seed: int) -> None:
    """All of its bytes have to be right."""
    reply = await request(server.address, f"/stream/{chat_id_of(world.films)}/{message.id}")
    assert reply.status == 200
    assert reply.body == synthetic_bytes(seed, 0, size)


async def post(world: EmulatedWorld, count: int, *, first: int) -> dict[str, Any]:
    """Small files; their messages by name."""
    posted = {}
    for number in range(first, first + count):
        name = f"small {number}.mp4"
        file = world.emulator.files.add(SyntheticContent(1000, number), dc_id=HOME_DC, name=name)
        posted[name] = await world.emulator.world.post(world.films, file=file)
    return posted


async def listed(server: ServerProcess) -> set[str]:
    """The names of all listed files."""
    found: set[str] = set()
    cursor = ""
    while True:
        reply = await request(server.address, f"/api/catalog?limit=100{f'&cursor={cursor}' if cursor else ''}")
        if reply.status != 200:
            return set()
        page = json.loads(reply.body)
        found |= {item["name"] for item in page["items"]}
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return found
