"""Reads what a media file holds, and where its key frames are, in few bytes of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import av

from streamvault.playback.making.avi import probe_avi
from streamvault.playback.making.matroska_probe import probe_matroska
from streamvault.playback.making.mp4_probe import probe_mp4
from streamvault.playback.making.opened import open_file, probe_other
from streamvault.playback.making.reading import BadFile, read_at
from streamvault.playback.making.transport import probe_transport
from streamvault.playback.model import Facts, Probed
from streamvault.playback.packing import NO_KEYS, TooLarge, facts_to_json, pack_keys
from streamvault.reading.sandbox.model import BoundedFile, Call, ReadLimit


def probe(call: Call) -> Mapping[str, Any]:
    """A JobFunction: `facts` as facts_to_json makes them; the bytes of the result are those of pack_keys.

    A file that cannot be read is not an error: its facts have a `reason`.
    """
    found = probe_file(call.file)
    try:
        packed = pack_keys(found.keys)
    except TooLarge as error:
        found = refused(str(error), found.facts)
        packed = pack_keys(found.keys)
    call.write(packed)
    return {"facts": facts_to_json(found.facts)}


def refused(reason: str, facts: Facts | None = None) -> Probed:
    """What is told of a file that cannot be cut."""
    facts = facts or Facts(container="", duration=None, seekable=False)
    return Probed(replace(facts, reason=facts.reason or reason), NO_KEYS)


def probe_file(file: BoundedFile) -> Probed:
    """Facts and key frames of the file."""
    try:
        found = _probe(file, read_at(file, 0, 16))
    except BadFile as error:
        return refused(str(error))
    except ReadLimit:
        return refused("too much of the file would have to be read to find out what it holds")
    except av.FFmpegError as error:
        return refused(f"the file cannot be read: {error.strerror}")
    if not found.facts.reason and not found.keys.keys:
        return refused("nothing was found in the file at which it can be cut into segments", found.facts)
    return replace(found, keys=NO_KEYS) if found.facts.reason else found


def _probe(file: BoundedFile, head: bytes) -> Probed:
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return probe_matroska(file)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"):
        return probe_mp4(file)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return probe_avi(file)
    with open_file(file) as container:
        if container.format.name == "mpegts":
            return probe_transport(file, container)
        return probe_other(container)
