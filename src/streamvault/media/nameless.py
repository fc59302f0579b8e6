"""Names of files that say nothing: those of cameras, programs and downloads; pure."""

import re
import unicodedata
from typing import Literal

from streamvault.media.release_words import LOOKED_AT, QUALITY, YEAR, has_title

Told = Literal["nothing", "little", "enough"]

_WORDS = frozenset((
    "am", "animation", "at", "attachment", "aud", "audio", "cam", "camera", "capture", "clip", "compressed",
    "converted", "copy", "default", "dji", "doc", "document", "download", "downloaded", "downloads", "dsc", "dscf",
    "dscn", "edited", "export", "file", "files", "film", "films", "final", "full", "gh", "gif", "gopr", "gp", "gx",
    "hd", "image", "img", "index", "inshot", "instagram", "lv", "master", "media", "mkv", "mov", "movie", "movies",
    "mp", "mp3", "mp4", "music", "mvi", "name", "new", "no", "noname", "note", "original", "out", "output", "photo",
    "pic", "picture", "play", "playback", "playlist", "pm", "pxl", "rec", "received", "record", "recording", "reel",
    "reels", "result", "screen", "screencast", "screenrecord", "screenrecorder", "screenrecording",
    "signal", "snaptik", "song", "sound", "ssstik", "sticker", "stream", "telegram", "temp", "test", "tiktok",
    "title", "tmp", "track", "trim", "trimmed", "ts", "unknown", "unnamed", "untitled", "upload", "viber", "vid",
    "video", "videoplayback", "videos", "voice", "wa", "whatsapp",
    "без", "имени", "названия", "видео", "фильм", "файл", "документ", "запись", "аудио", "клип", "новый", "відео",
    "фото", "музыка", "песня", "кино",
    "datei", "aufnahme", "unbenannt", "película", "pelicula", "archivo", "vidéo", "vidéos", "fichier", "arquivo",
    "filme", "filmato", "adsız", "dosya", "wideo", "plik", "bez", "nazwy",
    "فيديو", "فيلم", "ملف", "ویدیو", "فیلم", "فایل", "वीडियो", "वीडियो",
    "视频", "影片", "電影", "电影", "文件", "未命名", "動画", "無題", "録画", "映画", "동영상", "영상", "제목없음",
))  # fmt: skip
"""Words that name no content."""
_NUMBERED = re.compile(r"([^\W\d_]+)\d+")
_RANDOM = re.compile(
    r"(?=.*\d)(?i:[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|tmp[a-z0-9_]{6,8})"
    r"|(?:[AB][gQA]A[CD]|C[QgA]A[CD])[\w-]{14,}"
)
"""Hashes, UUIDs, temporary files and identifiers of Telegram's files."""
_RECORDING = re.compile(
    r"\W*(?:(?:vid|img|pxl|mvi|dscn?f?|gopr|g[hpx]\d{2,}|dji|whatsapp|signal|viber|inshot|screen\s?rec\w*|screen-?\d|zoom|cam"
    r"|camera|wa)(?![a-z])|(?:19|20)\d{6}[-_ ]\d{4,6})",
    re.IGNORECASE,
)
"""How cameras, phones and messengers begin the names of what they record."""
_NUMBERS = 2
"""That end in a year at most, if it is that of a film: three are a date."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e")
"""Letters and marks that show nothing."""


def visible(name: str) -> str:
    """`name` if it shows anything, else "": it may consist of spaces, zero-width and control characters."""
    return name if any(_shows(char) for char in name) else ""


def told_by(stem: str) -> Told:
    """How much a name without its ending tells of the content.

    "little": a number that may be a title, words that may be one beside a year (Movie 43 2013), or the number of an
    episode without a title.
    """
    stem = stem[:LOOKED_AT]
    words = re.findall(r"[^\W_]+", QUALITY.sub(" ", stem.casefold()))
    if not words or _RANDOM.fullmatch(stem.strip()):
        return "nothing"
    if not has_title(stem):
        return "little"
    if not all(_is_empty(word) for word in words):
        return "enough"
    numbers = [word for word in words if word.isdecimal()]
    if len(words) == len(numbers):  # 300, 1917, 11.14
        return "little" if len(words) == 2 or (len(words[0]) in (3, 4) and words[0][0] != "0") else "nothing"
    dated = len(words) > 2 and (len(numbers) > _NUMBERS or _RECORDING.match(stem))
    year = YEAR.fullmatch(words[-1]) or (len(words) == 2 and YEAR.fullmatch(words[0]))
    return "little" if year and not dated else "nothing"


def is_recording(name: str) -> bool:
    """Whether a camera or a phone has named this file."""
    return _RECORDING.match(name) is not None and told_by(name.rpartition(".")[0] or name) == "nothing"


def _is_empty(word: str) -> bool:
    if word.isdecimal() or word in _WORDS:
        return True
    numbered = _NUMBERED.fullmatch(word)
    return numbered is not None and numbered[1] in _WORDS


def _shows(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ" and unicodedata.category(char) != "Mn" and char not in _BLANK
