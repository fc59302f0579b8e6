"""The child process that works at one torrent: `python -I -m streamvault.leech.torrents.program`.

It reads one JSON object from its standard input; `do` says what is wanted, and it prints JSON objects, a line each,
whose `say` is what `lines` reads:

- `contents`: of a torrent, its files; it reaches nothing.
- `look`: the description that peers have of a magnet link.
- `fetch`: files of a torrent, under the names that are given. Those that are there already are kept as far as their
  hashes are right.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import libtorrent as lt

from streamvault.leech.torrents.libtorrent_session import (
    bare,
    decoded,
    encoded,
    join_magnet,
    magnet_of,
    prepare,
    session_of,
    torrent_of,
)

LOOK = 0.25
"""Seconds between two looks at how far it is."""
MOST_FILES = 10_000
_CHUNK = 512 * 1024
_FIRST, _NEXT = 7, 4
"""Priorities."""
_CHECKING = (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data)


class _Failed(Exception):
    """A torrent cannot be gone on with now."""


def main() -> int:
    """Exit code 0 when it is done; 1, and it has said why, when it cannot be."""
    asked = json.loads(sys.stdin.buffer.read())
    try:
        {"contents": _contents, "look": _look, "fetch": _fetch}[asked["do"]](asked)
    except _Failed as error:
        _say("error", kind="disk", why=str(error))
        return 1
    except RuntimeError as error:
        _say("error", kind="torrent", why=str(error))
        return 1
    return 0


def _say(what: str, **more: object) -> None:
    print(json.dumps({"say": what, **more}), flush=True)  # noqa: T201 - this is what the parent reads


def _contents(asked: Mapping[str, Any]) -> None:
    info = torrent_of(decoded(asked["torrent"])).ti
    if info is None or not info.is_valid():
        raise RuntimeError("it holds no description")
    files, hashes = info.files(), info.info_hashes()
    count = files.num_files()
    if count > MOST_FILES:
        raise RuntimeError(f"it has {count:,} files, and at most {MOST_FILES:,} are read")
    v1, v2 = hashes.has_v1() and str(hashes.v1), hashes.has_v2() and str(hashes.v2)
    for index in range(count):
        flags = files.file_flags(index)
        kind = "padding" if flags & lt.file_flags_t.flag_pad_file else "file"
        kind = "link" if flags & lt.file_flags_t.flag_symlink else kind
        _say("entry", path=files.file_path(index), size=files.file_size(index), kind=kind)
    _say(
        "contents", name=info.name(), v1=v1 or None, v2=v2 or None, private=info.priv(), piece=info.piece_length(),
        total=info.total_size(),
    )  # fmt: skip


def _look(asked: Mapping[str, Any]) -> None:
    params = magnet_of(asked["magnet"])
    prepare(params, asked["folder"], private=asked["private"])
    params.flags |= lt.torrent_flags.upload_mode | lt.torrent_flags.default_dont_download
    session = session_of(asked["way"], "" if asked["private"] else asked["dht"])
    handle = session.add_torrent(params)
    telling = _Telling()
    while not (status := handle.status()).has_metadata:
        telling(status)
        _refuse_failed(session, status)
        session.wait_for_alert(int(LOOK * 1000))
    info = handle.torrent_file()
    assert info is not None
    data = encoded(bare(info))
    for at in range(0, len(data), _CHUNK):
        _say("described", data=data[at : at + _CHUNK])


def _fetch(asked: Mapping[str, Any]) -> None:
    params = torrent_of(decoded(asked["torrent"]))
    if asked["magnet"]:
        join_magnet(params, asked["magnet"])
    prepare(params, asked["folder"], private=asked["private"])
    assert params.ti is not None
    wanted = {int(index): name for index, name in asked["files"].items()}
    count = params.ti.num_files()
    params.renamed_files = {index: wanted.get(index, f"unwanted/{index}") for index in range(count)}
    params.file_priorities = [_NEXT if index in wanted else 0 for index in range(count)]
    session = session_of(asked["way"], "" if asked["private"] else asked["dht"])
    handle = session.add_torrent(params)
    sizes = {index: params.ti.files().file_size(index) for index in wanted}
    _follow(session, handle, sizes)


def _follow(session: lt.session, handle: lt.torrent_handle, left: dict[int, int]) -> None:
    """Say which files are complete, until all are; the first one comes before the others."""
    telling, first = _Telling(), -1
    while left:
        if first not in left:
            first = next(iter(left))
            handle.file_priority(first, _FIRST)
        status = handle.status()
        telling(status)
        _refuse_failed(session, status)
        if status.state not in _CHECKING:
            done = handle.file_progress(lt.torrent_handle.piece_granularity)
            complete = [index for index, size in left.items() if done[index] == size]
            if complete:
                _flush(session, handle)
            for index in complete:
                del left[index]
                _say("complete", index=index)
        if left:
            session.wait_for_alert(int(LOOK * 1000))


def _flush(session: lt.session, handle: lt.torrent_handle) -> None:
    """Return when all that was hashed is in files."""
    handle.flush_cache()
    while True:
        session.wait_for_alert(1000)
        alerts = session.pop_alerts()
        _refuse_alerts(alerts)
        if any(isinstance(one, lt.cache_flushed_alert) for one in alerts):
            return


class _Telling:
    """Says how far it is, once a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, status: lt.torrent_status) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1.0
        _say(
            "progress", done=status.total_wanted_done, total=status.total_wanted, rate=status.download_payload_rate,
            peers=status.num_peers, known=status.list_peers, checking=status.state in _CHECKING,
        )  # fmt: skip


def _refuse_failed(session: lt.session, status: lt.torrent_status) -> None:
    _refuse_alerts(session.pop_alerts())
    if status.errc.value():
        raise _Failed(status.errc.message())


def _refuse_alerts(alerts: list[lt.alert]) -> None:
    for one in alerts:
        if isinstance(one, lt.file_error_alert):
            raise _Failed(one.error.message())
        if isinstance(one, lt.metadata_failed_alert):
            raise _Failed("its peers describe another torrent")


if __name__ == "__main__":
    os._exit(main())  # a session takes seconds to end
