"""Opens files whose pictures begin late, so that the usual look at the beginning does not describe them."""

from collections.abc import Mapping
from typing import Any

import av

_LONGER = {"probesize": str(24 << 20), "analyzeduration": "90000000"}
"""Bytes, and microseconds: for the pictures of a broadcast whose sound began before them."""


def open_described(file: Any, options: Mapping[str, str]) -> Any:
    """The container of a file object, read from its beginning. Raises av.FFmpegError."""
    container = _open(file, options)
    if is_described(container):
        return container
    container.close()
    return _open(file, {**options, **_LONGER})


def is_described(container: Any) -> bool:
    """Whether the pictures of a transport stream have been seen, which describe themselves."""
    return container.format.name != "mpegts" or all(
        stream.codec_context is not None and stream.codec_context.extradata and stream.codec_context.width
        for stream in container.streams.video
        if stream.codec_context is None or stream.codec_context.name in ("h264", "hevc")
    )


def _open(file: Any, options: Mapping[str, str]) -> Any:
    file.seek(0)
    return av.open(file, options=dict(options), metadata_errors="replace")
