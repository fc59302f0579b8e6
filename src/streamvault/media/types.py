"""MIME types of files by their endings, and the types that senders write, as players know them; pure.

The tables are this server's own: those of the interpreter and of the system differ from machine to machine.
"""

import re

from streamvault.media.model import Kind

UNKNOWN = "application/octet-stream"
MIB = 1 << 20

_ENDINGS = {
    "video/mp4": "mp4 m4v mp4v mpg4 f4v",
    "video/x-matroska": "mkv mk3d",
    "video/webm": "webm",
    "video/quicktime": "mov qt",
    "video/x-msvideo": "avi divx",
    "video/mpeg": "mpg mpeg mpe m1v m2v mpv m2p vob",
    "video/mp2t": "ts m2ts mts m2t tp trp",
    "video/ogg": "ogv ogm",
    "video/3gpp": "3gp 3gpp",
    "video/3gpp2": "3g2 3gp2",
    "video/x-ms-wmv": "wmv",
    "video/x-ms-asf": "asf",
    "video/x-ms-wtv": "wtv",
    "video/x-flv": "flv",
    "video/vnd.rn-realvideo": "rmvb rm rv",
    "video/x-dv": "dv",
    "video/x-amv": "amv",
    "application/mxf": "mxf",
    "audio/mpeg": "mp3 mp2 mpga",
    "audio/mp4": "m4a m4b m4p m4r",
    "audio/aac": "aac adts",
    "audio/flac": "flac",
    "audio/ogg": "ogg oga opus spx",
    "audio/wav": "wav wave",
    "audio/webm": "weba",
    "audio/x-matroska": "mka",
    "audio/x-ms-wma": "wma",
    "audio/x-ape": "ape",
    "audio/ac3": "ac3",
    "audio/eac3": "eac3 ec3",
    "audio/vnd.dts": "dts dtshd",
    "audio/x-truehd": "thd truehd",
    "audio/x-wavpack": "wv",
    "audio/x-tta": "tta",
    "audio/x-musepack": "mpc",
    "audio/x-dsf": "dsf",
    "audio/x-dff": "dff",
    "audio/x-caf": "caf",
    "audio/aiff": "aif aiff aifc",
    "audio/amr": "amr",
    "audio/basic": "au snd",
    "audio/midi": "mid midi",
    "audio/vnd.rn-realaudio": "ra",
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/png": "png apng",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/bmp": "bmp",
    "image/tiff": "tif tiff",
    "image/jxl": "jxl",
    "image/svg+xml": "svg svgz",
    "image/vnd.microsoft.icon": "ico",
    "image/vnd.adobe.photoshop": "psd",
    "application/vnd.apple.mpegurl": "m3u8",
    "audio/x-mpegurl": "m3u",
    "audio/x-scpls": "pls",
    "application/xspf+xml": "xspf",
    "application/x-cue": "cue",
    "application/dash+xml": "mpd",
    "video/x-ms-asx": "asx wax wvx",
    "audio/x-pn-realaudio": "ram",
    "application/x-subrip": "srt",
    "text/vtt": "vtt",
    "text/x-ssa": "ass ssa",
    "text/x-microdvd": "sub",
    "text/x-lrc": "lrc",
    "application/x-pgs": "sup",
    "application/x-vobsub": "idx",
    "application/smil+xml": "smi smil",
    "application/ttml+xml": "ttml dfxp",
    "text/plain": "txt text nfo log ini conf cfg",
    "text/markdown": "md markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/html": "html htm",
    "text/css": "css",
    "text/javascript": "js mjs",
    "text/x-python": "py",
    "text/calendar": "ics",
    "text/xml": "xml xsl",
    "application/xhtml+xml": "xhtml",
    "application/json": "json",
    "application/yaml": "yaml yml",
    "application/sql": "sql",
    "application/x-sh": "sh",
    "application/rtf": "rtf",
    "application/pdf": "pdf",
    "application/epub+zip": "epub",
    "application/x-mobipocket-ebook": "mobi prc",
    "application/vnd.amazon.ebook": "azw azw3",
    "application/x-fictionbook+xml": "fb2",
    "image/vnd.djvu": "djvu djv",
    "application/vnd.comicbook+zip": "cbz",
    "application/vnd.comicbook-rar": "cbr",
    "application/msword": "doc dot",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-powerpoint": "ppt pps",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/zip": "zip",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-tar": "tar",
    "application/gzip": "gz tgz",
    "application/x-bzip2": "bz2 tbz2",
    "application/x-xz": "xz txz",
    "application/zstd": "zst",
    "application/x-iso9660-image": "iso",
    "application/vnd.android.package-archive": "apk",
    "application/java-archive": "jar",
    "application/x-msdownload": "exe dll",
    "application/x-msi": "msi",
    "application/x-apple-diskimage": "dmg",
    "application/vnd.debian.binary-package": "deb",
    "application/x-bittorrent": "torrent",
    "application/x-tgsticker": "tgs",
    "application/wasm": "wasm",
    "font/ttf": "ttf",
    "font/otf": "otf",
    "font/woff": "woff",
    "font/woff2": "woff2",
}
"""The endings of each type, the usual one first."""

