"""The message by which somebody chooses among the entries of a source; pure."""

import math
from collections.abc import Sequence

from streamvault.leech.choice import Choosable, choice_of
from streamvault.leech.model import Job, State
from streamvault.telegram.bot.leech.status import counted, job_name
from streamvault.telegram.bot.leech.written import Written, cut
from streamvault.telegram.bot.texts import Answer, Button, display_name, human_size

PAGE = 8
"""Entries on one page."""
NAME, LABEL = 120, 48
"""UTF-16 units of the source's name, and of a button."""
NONE_PICKED = "Choose at least one entry, or All."
OVER = "This choice was made already: /status shows what is going on."
ON, OFF = "\u2611", "\u2610"


def question(job: Job, page: int = 0) -> Answer:
    """A page (from 0; the last one for a number beyond) of the entries, of which some are picked. What was decided,
    where nothing is to be chosen any more.
    """
    entries = choice_of(job)
    if entries is None:
        return _decided(job)
    pages = max(1, math.ceil(len(entries) / PAGE))
    page = max(0, min(page, pages - 1))
    picked = frozenset(job.options.select)
    written = Written().text("Which entries of ").name(job_name(job), NAME).text("?\n")
    written.text(f"{len(picked)} of {len(entries)} chosen")
    if pages > 1:
        written.text(f", page {page + 1} of {pages}")
    rows: list[tuple[Button, ...]] = [
        (Button(_label(one, picked=one.number in picked), data=f"pick:{job.id}:t{one.number}.{page}"),)
        for one in entries[page * PAGE : (page + 1) * PAGE]
    ]
    if pages > 1:
        around = (("Back", (page - 1) % pages), ("More", (page + 1) % pages))
        rows.append(tuple(Button(label, data=f"pick:{job.id}:p.{to}") for label, to in around))
    return written.answer((*rows, _actions(job.id, entries, len(picked), page)))


def _actions(id: str, entries: Sequence[Choosable], picked: int, page: int) -> tuple[Button, ...]:
    everything = Button("None", data=f"pick:{id}:n.{page}")
    if picked < len(entries):
        everything = Button(f"All {len(entries)}", data=f"pick:{id}:a.{page}")
    start = Button(f"Start ({picked})", data=f"pick:{id}:s.{page}")
    return everything, start, Button("Cancel", data=f"pick:{id}:x.{page}")


def _label(entry: Choosable, *, picked: bool) -> str:
    size = "" if entry.size is None else f" ({human_size(entry.size)})"
    name = display_name(entry.name, LABEL)
    return f"{cut(f'{ON if picked else OFF} {entry.number}. {name}', LABEL - len(size))}{size}"


def _decided(job: Job) -> Answer:
    written = Written()
    if job.state is State.CANCELLED or job.wish == "cancel":
        return written.text("Cancelled: ").name(job_name(job), NAME).answer()
    number = len(job.options.select)
    what = counted(number, "entry").replace("entrys", "entries") if number else "All entries"
    return written.text(f"{what} chosen of ").name(job_name(job), NAME).text(".").answer()
