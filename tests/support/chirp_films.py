"""Films made by ffmpeg, each once per machine, in a folder that all processes of the tests share."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.gettempdir()) / f"streamvault-chirps-{os.getuid()}"


def made(name: str, *arguments: str) -> Path:
    """The file that ffmpeg makes of these arguments; `name` gives its ending."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    key = hashlib.sha256("\0".join((name, *arguments)).encode()).hexdigest()[:16]
    path = _FOLDER / f"{key}-{name}"
    if not path.exists():
        part = path.with_name(f"{os.getpid()}-{path.name}")
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, "-fflags", "+bitexact", str(part)]
        subprocess.run(command, check=True)
        part.rename(path)
    return path


def picture(seconds: float, *, rate: str = "24", size: str = "320x180") -> tuple[str, ...]:
    """A moving picture."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")


def chirp(seconds: float, *, rate: int = 48_000, low: int = 200, channels: str = "FL|FR") -> tuple[str, ...]:
    """A tone that rises by 40 Hz a second, in which every moment differs from every other."""
    tone = f"0.4*sin(2*PI*({low}*t+20*t*t))"
    layout = "stereo" if channels == "FL|FR" else channels
    count = 2 if layout == "stereo" else 6
    return ("-f", "lavfi", "-i", f"aevalsrc={'|'.join([tone] * count)}:s={rate}:d={seconds}:c={layout}")


X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-b:v", "300k", "-g", "48", "-x264-params", "scenecut=0:open-gop=0")
IRREGULAR = ("-force_key_frames", "0.7,2.3,5.1,5.9,8.2,11.0,13.4,16.6")


def many_sounds() -> Path:
    """20 s of H.264 with B-frames and irregular key frames; AC-3, E-AC-3, DTS, MP3 and AAC of 44.1 kHz, FLAC, Opus."""
    return made(
        "sounds.mkv", *picture(20), *chirp(20), *chirp(20, rate=44_100), *["-map", "0"], *["-map", "1"] * 3,
        *["-map", "2"] * 2, *["-map", "1"] * 2, *X264, "-bf", "2", *IRREGULAR, "-strict", "-2",
        "-c:a:0", "ac3", "-c:a:1", "eac3", "-c:a:2", "dca", "-c:a:3", "libmp3lame", "-c:a:4", "aac", "-c:a:5", "flac",
        "-c:a:6", "libopus",
    )  # fmt: skip


def short_film() -> Path:
    """8 s of H.264 and AC-3."""
    return made(
        "short.mkv", *picture(8), *chirp(8), *X264, "-bf", "2", "-force_key_frames", "0.7,2.3,5.1", "-c:a", "ac3",
    )  # fmt: skip


_LC, _HE = bytes.fromhex("131056e500"), bytes.fromhex("2b11880000")
"""AudioSpecificConfig of AAC-LC of 24 kHz in stereo, and of HE-AAC with the same core."""


def he_aac(folder: Path, *, late: float = 0.0) -> Path:
    """8 s of H.264 and HE-AAC of 48 kHz without high tones, whose sound begins `late` seconds after the pictures."""
    plain = made(
        "he.mkv", *picture(8), "-itsoffset", str(late), *chirp(8 - late, rate=24_000), "-map", "0", "-map", "1", *X264,
        "-force_key_frames", "0.7,2.3,5.1", "-c:a", "aac",
    )  # fmt: skip
    data = plain.read_bytes()
    assert data.count(_LC) == 1
    path = folder / "he.mkv"
    path.write_bytes(data.replace(_LC, _HE))
    return path
