"""Films of many containers and codecs, made by the ffmpeg binary once and kept in a folder that all processes share.

Every picture has its number in it (`frame_number` reads it), every sound track its own tone, every subtitle track
numbered cues, so that a test can tell what it got and from when.
"""

import fcntl
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.programs import program

BITS = 16
"""Blocks in the row at the top of every picture: the bits of its number, the lowest at the left."""

KEYS = (0.0, 1.0, 3.4, 4.6, 9.2, 11.0, 16.4, 18.0, 18.8, 23.0, 27.2, 32.0, 34.4, 38.2)
"""Seconds of the key frames: irregular, as scene cuts are."""

_FOLDER = Path(tempfile.gettempdir()) / f"streamvault-films-{os.getuid()}"
BLOCKS = (
    f"nullsrc=s={BITS}x1:r={{rate}}:d={{seconds}},format=gray,geq=lum='if(gt(bitand(N\\,pow(2\\,X))\\,0)\\,235\\,16)'"
)


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound track: a sine of `tone` Hz; `coder` are arguments of ffmpeg without the track's number."""

    coder: tuple[str, ...]
    tone: int = 440
    channels: int = 2
    rate: int = 48_000
    tags: tuple[str, ...] = ()
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One subtitle track with a cue "cue N" (N from 0) of 1.5 seconds at every `every` seconds."""

    coder: str
    every: float = 2.0
    tags: tuple[str, ...] = ()
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Film:
    """What to make. `video` are the coder's arguments (empty: sound only), `output` those of the muxer.

    `chapters` are (start, end, title); `attachments` are (name, MIME type, bytes). `edit` changes the finished bytes;
    its name is part of the recipe.
    """

    suffix: str
    video: tuple[str, ...] = ()
    sounds: tuple[Sound, ...] = ()
    words: tuple[Words, ...] = ()
    seconds: float = 24.0
    rate: str = "25"
    size: str = "320x180"
    keys: tuple[float, ...] = KEYS
    output: tuple[str, ...] = ()
    chapters: tuple[tuple[float, float, str], ...] = ()
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    edit: Callable[[bytes], bytes] | None = field(default=None, compare=False)

    @property
    def path(self) -> Path:
        """The finished film; it is made if it is not there yet."""
        return make(self)


H264 = ("libx264", "-preset", "ultrafast", "-x264-params", "keyint=1000:scenecut=0", "-pix_fmt", "yuv420p")
"""Without B-frames."""
H264_B = ("libx264", "-preset", "veryfast", "-x264-params", "keyint=1000:scenecut=0:bframes=3", "-pix_fmt", "yuv420p")
"""With B-frames and closed groups of pictures."""
AAC = ("aac", "-b:a", "96k")
AC3 = ("ac3", "-b:a", "384k")
EAC3 = ("eac3", "-b:a", "384k")
DTS = ("dca", "-strict", "-2", "-b:a", "768k")


def make(film: Film) -> Path:
    """The path of the film, made at the first call of any process."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    edit = film.edit.__qualname__ if film.edit else ""
    key = hashlib.sha256(f"3 {film!r} {edit}".encode()).hexdigest()[:20]
    path = _FOLDER / f"{key}.{film.suffix}"
    if path.exists():
        return path
    with (_FOLDER / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _make(film, path)
    return path


def _make(film: Film, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
        unfinished = Path(folder) / f"film.{film.suffix}"
        inputs = _Inputs(Path(folder))
        arguments = [*_picture(film, inputs), *_sounds(film, inputs), *_words(film, inputs), *_others(film, inputs)]
        run_ffmpeg([*inputs.arguments, *arguments, "-t", str(film.seconds), *film.output, str(unfinished)])
        if film.edit:
            unfinished.write_bytes(film.edit(unfinished.read_bytes()))
        unfinished.rename(path)


def run_ffmpeg(arguments: Sequence[str], *, given: bytes | None = None) -> bytes:
    """Run ffmpeg; what it writes to standard output. AssertionError with its words when it fails."""
    command = [program("ffmpeg"), "-hide_banner", "-v", "error", "-nostdin", "-y", *arguments]
    if given is not None:
        command.remove("-nostdin")
    done = subprocess.run(command, input=given, capture_output=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def written_by_ffmpeg(arguments: Sequence[str]) -> bytes:
    """What ffmpeg writes to standard output for these arguments, kept as films are."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    path = _FOLDER / hashlib.sha256("\0".join(("1", *arguments)).encode()).hexdigest()[:20]
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
            unfinished = Path(folder) / "written"
            unfinished.write_bytes(run_ffmpeg(arguments))
            unfinished.rename(path)
    return path.read_bytes()


class _Inputs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arguments: list[str] = []
        self.count = 0

    def add(self, *arguments: str) -> int:
        self.arguments += arguments
        self.count += 1
        return self.count - 1

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


def _picture(film: Film, inputs: _Inputs) -> list[str]:
    if not film.video:
        return []
    source = inputs.add("-f", "lavfi", "-i", f"testsrc2=s={film.size}:r={film.rate}:d={film.seconds}")
    blocks = inputs.add("-f", "lavfi", "-i", BLOCKS.format(rate=film.rate, seconds=film.seconds))
    width = film.size.split("x", maxsplit=1)[0]
    graph = f"[{blocks}]scale={width}:16:flags=neighbor[row];[{source}][row]overlay=format=auto[picture]"
    keys = ",".join(str(key) for key in film.keys if key < film.seconds)
    forced = ["-force_key_frames", keys] if keys else []
    return ["-filter_complex", graph, "-map", "[picture]", "-c:v", *film.video, *forced, "-threads", "2"]


def _sounds(film: Film, inputs: _Inputs) -> list[str]:
    arguments = []
    for number, sound in enumerate(film.sounds):
        tone = f"sine=frequency={sound.tone}:sample_rate={sound.rate}:duration={film.seconds}"
        source = inputs.add("-f", "lavfi", "-i", tone)
        coder = [f"{part}:{number}" if part in ("-b:a", "-ac") else part for part in sound.coder]
        arguments += ["-map", f"{source}:a", f"-c:a:{number}", *coder, f"-ac:a:{number}", str(sound.channels)]
        arguments += _described(f"a:{number}", sound.tags, sound.disposition)
    return arguments


def _words(film: Film, inputs: _Inputs) -> list[str]:
    arguments = []
    for number, words in enumerate(film.words):
        source = inputs.add("-i", inputs.file(f"{number}.srt", cues(film.seconds, words.every)))
        arguments += ["-map", f"{source}:s", f"-c:s:{number}", words.coder]
        arguments += _described(f"s:{number}", words.tags, words.disposition)
    return arguments


def _described(track: str, tags: tuple[str, ...], disposition: str) -> list[str]:
    arguments = [part for tag in tags for part in (f"-metadata:s:{track}", tag)]
    return [*arguments, f"-disposition:{track}", disposition or "0"]


def _others(film: Film, inputs: _Inputs) -> list[str]:
    arguments: list[str] = []
    if film.chapters:
        text = ";FFMETADATA1\n"
        for start, end, title in film.chapters:
            text += f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start * 1000:.0f}\nEND={end * 1000:.0f}\ntitle={title}\n"
        source = inputs.add("-f", "ffmetadata", "-i", inputs.file("chapters.txt", text))
        arguments += ["-map_chapters", str(source)]
    for number, (name, mime, content) in enumerate(film.attachments):
        arguments += ["-attach", inputs.file(name, content), f"-metadata:s:t:{number}", f"mimetype={mime}"]
    return arguments


def cues(seconds: float, every: float) -> str:
    """SubRip text with "cue N" at every `every` seconds, 1.5 seconds each."""
    count = int((seconds - 1.5) / every) + 1
    return "".join(
        f"{number + 1}\n{_stamp(number * every)} --> {_stamp(number * every + 1.5)}\ncue {number}\n\n"
        for number in range(count)
    )


def _stamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{milliseconds:03d}"


def frame_number(luma: bytes, stride: int, width: int) -> int:
    """The number in a picture, from its plane of brightness."""
    block = width // BITS
    row = luma[8 * stride : 8 * stride + width]
    return sum(1 << bit for bit in range(BITS) if row[bit * block + block // 2] > 125)


def without_cues(data: bytes) -> bytes:
    """A Matroska file whose index is cut off: it ends behind its last cluster, as broken copies do."""
    return data[: data.rindex(b"\x1c\x53\xbb\x6b")]


OPEN_GOP = ("libx264", "-preset", "veryfast", "-x264-params", "keyint=50:open-gop=1:bframes=3:scenecut=0", "-pix_fmt",
            "yuv420p")  # fmt: skip
"""Key frames at every 2 seconds that are no IDR pictures; for films with `keys=()`."""


def hevc(transfer: str) -> tuple[str, ...]:
    """10 bit and open groups of pictures, which tell these transfer characteristics; for films with `keys=()`."""
    matrix = "bt709:colormatrix=bt709" if transfer == "bt709" else "bt2020:colormatrix=bt2020nc"
    settings = f"log-level=error:keyint=50:open-gop=1:bframes=3:transfer={transfer}:colorprim={matrix}"
    return ("libx265", "-preset", "ultrafast", "-x265-params", settings, "-pix_fmt", "yuv420p10le")


HEVC_PQ = hevc("smpte2084")

FILMS = {
    "mkv": Film(
        "mkv", H264_B,
        (Sound(AC3, 440, 6, tags=("language=eng", "title=Surround"), disposition="default"),
         Sound(AAC, 660, tags=("language=ger",))),
        (Words("subrip", tags=("language=eng",)), Words("ass", tags=("language=fre",), disposition="forced")),
        chapters=((0, 5, "One"), (5, 24, "Two")), attachments=(("a.ttf", "font/ttf", b"x" * 3_000_000),),
    ),
    "mkv without cues": Film("mkv", H264, (Sound(EAC3, 440, 6),), edit=without_cues),
    "mkv live": Film("mkv", H264, (Sound(AAC),), output=("-live", "1")),
    "mkv open gop": Film("mkv", OPEN_GOP, (Sound(AAC),), keys=()),
    "mkv hevc": Film("mkv", HEVC_PQ, (Sound(DTS, channels=6),), keys=()),
    "mkv av1": Film("mkv", ("libsvtav1", "-preset", "12", "-svtav1-params", "keyint=50"), (Sound(("flac",)),), keys=()),
    "webm": Film("webm", ("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p"),
                 (Sound(("libopus",)),)),
    "mp4": Film(
        "mp4", H264_B, (Sound(AC3, channels=6, tags=("language=rus",)), Sound(AAC)), (Words("mov_text"),),
        output=("-movflags", "+faststart"),
    ),
    "mov late index": Film("mov", H264_B, (Sound(AAC),)),
    "mp4 fragmented": Film(
        "mp4", H264_B, (Sound(AAC),), output=("-movflags", "+frag_keyframe+empty_moov+default_base_moof"),
    ),
    "mp4 negative": Film("mp4", H264_B, (Sound(AAC),), output=("-movflags", "+negative_cts_offsets")),
    "mp4 fragmented negative": Film(
        "mp4", H264_B, (Sound(AAC),), output=("-movflags", "+negative_cts_offsets+frag_keyframe+empty_moov"),
    ),
    "avi dropped": Film("avi", H264, (Sound(("libmp3lame", "-q:a", "4")),), output=("-bsf:v", "noise=drop=eq(n\\,1)")),
    "mp4 open gop": Film("mp4", OPEN_GOP, (Sound(AAC),), keys=()),
    "ts": Film("ts", H264_B, (Sound(AC3),)),
    "avi": Film("avi", H264, (Sound(("libmp3lame",)),)),
    "avi xvid": Film("avi", ("mpeg4", "-vtag", "XVID"), (Sound(("libmp3lame",)),), keys=()),
    "mkv mpeg2": Film("mkv", ("mpeg2video",), (Sound(AC3),), keys=()),
    "m4a": Film("m4a", (), (Sound(AAC),)),
    "flac": Film("flac", (), (Sound(("flac",)),)),
    "mka": Film("mka", (), (Sound(("libvorbis",), rate=44_100),)),
}  # fmt: skip
"""Films that many tests share."""
