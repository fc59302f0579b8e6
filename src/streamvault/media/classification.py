"""Decides what a file is: its kind, name and MIME type, from all that its message says of it; pure.

Telegram's kind tells how a file was sent: films are sent as documents, too, and long ones as animations. Senders write
types that nobody knows, or that tell nothing; then the ending decides. A name that says nothing gives way to the text
beside the file; pieces of a cut file keep theirs, by which they are joined, and are of the kind of their whole.
"""

import re
from dataclasses import replace

from streamvault.media.captions import Found, name_in, whole_of_cut
from streamvault.media.model import Kind, MediaFile, Sent
from streamvault.media.nameless import told_by, visible
from streamvault.media.own_marks import is_one, with_own_marks, with_own_number
from streamvault.media.part_names import part_name
from streamvault.media.parts import as_posted
from streamvault.media.release_words import LOOKED_AT, NUMBERS, QUALITY, YEAR
from streamvault.media.types import (
    MIB,
    UNKNOWN,
    is_aside,
    kind_of,
    known_type,
    split_ending,
    type_of,
    usual_ending,
)

VERSION = 2
"""Of the rules below: what was decided by an older version is decided again from MediaFile.sent."""

LONG, RATHER_LONG = 300.0, 60.0
"""Seconds: an animation is a film from the first on, and from the second on with the name of one."""
_CUT = range(50, 71)
"""Characters or bytes of a name that programs have cut off near 60."""

_BY_KIND: dict[Kind, str] = {
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "photo": "image/jpeg",
}
"""What Telegram's clients send as these kinds."""
_EITHER = {"application/mp4": ("video/mp4", "audio/mp4"), "application/ogg": ("video/ogg", "audio/ogg")}
"""Types of containers that hold films as well as music."""
_ONE_CONTAINER = frozenset(("mp4", "x-matroska", "ogg", "webm", "3gpp", "3gpp2"))
_EXACT = frozenset((
    ".m4a", ".m4b", ".m4r", ".m4p", ".mka", ".oga", ".opus", ".weba", ".ogv", ".ogm", ".3gp", ".3g2", ".m4v", ".mk3d",
))  # fmt: skip
"""Endings that tell films from music of one container."""
_MISTAKEN = frozenset(("text/vnd.trolltech.linguist", "text/plain", "text/vnd.qt.linguist", "application/typescript"))
"""Types of texts that media files of a certain size get by mistake: .ts is the ending of translations, too."""
_MADE = re.compile(r"(?:video|audio|voice|animation|photo|sticker|video_note|document)-(\d{1,10})(?:\.\w+)?")
"""Names that were made for files without one."""


def classify(file: MediaFile, *, album_text: str = "") -> MediaFile:
    """`file` with `kind`, `name` and `mime_type` as decided from `sent`, text, size and duration; idempotent.

    The text is the caption, or where there is none that of its album. Without `sent` kind, name and type are taken for
    what was sent, and kept there. A joined file has none: its name is the one of the whole, and that decides.
    """
    sent = file.sent or _sent(file)
    piece = None if file.parts else part_name(sent.name)
    if piece is not None:
        mime_type = known_type(sent.mime_type) or type_of(sent.name)
        return replace(file, sent=sent, kind=_kind_of_piece(sent, piece.whole), name=sent.name, mime_type=mime_type)
    stem, ending = split_ending(sent.name)
    found = _found(sent.name, stem, file, text=file.caption or album_text)
    ending = ending or (_ending_in_text(found, sent) if found else "")
    mime_type = _type(sent, ending, size=file.size)
    kind = _kind(sent, mime_type, ending, file=file)
    name = _name(found.stem, ending, mime_type) if found else sent.name
    if not found and not visible(stem):
        name = _name(f"{kind}-{file.origin.message_id}", ending, mime_type)
    return replace(file, sent=None if file.parts else sent, kind=kind, name=name, mime_type=mime_type)


def in_album(file: MediaFile, album_text: str) -> MediaFile:
    """`file` as decided with the text of its album, "" without one; as it is where that decides nothing.

    A file that was stored without `sent` is left to those who decide stored rows again.
    """
    if file.album is None or file.caption or file.sent is None or file.parts or file.part_of is not None:
        return file
    return classify(file, album_text=album_text)


def posted(file: MediaFile) -> MediaFile:
    """`file` as its own message shows it, see parts.as_posted."""
    return classify(as_posted(file)) if file.parts else as_posted(file)


def _sent(file: MediaFile) -> Sent:
    """What was sent, of a joined file or one that was stored without it."""
    if file.parts:
        return Sent("document", file.name, "")
    made = _MADE.fullmatch(file.name)
    nameless = made is not None and made[1] == str(file.origin.message_id)
    return Sent(file.kind, "" if nameless else file.name, file.mime_type)