_ALIASES = {
    "video/mp4": "video/x-mp4 video/mpeg4 video/mp4v-es video/x-m4v video/m4v video/x-mpeg4 video/iso.segment",
    "video/x-matroska": "application/x-mkv application/mkv application/x-matroska application/matroska video/mkv "
    "video/x-mkv video/matroska video/x-matroska-3d",
    "video/webm": "application/webm video/x-webm",
    "video/quicktime": "video/mov video/x-mov video/x-quicktime application/quicktime application/x-quicktimeplayer",
    "video/x-msvideo": "video/avi video/x-avi video/msvideo video/vnd.avi video/divx video/vnd.divx application/avi "
    "application/x-avi application/x-troff-msvideo application/x-msvideo",
    "video/mpeg": "video/mpg video/x-mpeg video/x-mpg video/mpeg2 video/mpeg-2 video/dvd video/x-ms-vob video/x-mpeg2 "
    "application/x-mpeg",
    "video/mp2t": "video/x-mpegts video/mpegts video/mp2ts video/ts video/x-ts video/m2ts video/x-m2ts "
    "video/vnd.dlna.mpeg-tts application/x-mpegts application/mp2t",
    "video/ogg": "video/x-ogg video/x-ogm video/x-ogm+ogg video/x-theora+ogg video/x-theora",
    "video/3gpp": "video/3gp video/x-3gp video/x-3gpp application/3gpp",
    "video/3gpp2": "video/3g2 video/3gp2",
    "video/x-ms-wmv": "video/wmv video/x-wmv application/x-ms-wmv",
    "video/x-ms-asf": "video/asf application/vnd.ms-asf application/x-ms-asf",
    "video/x-flv": "video/flv application/x-flv application/flv application/x-flash-video flv-application/octet-stream",
    "video/vnd.rn-realvideo": "application/vnd.rn-realmedia application/vnd.rn-realmedia-vbr video/x-pn-realvideo "
    "application/x-realmedia video/x-realvideo",
    "audio/mpeg": "audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg audio/x-mpeg-3 audio/mpg audio/x-mpg audio/mpeg-3 "
    "audio/mp2 audio/x-mp2 application/mp3 application/x-mp3",
    "audio/mp4": "audio/m4a audio/x-m4a audio/x-mp4 audio/mp4a-latm audio/x-m4b audio/m4b audio/alac audio/x-alac "
    "application/x-m4a",
    "audio/aac": "audio/x-aac audio/aacp audio/x-aacp audio/vnd.dlna.adts audio/x-hx-aac-adts",
    "audio/flac": "audio/x-flac application/flac application/x-flac audio/x-flac+ogg",
    "audio/ogg": "audio/x-ogg audio/opus audio/x-opus audio/x-opus+ogg audio/vorbis audio/x-vorbis audio/x-vorbis+ogg "
    "audio/oga audio/speex audio/x-speex",
    "audio/wav": "audio/x-wav audio/wave audio/vnd.wave audio/x-pn-wav application/wav application/x-wav",
    "audio/webm": "audio/x-webm",
    "audio/x-matroska": "audio/matroska audio/mka",
    "audio/x-ms-wma": "audio/wma audio/x-wma",
    "audio/x-ape": "audio/ape audio/x-monkeys-audio application/x-ape",
    "audio/ac3": "audio/x-ac3",
    "audio/vnd.dts": "audio/dts audio/x-dts",
    "audio/aiff": "audio/x-aiff audio/x-aif",
    "audio/amr": "audio/x-amr",
    "audio/midi": "audio/mid audio/x-midi application/x-midi",
    "image/jpeg": "image/jpg image/pjpeg image/x-jpeg image/x-jpg",
    "image/png": "image/x-png image/apng image/vnd.mozilla.apng",
    "image/bmp": "image/x-bmp image/x-ms-bmp",
    "image/svg+xml": "image/svg",
    "application/vnd.apple.mpegurl": "application/x-mpegurl application/mpegurl video/mpegurl vnd.apple.mpegurl/audio",
    "audio/x-mpegurl": "audio/mpegurl",
    "audio/x-scpls": "audio/scpls application/pls+xml application/x-scpls",
    "application/x-subrip": "text/srt text/x-srt text/x-subrip application/srt application/subrip text/subrip",
    "text/x-ssa": "text/ssa text/ass text/x-ass application/x-ssa application/x-ass application/ssa",
    "text/vtt": "text/webvtt application/vtt",
    "application/zip": "application/x-zip application/x-zip-compressed",
    "application/vnd.rar": "application/rar application/x-rar application/x-rar-compressed",
    "application/gzip": "application/x-gzip",
    "application/pdf": "application/x-pdf",
    "application/json": "text/json application/x-json",
}
"""Other spellings of these types."""

