"""The names of a video and of what belongs to it; pure."""

import re
from pathlib import PurePath

from streamvault.leech.file_names import LONGEST, clean_name, shortened
from streamvault.leech.ytdlp.lines import Beside, Entry

_ENDING = re.compile(r"[A-Za-z0-9]{1,8}")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,20}")


def video_name(entry: Entry, ext: str | None = None) -> str:
    """Title and ending. `ext`: of the file, where it is another one than was told."""
    ending = ext or entry.ext
    title = clean_name(entry.title.replace("/", "\u29f8").replace("\\", "\u29f9"), fallback=clean_name(entry.id))
    return _ended(title, f".{ending}" if _ENDING.fullmatch(ending) else "")


def beside_name(video: str, beside: Beside) -> str:
    """The name of subtitles beside a posted video, e.g. `Film.en.vtt`."""
    stem = video[: -len(PurePath(video).suffix)] if _ENDING.fullmatch(PurePath(video).suffix[1:]) else video
    language = f".{beside.language}" if _LANGUAGE.fullmatch(beside.language) else ""
    return _ended(stem, f"{language}.{beside.ext}")


def _ended(stem: str, ending: str) -> str:
    room = LONGEST - len(ending.encode())
    cut = stem.encode()[:room].decode(errors="ignore").rstrip(". ") if len(stem.encode()) > room else stem
    return shortened((cut or "video") + ending)