def _found(name: str, stem: str, file: MediaFile, *, text: str) -> Found | None:
    """The name that takes the place of `name`, which is `stem` without its ending; None if it stays."""
    if not visible(stem):
        return _tagged(file) or name_in(text)
    if (_may_be_cut(stem) or _may_be_cut(name)) and (whole := whole_of_cut(name, text)):
        return whole
    stem = stem[:LOOKED_AT]
    told = told_by(stem) if text or file.title else "enough"
    if told == "nothing" and (song := _tagged(file)):
        return song
    found = None if told == "enough" else name_in(text)
    if found is None or told_by(found.stem) == "nothing":
        return None
    if told == "little" and not (found.release or NUMBERS.search(stem) or YEAR.search(found.stem)):
        return None
    if told == "little" and file.album is not None and (year := YEAR.search(stem)) and year[0] not in found.stem:
        return None
    name = with_own_marks(found.stem, stem)
    if file.album is not None and (not file.caption or not is_one(name)):
        name = with_own_number(name, stem)
    return replace(found, stem=name)


def _ending_in_text(found: Found, sent: Sent) -> str:
    """The ending that the text gives, unless it is one of another kind than the sender's type."""
    given = known_type(sent.mime_type) or _BY_KIND.get(sent.kind, "")
    return found.ending if not given or kind_of(type_of(found.ending)) == kind_of(given) else ""


def _tagged(file: MediaFile) -> Found | None:
    """The name of a song, from the tags that Telegram shows."""
    words = [word for word in (file.performer.strip(), file.title.strip()) if word]
    return Found(" - ".join(words), "", release=False) if file.title.strip() else None


def _may_be_cut(name: str) -> bool:
    return len(name) in _CUT or len(name.encode("utf-8", "replace")) in _CUT


def _name(stem: str, ending: str, mime_type: str) -> str:
    return stem + (ending or usual_ending(mime_type))


def _type(sent: Sent, ending: str, *, size: int) -> str:
    """The type that players know. The sender's, unless it tells nothing or the ending is known to know better."""
    given, named = known_type(sent.mime_type), type_of(ending)
    if given in _EITHER:
        film, music = _EITHER[given]
        heard = sent.kind in ("audio", "voice") or kind_of(named) == "audio" or (ending == "" and "ogg" in given)
        given = music if heard else film
    if named == UNKNOWN:
        return given or _BY_KIND.get(sent.kind, UNKNOWN)
    if not given or _is_mistaken(given, named, sent=sent, size=size):
        return named
    return named if _is_more_exact(ending, given, sent=sent) else given


def _is_mistaken(given: str, named: str, *, sent: Sent, size: int) -> bool:
    if is_aside(named):
        return kind_of(given) != "document" or given in _MISTAKEN
    timed = sent.kind in ("video", "audio", "animation", "video_note", "voice")
    return given in _MISTAKEN and kind_of(named) != "document" and (timed or size >= MIB)


def _is_more_exact(ending: str, given: str, *, sent: Sent) -> bool:
    """Whether the ending tells a film from music where the type names only the container of both."""
    named = type_of(ending)
    containers = {named.partition("/")[2], given.partition("/")[2]}
    same = len(containers) == 1 and containers <= _ONE_CONTAINER
    return same and ending.lower() in _EXACT and sent.kind in ("document", kind_of(named))


def _kind(sent: Sent, mime_type: str, ending: str, *, file: MediaFile) -> Kind:
    """Telegram's kind, unless type and name agree on another; a document's is that of its type."""
    by_type = kind_of(mime_type)
    match sent.kind:
        case "document":
            return by_type
        case "video" | "audio":
            agreed = type_of(ending) != UNKNOWN and kind_of(type_of(ending)) == by_type
            return by_type if agreed else sent.kind
        case "animation":
            return "video" if by_type == "video" and _is_film(sent.name, file) else "animation"
    return sent.kind


def _is_film(name: str, file: MediaFile) -> bool:
    """Whether an animation is long enough for a film, or rather long and called like one."""
    if file.duration:
        least = RATHER_LONG if _is_called_film(name) else LONG
        return file.duration >= least
    return _is_called_film(name)


def _is_called_film(name: str) -> bool:
    name = name[:LOOKED_AT]
    return bool(NUMBERS.search(name) or (YEAR.search(name) and QUALITY.search(name)))


def _kind_of_piece(sent: Sent, whole: str) -> Kind:
    kind = kind_of(type_of(whole))
    return kind if sent.kind == "document" else sent.kind
