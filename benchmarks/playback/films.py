"""Films of 720p at 4 Mbit/s with sound of several codecs, made by ffmpeg once and kept in a temporary folder."""

import fcntl
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.streaming.options import Options

SOUNDS = {
    "AC-3": ("6", "-c:a", "ac3", "-b:a", "448k"),
    "E-AC-3": ("6", "-c:a", "eac3", "-b:a", "384k"),
    "DTS": ("6", "-c:a", "dca", "-strict", "-2", "-b:a", "1536k"),
    "AAC": ("2", "-c:a", "aac", "-b:a", "192k"),
}
"""How many channels each sound has, and how it is encoded."""

TONES = {"deu": 500, "eng": 1500}
"""The languages of the sounds of two_sounds, in their order, and how high each is, in Hz."""

_FOLDER = Path(tempfile.gettempdir()) / f"streamvault-bench-films-{os.getuid()}"
_PICTURE = (
    *("-c:v", "libx264", "-preset", "ultrafast", "-b:v", "4M", "-maxrate", "6M", "-bufsize", "8M"),
    *("-x264-params", "keyint=125:min-keyint=20", "-pix_fmt", "yuv420p"),
)


def seconds(options: Options) -> int:
    """How long the films are."""
    return options.scaled(90, 15)


def film(sound: str, options: Options) -> Path:
    """A Matroska film with this one of SOUNDS."""
    length = seconds(options)
    channels, *coder = SOUNDS[sound]
    picture = _made(["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={length}", *_PICTURE])
    noise = [
        f"anoisesrc=c=pink:r=48000:a=0.4:d={length}:seed={number + 1},tremolo=f={number + 2}:d=0.8[{number}]"
        for number in range(int(channels))
    ]
    inputs = "".join(f"[{number}]" for number in range(len(noise)))
    layout = "5.1" if channels == "6" else "stereo"
    graph = ";".join([*noise, f"{inputs}join=inputs={channels}:channel_layout={layout}[sound]"])
    arguments = ["-i", str(picture), "-filter_complex", graph, "-map", "0:v", "-map", "[sound]", "-c:v", "copy"]
    return _made([*arguments, *coder])


def without_index(options: Options) -> Path:
    """The film with AC-3 as Matroska that was written to a pipe: no Cues, no duration."""
    return _made(["-i", str(film("AC-3", options)), "-c", "copy", "-live", "1"])


def two_sounds(options: Options) -> Path:
    """A film with two AC-3 tracks, each one steady tone: see TONES."""
    length = seconds(options)
    picture = _made(["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={length}", *_PICTURE])
    inputs, maps = ["-i", str(picture)], ["-map", "0:v"]
    for number, (language, tone) in enumerate(TONES.items()):
        inputs += ["-f", "lavfi", "-i", f"sine=f={tone}:r=48000:d={length},pan=5.1|c0=c0|c1=c0"]
        maps += ["-map", f"{number + 1}:a", f"-metadata:s:a:{number}", f"language={language}"]
    return _made([*inputs, *maps, "-c:v", "copy", "-c:a", "ac3", "-b:a", "448k"])


def _made(arguments: list[str]) -> Path:
    """The file that ffmpeg makes of these arguments, at the first call of any process."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    key = hashlib.sha256("\0".join(arguments).encode()).hexdigest()[:20]
    path = _FOLDER / f"{key}.mkv"
    with (_FOLDER / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = _FOLDER / f"{key}.unfinished.mkv"
            command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(unfinished)]
            subprocess.run(command, check=True)
            unfinished.rename(path)
    return path
