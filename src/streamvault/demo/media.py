"""Keeps the demo's media folder complete: makes what is missing or out of date, in two child processes.

A manifest holds the recipes' version and the size of every finished file, so that a second start makes nothing, an
incomplete file is made again, and after a change of the recipes everything is.
"""

import asyncio
import hashlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from streamvault.demo.content.shelves import RECIPES
from streamvault.demo.encode import Film, Song
from streamvault.demo.footage import Reel
from streamvault.demo.make import Facts, thumb_path
from streamvault.demo.recipes import Photo, Recipe
from streamvault.demo.soundtrack import RECORDED
from streamvault.demo.tunes import Tune
from streamvault.errors import StreamVaultError

PROCESSES = 2
MANIFEST = "manifest.json"
_OTHER_SOURCES = (
    "__init__.py", "file_server.py", "leeching.py", "media.py", "posting.py", "run.py", "world.py",
)  # fmt: skip
"""Modules that no file of the folder depends on."""


class MediaError(StreamVaultError):
    """A sample could not be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished file of the folder."""

    path: Path
    facts: Facts

    @property
    def thumb(self) -> Path | None:
        """Its JPEG thumbnail, if it has one."""
        return thumb_path(self.path) if self.facts.thumb_width else None


async def ensure_media(folder: Path, *, report: Callable[[str], None] = lambda name: None) -> dict[str, Sample]:
    """Every file of RECIPES, by name; `report(name)` is called for each that had to be made.

    Raises MediaError if one cannot be made; finished files are kept.
    """
    known = _read_manifest(folder)
    missing = [name for name in RECIPES if name not in known]

    def made(facts: Facts) -> None:
        known[facts.name] = facts
        _write_manifest(folder, known)
        report(facts.name)

    try:
        async with asyncio.TaskGroup() as group:
            for share in _shares(missing):
                group.create_task(_make(folder, share, made=made))
    except* (OSError, MediaError) as failures:
        raise MediaError(f"the demo's media cannot be made: {failures.exceptions[0]}") from failures
    return {name: Sample(folder / name, known[name]) for name in RECIPES}


@cache
def recipes_version() -> str:
    """A hash of what the files depend on: the code that makes them and the versions of its libraries."""
    digest = hashlib.sha256(f"{version('av')} {version('pillow')}".encode())
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        if path.parent != folder or path.name not in _OTHER_SOURCES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _shares(names: list[str]) -> list[list[str]]:
    """`names` divided among the processes so that each has about the same work, the most costly first.

    Those that share a recording are made by one process.
    """
    groups: dict[str | Tune, list[str]] = {}
    for name in names:
        groups.setdefault(_recording_of(RECIPES[name]) or name, []).append(name)
    shares: list[list[str]] = [[] for _ in range(PROCESSES)]
    costs = [0.0] * PROCESSES
    for group in sorted(groups.values(), key=_cost, reverse=True):
        least = costs.index(min(costs))
        shares[least] += group
        costs[least] += _cost(group)
    return [share for share in shares if share]


def _recording_of(recipe: Recipe) -> Tune | None:
    """The tune of whose recording the file has a part."""
    match recipe:
        case Film(tracks=(first, *_)) if first.start is not None:
            return first.tune
        case Song(start=float()):
            return recipe.tune
    return None


def _cost(names: list[str]) -> float:
    """How long a process makes these files, about, in seconds of a landscape film."""
    recording = RECORDED * 0.15 if _recording_of(RECIPES[names[0]]) else 0.0
    return recording + sum(_own_cost(RECIPES[name]) for name in names)


def _own_cost(recipe: Recipe) -> float:
    match recipe:
        case Film(scene=Reel()):
            return recipe.seconds * (0.4 if recipe.codec == "libx265" else 0.1)
        case Film():
            return recipe.seconds * (2.0 if recipe.codec == "libvpx" else 1.0)
        case Song(start=None):
            return recipe.seconds * 0.15
        case Photo() | Song():
            return 0.5
    return 0.2


async def _make(folder: Path, names: list[str], *, made: Callable[[Facts], None]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "streamvault.demo.make", str(folder), *names, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.TaskGroup() as group:
            errors = group.create_task(_read_all(process))
            group.create_task(_read_facts(process, made))
        if await process.wait():
            last = errors.result().decode(errors="replace").strip().rpartition("\n")[2]
            raise MediaError(last or f"the child process ended with code {process.returncode}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _read_facts(process: Process, made: Callable[[Facts], None]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        made(Facts(**json.loads(line)))


async def _read_all(process: Process) -> bytes:
    assert process.stderr is not None
    return await process.stderr.read()


def _read_manifest(folder: Path) -> dict[str, Facts]:
    """The finished files that are still complete; none if the recipes have changed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        facts = [Facts(**entry) for entry in manifest["files"]] if manifest["version"] == recipes_version() else []
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
    return {fact.name: fact for fact in facts if fact.name in RECIPES and _is_complete(folder / fact.name, fact)}


def _is_complete(path: Path, facts: Facts) -> bool:
    complete = path.is_file() and path.stat().st_size == facts.size
    return complete and (not facts.thumb_width or thumb_path(path).is_file())


def _write_manifest(folder: Path, known: dict[str, Facts]) -> None:
    part = folder / f"{MANIFEST}.part"
    part.write_text(
        json.dumps({"version": recipes_version(), "files": [asdict(known[name]) for name in sorted(known)]}, indent=1)
    )
    os.replace(part, folder / MANIFEST)
