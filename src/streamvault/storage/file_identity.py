"""Whether the files of an open database still are the ones that were opened."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from streamvault.errors import DatabaseReplaced

FileIdentity: TypeAlias = tuple[int, int]
"""Device and inode."""


def identities(path: Path) -> dict[Path, FileIdentity]:
    """Those of the database at `path` and of its write-ahead log, which holds what was committed last."""
    target = path.resolve()
    files = (path.absolute(), target.with_name(f"{target.name}-wal"))
    return {file: found for file in files if (found := _identity(file)) is not None}


def check_identities(opened: Mapping[Path, FileIdentity]) -> None:
    """Raise DatabaseReplaced if one of the files has been deleted, moved or replaced since `identities`."""
    for file, identity in opened.items():
        if _identity(file) != identity:
            raise DatabaseReplaced(
                f"the database file {file} was deleted or replaced while it was open: move it back, or stop the "
                "server, restore a backup and start it again"
            )


def _identity(file: Path) -> FileIdentity | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino
