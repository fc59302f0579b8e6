"""Reads the parts of a Matroska or WebM file that say what it holds and where its key frames are, and nothing else.

FFmpeg reads attachments (fonts of many MiB) when it opens a file; here only their heads are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from streamvault.playback.dolby_vision import BOXES, DolbyVision, read_record
from streamvault.playback.making.ebml import (
    Element,
    children,
    element_at,
    first,
    floating,
    pack,
    text,
    unsigned,
)
from streamvault.playback.making.reading import BadFile, read_at
from streamvault.playback.model import Attachment, Chapter
from streamvault.reading.sandbox.model import BoundedFile

EBML, SEGMENT, SEEK_HEAD, INFO, TRACKS = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1549A966, 0x1654AE6B
CUES, CHAPTERS, ATTACHMENTS, TAGS, CLUSTER = 0x1C53BB6B, 0x1043A770, 0x1941A469, 0x1254C367, 0x1F43B675
VOID, CRC = 0xEC, 0xBF
SEGMENT_UNKNOWN = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
"""The head of a segment that ends where the file does."""

MOST_HEADER = 4 << 20
"""Bytes of Info, Tracks, Cues and Chapters at most, each."""
MOST_TOP = 64
"""Elements before the first cluster at most."""
MOST_CHAPTERS = 500
MOST_ATTACHMENTS = 500


@dataclass(frozen=True, slots=True)
class MatroskaTrack:
    """`number` is what blocks and cues name it by; `type` 1 video, 2 audio, 17 subtitle.

    `prefix` was taken off every frame (header stripping). `compressed`: frames are packed by another algorithm.
    `language` as it stands in the file, "" none.
    """

    number: int
    type: int
    codec: str
    language: str = ""
    prefix: bytes = b""
    compressed: bool = False
    encrypted: bool = False
    dolby_vision: DolbyVision | None = None


@dataclass(frozen=True, slots=True)
class Matroska:
    """`scale` in nanoseconds per unit of time; `duration` in seconds, None: not known.

    `body` is where positions in the file count from, `cluster` where its first cluster begins. `cues` are (track, time
    in units, position of the cluster in the file), as they stand; `header` as KeyFrames.header.
    """

    doc_type: str
    header: bytes
    body: int
    cluster: int
    end: int
    scale: int
    duration: float | None
    tracks: tuple[MatroskaTrack, ...]
    cues: tuple[tuple[int, int, int], ...]
    chapters: tuple[Chapter, ...]
    attachments: tuple[Attachment, ...]
    parts: dict[int, Element] = field(repr=False, default_factory=dict)


def read_matroska(file: BoundedFile) -> Matroska:
    """Raises BadFile if the file is not Matroska, or has no tracks."""
    head = element_at(file, 0)
    if head is None or head.id != EBML or head.end is None or head.size is None or head.size > MOST_HEADER:
        raise BadFile("no Matroska file: it does not begin with an EBML head")
    segment = element_at(file, head.end)
    while segment is not None and segment.id in (VOID, CRC) and segment.end is not None:
        segment = element_at(file, segment.end)
    if segment is None or segment.id != SEGMENT:
        raise BadFile("the Matroska file has no segment")
    end = file.size if segment.end is None else min(segment.end, file.size)
    parts, cluster = _top(file, segment.data, end)
    start = read_at(file, 0, head.end)
    info, tracks = (_content(file, parts.get(part)) for part in (INFO, TRACKS))
    if not tracks:
        raise BadFile("the Matroska file has no tracks")
    scale = unsigned(first(info, 0x2AD7B1), 1_000_000) or 1_000_000
    length = floating(first(info, 0x4489))
    return Matroska(
        doc_type=text(first(start[head.data :], 0x4282)) or "matroska",
        header=start + SEGMENT_UNKNOWN + pack(INFO, info) + pack(TRACKS, tracks),
        body=segment.data,
        cluster=cluster if cluster >= 0 else end,
        end=end,
        scale=scale,
        duration=length * scale / 1e9 if length and 0 < length < 1e13 else None,
        tracks=tuple(_track(entry) for identity, entry in children(tracks) if identity == 0xAE),
        cues=tuple(_cues(_content(file, parts.get(CUES)), segment.data, end)),
        chapters=tuple(_chapters(_content(file, parts.get(CHAPTERS))))[:MOST_CHAPTERS],
        attachments=tuple(_attachments(file, parts.get(ATTACHMENTS))),
        parts=parts,
    )


def _top(file: BoundedFile, body: int, end: int) -> tuple[dict[int, Element], int]:
    """The elements of the segment by ID, those that its SeekHead names among them; and the first cluster, -1 none."""
    parts: dict[int, Element] = {}
    at, cluster = body, -1
    named: list[int] = []
    for _ in range(MOST_TOP):
        element = element_at(file, at) if at < end else None
        if element is None:
            break
        if element.id == CLUSTER:
            cluster = element.start
            break
        if element.id == SEEK_HEAD:
            named += _named(_content(file, element), body)
        parts.setdefault(element.id, element)
        if element.end is None:
            break
        at = element.end
    for position in named[:MOST_TOP]:
        wanted = element_at(file, position) if body <= position < end else None
        if wanted is None:
            continue
        if wanted.id == SEEK_HEAD and SEEK_HEAD in parts and wanted.start != parts[SEEK_HEAD].start:
            more = (element_at(file, place) for place in _named(_content(file, wanted), body) if place < end)
            parts.update({found.id: found for found in more if found is not None and found.id not in parts})
        parts.setdefault(wanted.id, wanted)
    return parts, cluster


def _named(content: bytes, body: int) -> list[int]:
    """Positions that a SeekHead names, those of clusters left out."""
    seeks = [entry for identity, entry in children(content) if identity == 0x4DBB]
    return [
        body + unsigned(first(seek, 0x53AC)) for seek in seeks if unsigned(first(seek, 0x53AB)) not in (CLUSTER, TAGS)
    ]


def _content(file: BoundedFile, element: Element | None) -> bytes:
    """The content of an element, b"" if it is absent, cut off or larger than MOST_HEADER."""
    if element is None or element.size is None or element.size > MOST_HEADER:
        return b""
    data = read_at(file, element.data, element.size)
    return data if len(data) == element.size else b""


def _track(entry: bytes) -> MatroskaTrack:
    prefix, compressed, encrypted = b"", False, False
    for identity, encoding in children(first(entry, 0x6D80)):
        if identity != 0x6240 or not unsigned(first(encoding, 0x5032), 1) & 1:
            continue
        if unsigned(first(encoding, 0x5033)) == 1:
            encrypted = True
        elif unsigned(first(first(encoding, 0x5034), 0x4254)) == 3:
            prefix = first(first(encoding, 0x5034), 0x4255)
        else:
            compressed = True
    mappings = (mapping for identity, mapping in children(entry) if identity == 0x41E4)
    records = (first(mapping, 0x41ED) for mapping in mappings if first(mapping, 0x41E7) in BOXES)
    return MatroskaTrack(
        number=unsigned(first(entry, 0xD7)),
        type=unsigned(first(entry, 0x83)),
        codec=text(first(entry, 0x86)),
        language=text(first(entry, 0x22B59D)) or text(first(entry, 0x22B59C)) or "eng",
        prefix=prefix,
        compressed=compressed,
        encrypted=encrypted,
        dolby_vision=next((read_record(record) for record in records), None),
    )


def _cues(content: bytes, body: int, end: int) -> Iterator[tuple[int, int, int]]:
    for identity, point in children(content):
        if identity != 0xBB:
            continue
        time = unsigned(first(point, 0xB3))
        for place, position in children(point):
            if place == 0xB7:
                cluster = body + unsigned(first(position, 0xF1))
                if cluster < end:
                    yield unsigned(first(position, 0xF7)), time, cluster


def _chapters(content: bytes) -> Iterator[Chapter]:
    """The chapters of the first edition, without hidden ones."""
    atoms = [atom for identity, atom in children(first(content, 0x45B9)) if identity == 0xB6]
    for atom in atoms:
        start, end = unsigned(first(atom, 0x91)) / 1e9, unsigned(first(atom, 0x92)) / 1e9
        if not unsigned(first(atom, 0x98)):
            yield Chapter(start, max(start, end), text(first(first(atom, 0x80), 0x85)))


def _attachments(file: BoundedFile, element: Element | None) -> Iterator[Attachment]:
    """Names and sizes; the bytes of the attachments are skipped."""
    if element is None or element.end is None:
        return
    at, found = element.data, 0
    while at < element.end and found < MOST_ATTACHMENTS:
        attached = element_at(file, at)
        if attached is None or attached.end is None:
            return
        if attached.id == 0x61A7:
            found += 1
            yield _attachment(file, attached)
        at = attached.end


def _attachment(file: BoundedFile, element: Element) -> Attachment:
    fields: dict[int, bytes] = {}
    size, at = 0, element.data
    while at < (element.end or 0) and len(fields) < 16:
        part = element_at(file, at)
        if part is None or part.end is None:
            break
        if part.id == 0x465C:
            size = part.size or 0
        else:
            fields[part.id] = read_at(file, part.data, min(part.size or 0, 1024))
        at = part.end
    return Attachment(text(fields.get(0x466E, b"")), text(fields.get(0x4660, b"")), size)
