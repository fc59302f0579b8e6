"""What is told of a file that is about to be posted, by a job of the sandbox; the answer of the job is not trusted."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from streamvault.errors import SourceUnavailable
from streamvault.media.uploads import MAX_THUMB, Audio, Video
from streamvault.playback.model import Facts
from streamvault.playback.packing import facts_from_json
from streamvault.reading.sandbox.again import Run, run_again
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result

log = logging.getLogger(__name__)

MODULE = "streamvault.playback.making.posted"
"""The module of the job, to be loaded by the sandbox."""
LIMITS = JobLimits(read=32 << 20, cpu=20, wall=120.0, source=60.0, result=MAX_THUMB + (512 << 10), ends=True)
LONGEST = 86_400.0
"""Seconds of a film at most; what claims more has a clock that is wrong."""
_MOST_SIDE = 32_768


@dataclass(frozen=True, slots=True)
class Shown:
    """How a file is shown; None where it is neither film nor music, or cannot be read, its duration included, without
    which players show none. `thumb` is a JPEG.
    """

    shown_as: Video | Audio | None = None
    thumb: bytes | None = field(default=None, repr=False)


async def look_into(
    run: Run, read: ReadCells, *, size: int, held: Sequence[tuple[int, int]], index_first: bool
) -> Shown:
    """Look into a file of `size` bytes, of which the spans `held` can be read by `read`. `run` is Sandbox.run.

    `index_first`: its first bytes are those of an MP4 file with the index before the media. Raises what `read` raises,
    and SourceUnavailable if no process can be started or it was killed.
    """
    job = Job(f"{MODULE}:look", size, arguments={"held": [list(span) for span in held]}, limits=LIMITS)
    try:
        result = await run_again(run, job, read)
    except JobFailed as failed:
        if failed.killed or not failed.has_read:
            raise SourceUnavailable("the process that looks into media files does not work") from failed
        log.info("a file that is posted cannot be looked into: %s", failed)
        return Shown()
    try:
        facts = facts_from_json(result.answer["facts"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Shown()
    return Shown(_shown_as(facts, result, index_first=index_first), _thumb(result.data))


def streams(facts: Facts, *, index_first: bool) -> bool:
    """Whether Telegram's apps play it while it is loaded: an MP4 with its index in front, and what phones decode."""
    video, sound = facts.video, facts.of_type("audio")
    if facts.container != "mp4" or facts.fragmented or not index_first or video is None:
        return False
    decoded = (video.codec == "h264" and (video.bit_depth or 8) == 8 and "4:" not in video.profile) or (
        video.codec == "hevc" and (video.bit_depth or 8) <= 10 and video.hdr != "dovi"
    )
    return decoded and all(track.codec in ("aac", "mp3") for track in sound[:1])


def _shown_as(facts: Facts, result: Result, *, index_first: bool) -> Video | Audio | None:
    video, sound, duration = facts.video, facts.of_type("audio"), _duration(facts)
    if duration is None:
        return None
    if video is not None:
        width, height = video.width or 0, video.height or 0
        if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE):
            return None
        streaming = streams(facts, index_first=index_first)
        return Video(duration, width, height, streaming=streaming, sound=bool(sound))
    if not sound:
        return None
    return Audio(duration, _text(result, "title"), _text(result, "performer"))


def _duration(facts: Facts) -> float | None:
    """Seconds; None where what the file says is no duration, or its clock, which alone tells it, may not be right."""
    if facts.duration is None or not math.isfinite(facts.duration) or not 0 < facts.duration <= LONGEST:
        return None
    return None if facts.container == "mpegts" and facts.reason else facts.duration


def _text(result: Result, name: str) -> str | None:
    value = result.answer.get(name)
    return value[:200] if isinstance(value, str) and value else None


def _thumb(data: bytes) -> bytes | None:
    return data if data.startswith(b"\xff\xd8") and len(data) <= MAX_THUMB else None
