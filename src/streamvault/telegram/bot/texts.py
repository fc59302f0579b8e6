"""The texts of the bot: plain text, not Markdown or HTML, because a file may have any name."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streamvault.media.bidi import without_bidi_controls
from streamvault.media.model import Origin

MESSAGE_UNITS = 4096  # UTF-16 code units in one message
NAME_LENGTH = 120

START = (
    "I keep files in a Telegram channel and give out links to watch or download them.\n\n"
    "Send me a file, or reply to one with /link. /help says more."
)
HELP = (
    "Send me a video, a song, a photo or any other file: I keep a copy in the vault channel "
    "and answer with its links.\n\n"
    "/link, as a reply to a file, does the same for that file; one that already is in one of our channels is linked "
    "where it is.\n\n"
    "Files posted in our channels are available without any command."
)
COMMANDS = (
    ("start", "What this bot does"),
    ("help", "How to get links"),
    ("link", "Links for the file that you reply to"),
)

NO_FILE = "There is no file in this message: send me a video, a song, a photo or any other file."
NO_FILE_REPLIED = "There is no file in the message that you replied to: reply with /link to one that holds a file."
NO_REPLY = "Reply to a message that holds a file with /link, then I know which file you mean."
DELETED = "I cannot see the message that you replied to, it seems to be deleted: send me the file itself."
UNREADABLE = "Telegram does not let me read that message at the moment: please try again in a minute."


@dataclass(frozen=True, slots=True)
class FileLinks:
    """One file and its links, for an answer; `received` is the message in which its owner has sent it."""

    name: str
    size: int
    watch: str
    download: str
    received: Origin | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: it opens `url`, or tells the bot `data` (at most 64 bytes)."""

    label: str
    url: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the bot: its text, and rows of buttons below it. `code`: what Telegram shows as it is written and
    makes no link of: offsets and lengths in UTF-16 code units.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    code: tuple[tuple[int, int], ...] = ()


def not_an_owner(user_id: int | None) -> str:
    """The sender may not use the bot; names the id that the owner would have to add."""
    if user_id is None:
        return (
            "Only owners of this server can do that, and I cannot see who you are: write as yourself, not as a channel."
        )
    return (
        f"Only owners of this server can do that. Your Telegram id is {user_id}: whoever runs the server has to add it "
        "to OWNER_IDS and start it again."
    )


def answers(files: Sequence[FileLinks], *, buttons: bool) -> list[Answer]:
    """The links of these files in as few messages as possible; `buttons` adds URL buttons."""
    found: list[Answer] = []
    for file in files:
        block = (
            f"{display_name(file.name)}\n{human_size(file.size)}\n\nWatch: {file.watch}\n\nDownload: {file.download}"
        )
        label = "" if len(files) == 1 else f" {len(found) + 1}"
        row = (Button(f"Watch{label}", file.watch), Button(f"Download{label}", file.download)) if buttons else ()
        found.append(Answer(block, (row,) if row else ()))
    return _merged(found)


def display_name(name: str, most: int = NAME_LENGTH) -> str:
    """`name` on one line, without control characters, cut to `most` characters."""
    shown = without_bidi_controls(name)
    line = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in shown).strip() or "file"
    return line if len(line) <= most else f"{line[: most - 1]}…"


def human_size(size: int) -> str:
    """A number of bytes with a unit, such as 1.4 GiB."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def _merged(parts: Iterable[Answer]) -> list[Answer]:
    """Consecutive parts in one message each, up to MESSAGE_UNITS."""
    merged: list[Answer] = []
    for part in parts:
        text = f"{merged[-1].text}\n\n\n{part.text}" if merged else ""
        if merged and units(text) <= MESSAGE_UNITS:
            merged[-1] = Answer(text, merged[-1].rows + part.rows)
        else:
            merged.append(part)
    return merged


def units(text: str) -> int:
    """The length of a text as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2
