"""Makes room on a full disk before a server starts."""

import logging
from pathlib import Path

from streamvault.reading.cache.folder import Folder
from streamvault.reading.cache.space import space_of

log = logging.getLogger(__name__)


def make_room(data_dir: Path, caches: tuple[str, ...]) -> None:
    """Remove the oldest segments of these folders in DATA_DIR until the reserve is free.

    For the start, before anything else is opened: a server that is restarted on a full disk needs its database first.
    A cache that another process uses is left alone, and so is one that cannot be read.
    """
    for name in caches:
        try:
            if not (data_dir / name).is_dir() or space_of(data_dir).spare >= 0:
                continue
            folder = Folder(data_dir / name)
        except OSError as error:
            log.debug("no room can be made in %s: %s", data_dir / name, error)
            continue
        removed = 0
        try:
            for segment in folder.scan():
                if space_of(data_dir).spare >= 0:
                    break
                folder.remove(segment.name)
                removed += segment.allocated
        except OSError as error:
            log.info("no room can be made in %s: %s", data_dir / name, error)
        finally:
            folder.close()
        if removed:
            log.warning("the disk of %s is full: %d MiB of the cache were removed", data_dir, removed >> 20)
