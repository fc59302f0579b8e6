"""Becomes a program that ends with its parent, run as `python -IS launch.py LIMITS PROGRAM ARGUMENT...`.

LIMITS are numbers with commas: the parent's process id (0: that of the process group's leader), how much nicer, and
at most how many seconds of processor time, bytes of memory, bytes of a file, and open files; 0 leaves one as it is. A
program of `guarded` reads files of unknown origin: each of its inputs is limited to what is on this machine, and to
formats that name no other file.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import PurePath

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
FORMATS = (
    "aac,ac3,aiff,apng,ass,avi,caf,dts,eac3,flac,flv,gif,h264,hevc,image2,jpeg_pipe,m4v,matroska,mjpeg,mov,mp3,mp4,mpeg,"
    "mpegts,mpegvideo,ogg,png_pipe,srt,truehd,wav,webm,webp_pipe,webvtt,wv"
)
"""Demuxers of FFmpeg that open no other file: neither playlists nor scripts."""
GUARD = ("-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS)


def main(limits: str, program: str, *arguments: str) -> None:
    """Does not return. Exit code 127 where the program cannot be run."""
    parent, nicer, seconds, memory, size, files = map(int, limits.split(","))
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != (parent or os.getpgrp()):  # it ended before the kernel was told
        sys.exit(1)
    for kind, most in (
        (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_NOFILE, files),
    ):  # fmt: skip
        if most:
            resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(nicer)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execv(program, [program, *guarded(program, arguments)])  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        print(f"{program} cannot be run: {error.strerror}", file=sys.stderr)  # noqa: T201
        os._exit(127)


def guarded(program: str, arguments: "tuple[str, ...]") -> "list[str]":
    """The arguments, with GUARD before each input of ffmpeg and ffprobe."""
    name = PurePath(program).name
    if name == "ffprobe":
        return [*GUARD, *arguments]
    if name != "ffmpeg":
        return list(arguments)
    return [part for one in arguments for part in ((*GUARD, one) if one == "-i" else (one,))]


if __name__ == "__main__":
    main(*sys.argv[1:])
