"""What ffprobe says of a file or URL."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.support.programs import program


@dataclass(frozen=True, slots=True)
class Probe:
    """`streams` as (type, codec) in order; `duration` in seconds; tags and chapters as ffprobe names them."""

    streams: tuple[tuple[str, str], ...]
    duration: float
    tags: dict[str, str]
    chapters: tuple[str, ...]
    raw: dict[str, Any]


def probe(source: str) -> Probe:
    """Ask ffprobe; AssertionError with its words when it cannot read the source or complains about it."""
    command = [program("ffprobe"), "-v", "warning", "-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    done = subprocess.run([*command, source], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), f"{source}: {done.stderr}"
    found = json.loads(done.stdout)
    return Probe(
        streams=tuple((stream["codec_type"], stream["codec_name"]) for stream in found["streams"]),
        duration=float(found["format"].get("duration", 0)),
        tags={name.lower(): value for name, value in found["format"].get("tags", {}).items()},
        chapters=tuple(chapter["tags"]["title"] for chapter in found["chapters"]),
        raw=found,
    )