_GENERIC = frozenset(
    (
        f"{UNKNOWN} binary/octet-stream application/x-octet-stream application/octetstream application/octet "
        "application/force-download application/x-force-download application/download application/x-download "
        "application/binary application/x-binary application/macbinary application/x-macbinary application/save "
        "application/save-as application/unknown application/x-unknown application/x-unknown-content-type "
        "unknown/unknown content/unknown application/data application/file application/x-file "
        "application/x-msdos-program application/x-www-form-urlencoded multipart/form-data "
        "video/unknown audio/unknown video/octet-stream audio/octet-stream"
    ).split()
)
"""Types that tell nothing of the content."""

_BY_ENDING = {ending: mime_type for mime_type, endings in _ENDINGS.items() for ending in endings.split()}
_USUAL = {mime_type: f".{endings.split()[0]}" for mime_type, endings in _ENDINGS.items()}
_KNOWN_AS = {alias: mime_type for mime_type, aliases in _ALIASES.items() for alias in aliases.split()}
_MIME = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})\s*$")
_SPACED = re.compile(
    r"[^\W_][ _]+(mkv|mp4|avi|webm|wmv|flv|m4v|mpe?g|rmvb|m2ts|mp3|flac|m4a|m4b|ogg|opus|wma)\s*$", re.IGNORECASE
)
"""An ending whose dot became a space, as some programs do with all dots of a name."""
_LISTS = frozenset((
    "application/vnd.apple.mpegurl", "audio/x-mpegurl", "audio/x-scpls", "application/xspf+xml", "application/x-cue",
    "application/dash+xml", "video/x-ms-asx", "audio/x-pn-realaudio",
))  # fmt: skip
"""Playlists, some of which have a type of video or audio."""
_SUBTITLES = frozenset((
    "application/x-subrip", "text/vtt", "text/x-ssa", "text/x-microdvd", "text/x-lrc", "application/x-pgs",
    "application/x-vobsub", "application/smil+xml", "application/ttml+xml",
))  # fmt: skip


def type_of(name: str) -> str:
    """The MIME type of a file called `name`; UNKNOWN for an unknown ending."""
    return _BY_ENDING.get(ending_of(name).lower().removeprefix("."), UNKNOWN)


def ending_of(name: str) -> str:
    """The ending of `name` with a dot, if it is a known one, else ""."""
    return split_ending(name)[1]


def split_ending(name: str) -> tuple[str, str]:
    """`name` without its ending, and the ending with a dot; "" without a known one."""
    found = _ENDING.search(name) or _SPACED.search(name)
    if found is None or found[1].lower() not in _BY_ENDING:
        return name, ""
    return name[: found.start(1) - 1], f".{found[1]}"


def usual_ending(mime_type: str) -> str:
    """The ending for files of this type, with its dot; ".bin" for an unknown one."""
    return _USUAL.get(mime_type, ".bin")


def known_type(mime_type: str) -> str:
    """A sender's type without parameters, as players know it; "" for one that is malformed or tells nothing."""
    given = mime_type.partition(";")[0].strip().lower()
    if not _MIME.fullmatch(given) or given in _GENERIC:
        return ""
    return _KNOWN_AS.get(given, given)


def kind_of(mime_type: str) -> Kind:
    """The kind of a file of this MIME type: "video", "audio", or "document" for everything else."""
    if mime_type in _LISTS:
        return "document"
    family = "video" if mime_type == "application/mxf" else mime_type.partition("/")[0]
    return "video" if family == "video" else "audio" if family == "audio" else "document"


def is_playable(mime_type: str) -> bool:
    """Whether media players open files of this type: films, music and pictures, but no playlists and no SVG."""
    return kind_of(mime_type) != "document" or (mime_type.startswith("image/") and mime_type != "image/svg+xml")


def picture_type(data: bytes) -> str:
    """The type of a picture by its first bytes; JPEG, which Telegram's thumbnails are, for all that are not known."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"GIF8"):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else "image/jpeg"


def is_subtitle(mime_type: str) -> bool:
    """Whether it is a type of subtitles or of the words of a song."""
    return mime_type in _SUBTITLES


def is_aside(mime_type: str) -> bool:
    """Whether it is the type of subtitles, playlists and the like, of which the name knows better than any sender."""
    return mime_type in _LISTS or is_subtitle(mime_type)
