"""The work of `streamvault catalog`: the catalog and what belongs to people, to a file and back."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from streamvault.catalog.transfer import export_catalog, import_catalog
from streamvault.database import connected_database
from streamvault.datadir import open_data_dir
from streamvault.errors import ConfigError
from streamvault.settings import LocalSettings

Say = Callable[[str], None]
_REPORT_EVERY = 10_000


async def export_to(settings: LocalSettings, name: str, *, say: Say) -> None:
    """Write the catalog to the file `name`, which appears only once it is complete; "-" is standard output."""
    _open_folder(settings)
    count = 0
    async with connected_database(settings) as database:
        with _open_output(name) as out:
            async for line in export_catalog(database.catalog, database.personal):
                out.write(line)
                if line.startswith(b'{"file"'):
                    count += 1
                    if count % _REPORT_EVERY == 0:
                        say(f"{count} files")
    say(f"{count} files exported")


async def import_from(settings: LocalSettings, name: str, *, say: Say) -> None:
    """Add the export in the file `name` to the catalog; "-" is standard input."""
    _open_folder(settings)
    async with connected_database(settings) as database:
        with _open_input(name) as source:
            catalog, personal = database.catalog, database.personal
            count = await import_catalog(catalog, personal, source, progress=lambda files: say(f"{files} files"))
    say(f"{count} files imported")


def _open_folder(settings: LocalSettings) -> None:
    """Check DATA_DIR, and make it, where the database is in it."""
    if settings.mongodb_url is None and settings.database_path.is_relative_to(settings.data_dir):
        open_data_dir(settings.data_dir)


@contextmanager
def _open_output(name: str) -> Iterator[BinaryIO]:
    unfinished = Path(f"{name}.part")
    try:
        if name == "-":
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        with open(unfinished, "wb", opener=_owner_only) as out:
            yield out
        unfinished.replace(name)
    except OSError as error:
        raise ConfigError(f"the export cannot be written to {name}: {error.strerror}") from error
    finally:
        if name != "-":
            unfinished.unlink(missing_ok=True)


@contextmanager
def _open_input(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as source:
            yield source
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from error


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
