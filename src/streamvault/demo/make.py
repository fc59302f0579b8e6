"""Makes single files of the demo, with the facts that Telegram would hold about them.

`python -m streamvault.demo.make FOLDER NAME...` makes the files and prints a line of JSON (`Facts`) for each. `media`
runs several such processes; Ctrl-C ends them with the demo.
"""

import contextlib
import io
import json
import os
import sys
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from av.error import ExternalError
from PIL import Image, ImageDraw

from streamvault.demo import encode
from streamvault.demo.content.shelves import RECIPES
from streamvault.demo.encode import Film, Song
from streamvault.demo.footage import picture
from streamvault.demo.recipes import Archive, Leaflet, Photo, Recipe, Sticker, Text, Voice

FORMATS = {".mp4": "mp4", ".webm": "webm", ".mkv": "matroska", ".mp3": "mp3", ".flac": "flac", ".ogg": "ogg"}
STICKER = 512


@dataclass(frozen=True, slots=True)
class Facts:
    """A finished file: size in bytes, duration in seconds, and its and its thumbnail's pixels (0: none)."""

    name: str
    size: int
    duration: int = 0
    width: int = 0
    height: int = 0
    thumb_width: int = 0
    thumb_height: int = 0


def thumb_path(path: Path) -> Path:
    """The path of the thumbnail of the file at `path`."""
    return path.with_name(f"{path.name}.thumb.jpg")


def make(folder: Path, name: str) -> Facts:
    """Make the file `name` of RECIPES in `folder` atomically. Raises OSError, av.FFmpegError."""
    recipe, path = RECIPES[name], folder / name
    part = path.with_name(f"{name}.part")
    try:
        _write(recipe, part, file_format=FORMATS.get(path.suffix, ""))
        thumb_size = _write_thumbnail(recipe, thumb_path(path))
        os.replace(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    width, height = _pixels(recipe)
    seconds = recipe.seconds if isinstance(recipe, Film | Song | Voice) else 0
    return Facts(name, path.stat().st_size, seconds, width, height, *thumb_size)


def _write(recipe: Recipe, path: Path, *, file_format: str) -> None:
    match recipe:
        case Film():
            encode.write_film(recipe, path, file_format=file_format)
        case Song():
            encode.write_song(recipe, path, file_format=file_format)
        case Voice():
            encode.write_voice(recipe.tune, path, seconds=recipe.seconds)
        case Photo():
            path.write_bytes(encode.jpeg(picture(recipe.scene, recipe.size, at=recipe.at), quality=88))
        case Sticker():
            path.write_bytes(_sticker(recipe))
        case Leaflet():
            path.write_bytes(_pdf(recipe))
        case Archive():
            path.write_bytes(_zip(recipe))
        case Text():
            path.write_text(recipe.content, "utf-8", newline="\n")


def _write_thumbnail(recipe: Recipe, path: Path) -> tuple[int, int]:
    image: Image.Image | None = None
    match recipe:
        case Film():
            image = picture(recipe.scene, recipe.size, at=0.36)
        case Song():
            image = encode.cover_art(recipe.scene, recipe.title)
        case Photo():
            image = picture(recipe.scene, recipe.size, at=recipe.at)
    if image is None:
        return 0, 0
    data, size = encode.thumbnail(image)
    path.write_bytes(data)
    return size


def _pixels(recipe: Recipe) -> tuple[int, int]:
    match recipe:
        case Film() | Photo():
            return recipe.size
        case Sticker():
            return STICKER, STICKER
    return 0, 0


def _sticker(recipe: Sticker) -> bytes:
    image = picture(recipe.scene, (STICKER, STICKER), at=recipe.at).copy()
    mask = Image.new("L", (STICKER * 2, STICKER * 2))
    ImageDraw.Draw(mask).ellipse((16, 16, STICKER * 2 - 17, STICKER * 2 - 17), fill=255)
    image.putalpha(mask.resize((STICKER, STICKER), Image.Resampling.BOX))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=88)
    return buffer.getvalue()


def _zip(recipe: Archive) -> bytes:
    image = encode.jpeg(picture(recipe.scene, (960, 540), at=0.5))
    entries = [*((name, text.encode()) for name, text in recipe.texts), ("picture.jpg", image)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _pdf(recipe: Leaflet) -> bytes:
    """A PDF 1.4 of one page, with its cross-reference table (ISO 32000-1 section 7.5.4)."""
    rows = "".join(f"0 -26 Td ({_pdf_text(line)}) Tj " for line in recipe.lines)
    page = f"BT /F1 26 Tf 64 740 Td ({_pdf_text(recipe.title)}) Tj /F1 13 Tf 0 -18 Td {rows}ET".encode("latin-1")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            count,
            table,
            count,
            len(data),
        )
    )


def _pdf_text(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def main() -> None:
    """Make the files named on the command line and print the facts of each."""
    folder, *names = sys.argv[1:]
    try:
        for name in names:
            print(json.dumps(asdict(make(Path(folder), name))), flush=True)
    except ExternalError as error:
        sys.exit(f"an encoder does not work; the Docker image has no x264, a clone has (`make demo`): {error}")


if __name__ == "__main__":
    main()
