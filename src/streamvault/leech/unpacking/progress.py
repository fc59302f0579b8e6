"""How far a job with several files is, recorded in one Transfer; pure.

The pieces of all files stand one behind the other there, as if they were one file, so that what is shown of a job, and
what becomes of its messages, is the same as for a single file. The file that is being sent has a Transfer of its own,
which is made from the last of them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from streamvault.leech.kept_rooms import NEED
from streamvault.leech.model import Described, Transfer
from streamvault.leech.unpacking.choosing import DAMAGED, Contents, left_out_notes
from streamvault.leech.unpacking.model import Member

UNPACKED = "unpacked"
"""Where Transfer.source holds a Progress."""
MOST_SAID = 10
"""Notes of single files that are kept."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`digest`: of the archive; `done`: files that are posted or could not be read, of which the latter are `damaged`;
    they have `pieces` pieces and `size` bytes. `said`: their notes. `own`, `sent`, `notes`: Transfer.source, `complete`
    and `notes` of the file that is sent.
    """

    digest: str
    done: int = 0
    pieces: int = 0
    size: int = 0
    damaged: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)
    sent: bool = False
    notes: tuple[str, ...] = ()

    @staticmethod
    def of(transfer: Transfer) -> "Progress | None":
        """What a transfer records; None where nothing was begun."""
        value = transfer.source.get(UNPACKED)
        if value is None:
            return None
        return Progress(**{**value, **{name: tuple(value[name]) for name in ("damaged", "said", "notes")}})


def has_several(transfer: Transfer) -> bool:
    """Whether more than one file is posted, or may be."""
    progress = Progress.of(transfer)
    return progress is not None and (progress.done > 1 or not transfer.complete)


def member_transfer(whole: Transfer, progress: Progress, described: Described) -> Transfer:
    """The transfer of the file that is being sent."""
    own = whole.pieces[progress.pieces :]
    pieces = tuple(replace(piece, start=piece.start - progress.size) for piece in own)
    return Transfer(described if pieces else None, pieces, progress.sent, progress.notes, dict(progress.own))


def whole_transfer(whole: Transfer, progress: Progress, member: Transfer) -> Transfer:
    """The transfer of all files, when that of the one that is being sent has become `member`."""
    shifted = (replace(piece, start=piece.start + progress.size) for piece in member.pieces)
    pieces = (*whole.pieces[: progress.pieces], *shifted)
    now = replace(progress, own=member.source, sent=member.complete, notes=member.notes)
    return _recorded(replace(whole, pieces=pieces), now)


def after_member(whole: Transfer, progress: Progress, member: Member, notes: tuple[str, ...]) -> Transfer:
    """The transfer of all files when one is posted."""
    said = (*progress.said, *(f"{member.name}: {note}" for note in notes))[:MOST_SAID]
    after = Progress(
        progress.digest, progress.done + 1, len(whole.pieces), progress.size + member.entry.size, progress.damaged, said
    )
    return _recorded(whole, after)


def after_damaged(whole: Transfer, progress: Progress, member: Member) -> Transfer:
    """The transfer of all files when one could not be read; its messages are deleted."""
    size = progress.size + member.entry.size
    after = Progress(
        progress.digest, progress.done + 1, progress.pieces, size, (*progress.damaged, member.path), progress.said
    )
    return _recorded(replace(whole, pieces=whole.pieces[: progress.pieces]), after)


def begun(described: Described, digest: str, *, need: int) -> Transfer:
    """The transfer of all files before the first one."""
    return _recorded(Transfer(described, source={NEED: need}), Progress(digest))


def complete(whole: Transfer, progress: Progress, contents: Contents) -> Transfer:
    """The transfer of all files in the end."""
    left_out = {**contents.left_out, **({DAMAGED: progress.damaged} if progress.damaged else {})}
    notes = (*contents.notes, *left_out_notes(left_out), *progress.said)
    return replace(whole, complete=True, notes=notes)


def _recorded(whole: Transfer, progress: Progress) -> Transfer:
    return replace(whole, source={**whole.source, UNPACKED: asdict(progress)})
