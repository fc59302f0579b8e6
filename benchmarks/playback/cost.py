"""Processor time and memory of the processes that repackage films, beside one ffmpeg that does the same."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

from benchmarks.playback.films import SOUNDS, film, seconds
from benchmarks.playback.workshop import Workshop, workshop
from benchmarks.streaming.options import MIB, Options
from benchmarks.streaming.table import Line, Target
from streamvault.playback.model import Probed

_TARGETS = {"AC-3": 3.0, "E-AC-3": 3.0, "DTS": 4.0, "AAC": 1.0}
_ENCODED = ("-c:a", "aac", "-ac", "2", "-b:a", "192k", "-aac_coder", "fast", "-aac_is", "0")
_PROBES = 10


def cost(options: Options) -> list[Line]:
    """The lines of all sounds."""
    return [line for sound in SOUNDS for line in asyncio.run(_of(sound, options))]


async def _of(sound: str, options: Options) -> list[Line]:
    path, length = film(sound, options), seconds(options)
    case = "picture and AAC copied" if sound == "AAC" else f"picture copied, {sound} encoded"
    whole = Line(f"a {case}: processor time of the sandbox", "% of a core", Target("<=", _TARGETS[sound]))
    picture = Line("a of that, the picture", "% of a core")
    memory = Line(f"a {case}: resident memory of a fork, at most", "MiB", Target("<=", 200.0, worst=True))
    async with workshop(path.read_bytes()) as shop:
        probed, probes = await _probe(shop, case)
        for run in range(options.runs + 1):
            pictures, sounds = await _made(shop, probed)
            theirs = _ffmpeg(path, sound) / length * 100
            if run:  # the first one loads code
                whole.add((pictures + sounds) / length * 100, sequential=theirs)
                picture.add(pictures / length * 100)
        shop.weigh = True
        await _made(shop, probed)
        memory.add(shop.peak / MIB)
        memory.note = f"{shop.own / MIB:.0f} MiB of it shared with nobody at its end"
    return [whole, picture, memory, *probes]


async def _probe(shop: Workshop, case: str) -> tuple[Probed, list[Line]]:
    """What a warm probe costs."""
    took = Line(f"a {case}: probe, warm", "ms", Target("<=", 150.0))
    read = Line("a bytes read for it", "MB", Target("<=", 1.0))
    probed, _ = await shop.probe()
    for _ in range(_PROBES):
        began = time.perf_counter()
        _, count = await shop.probe()
        took.add((time.perf_counter() - began) * 1e3)
        read.add(count / 1e6)
    return probed, [took, read]


async def _made(shop: Workshop, probed: Probed) -> tuple[float, float]:
    """Seconds of processor time for all segments of the picture and of the sound."""
    async with shop.service(probed) as (service, whole):
        sound = next(track.index for track in whole.timeline.facts.of_type("audio"))
        times = [shop.used()]
        for track in (whole.video, sound):
            for number in range(len(whole.timeline.cuts)):
                await service.segment(whole, track, number, viewer="benchmark")
            times.append(shop.used())
    return times[1] - times[0], times[2] - times[1]


def _ffmpeg(path: Path, sound: str) -> float:
    """Processor seconds of one continuous ffmpeg."""
    coder = ("-c:a", "copy") if sound == "AAC" else _ENCODED
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", str(path), "-c:v", "copy", *coder]
    command += ["-movflags", "empty_moov+frag_keyframe+default_base_moof", "-f", "mp4", "-y", os.devnull]
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"ffmpeg ended with {process.returncode}")
    return used.ru_utime + used.ru_stime
