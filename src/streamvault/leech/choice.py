"""The choice among what a source holds, such as the entries of a list: asked for once it is known what there is.

The job is paused meanwhile, and its `transfer` holds what can be chosen; what was picked so far is `options.select`. To
resume the job is to start with that, or with everything where nothing was picked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import JobConflict
from streamvault.leech.file_names import clean_name
from streamvault.leech.model import Described, Job, State, Transfer

MOST = 500
"""Entries that are asked about; of more, some have to be named by their numbers."""
LONGEST = 100
"""Characters of an entry's name that are stored."""
DECIDED = "Nothing is to be chosen for this job any more."
_CHOICE = "choice"
"""Where Transfer.source holds the entries."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """An entry by its number at the source; `size` in bytes, None where that is not known."""

    number: int
    name: str
    size: int | None = None


class ChoiceNeeded(Exception):
    """Raised by a worker's Work: somebody has to choose among `entries` of what is called `title`."""

    def __init__(self, entries: Sequence[Choosable], title: str | None) -> None:
        super().__init__(f"a choice among {len(entries)} entries is needed")
        self.entries, self.title = entries, title


def asking(transfer: Transfer, needed: ChoiceNeeded) -> Transfer:
    """What is recorded while somebody chooses."""
    entries = [[one.number, one.name[:LONGEST], one.size] for one in needed.entries]
    described = None if needed.title is None else Described(clean_name(needed.title), None)
    return replace(transfer, described=described, source={_CHOICE: entries})


def choice_of(job: Job) -> tuple[Choosable, ...] | None:
    """What somebody has to choose from now; None where nothing is to be chosen."""
    entries = job.transfer.source.get(_CHOICE)
    if entries is None or job.state is not State.PAUSED:
        return None
    return tuple(Choosable(*one) for one in entries)


def picked(job: Job, numbers: Collection[int], *, now: float) -> Job:
    """These entries are picked instead of those before. Raises JobConflict where nothing is to be chosen."""
    entries = choice_of(job)
    if entries is None:
        raise JobConflict(DECIDED)
    select = tuple(one.number for one in entries if one.number in numbers)
    if select == job.options.select:
        return job
    told = job.asked and replace(job.asked, told=now if job.asked.told is not None else None)
    return replace(job, options=replace(job.options, select=select), asked=told, updated=now)


def toggled(job: Job, number: int, *, now: float) -> Job:
    """One more entry is picked, or one less. Raises JobConflict where nothing is to be chosen."""
    return picked(job, set(job.options.select) ^ {number}, now=now)


def decided(job: Job) -> Job:
    """With what was picked, as a job that was never asked about; itself where nothing is to be chosen."""
    if choice_of(job) is None:
        return job
    return replace(job, options=replace(job.options, choose=False), transfer=Transfer())
