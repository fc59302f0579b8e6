"""The status message of a chat: its jobs by pages, with bars and buttons; pure."""

import math
from collections.abc import Sequence

from streamvault.leech.addresses import shown_name
from streamvault.leech.file_names import posted_name
from streamvault.leech.model import HELD, Job, State
from streamvault.telegram.bot.leech.written import Written, cut
from streamvault.telegram.bot.texts import Answer, Button, display_name, human_size

PAGE = 5
"""Jobs of a page, ..."""
NAME, REASON = 100, 200
"""... and the UTF-16 units of their names and reasons, so that any fit into MESSAGE_UNITS."""
BAR = 12
BRAKE = 1.0
"""Seconds for which Telegram has to brake uploads for that to be said."""
NOTHING = "Nothing is being leeched."

_STATES = {
    State.QUEUED: "waits for its turn",
    State.READING: "its server is asked",
    State.WAITING: "waits",
    State.TRANSFERRING: "transferred",
    State.JOINING: "posted",
    State.PAUSED: "paused",
    State.DONE: "done",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}
_ORDER = [State.JOINING, State.TRANSFERRING, State.READING, State.WAITING, State.QUEUED, State.PAUSED]
_WISHES = {"pause": "is being paused", "cancel": "is being cancelled"}


def status(jobs: Sequence[Job], *, page: int, now: float, braked: float = 0.0) -> Answer:
    """A page (from 0; the last one for a number beyond) of jobs that have not ended. `now`: Unix seconds; `braked`:
    seconds for which Telegram lets nothing be uploaded.
    """
    if not jobs:
        return Answer(NOTHING)
    ordered = sorted(jobs, key=_place)
    pages = math.ceil(len(ordered) / PAGE)
    page = max(0, min(page, pages - 1))
    first = page * PAGE
    written, rows = Written(), list[tuple[Button, ...]]()
    running = sum(job.state in HELD for job in ordered)
    written.text(f"{counted(len(ordered), 'job')}, {running} running")
    if pages > 1:
        written.text(f" (page {page + 1} of {pages})")
    if braked >= BRAKE:
        written.text(f"\nTelegram brakes uploads: they go on in {span(braked)}")
    for number, job in enumerate(ordered[first : first + PAGE], first + 1):
        written.text(f"\n\n{number}. ").name(job_name(job), NAME).text(f"\n{_progress(job, now)}\n").name(job.id, NAME)
        rows.append(_buttons(job, number))
    if pages > 1:
        rows.append(
            (Button("Back", data=f"jobs:{(page - 1) % pages}"), Button("More", data=f"jobs:{(page + 1) % pages}"))
        )
    return written.answer(tuple(rows))


def job_name(job: Job) -> str:
    """What a job's file is, or will be, called."""
    described = job.transfer.described
    if described is None:
        return posted_name(shown_name(job.source), job.options.name)
    return posted_name(described.name, job.options.wished_name)


def bar(done: int, total: int) -> str:
    """A bar of BAR blocks; full only where all is done."""
    full = min(BAR, BAR * done // total) if total > 0 else BAR
    return "\u25b0" * full + "\u25b1" * (BAR - full)


def span(seconds: float) -> str:
    """A time in words, such as 1 h 20 min."""
    minutes, hours = math.ceil(seconds / 60), int(seconds // 3600)
    if seconds < 90:
        return f"{max(1, math.ceil(seconds))} s"
    if minutes < 90:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {int(seconds % 3600 // 60)} min"
    return f"{hours // 24} days"


def counted(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _progress(job: Job, now: float) -> str:
    """The bar, where there is one, and what happens."""
    done, total = max(0, job.bytes_done), job.bytes_total
    known = total is not None and total > 0
    parts = []
    if known and total is not None:
        parts.append(f"{bar(done, total)} {min(100, 100 * done // total)} %, {human_size(done)} of {human_size(total)}")
    elif done:
        parts.append(human_size(done))
    if job.state is State.TRANSFERRING and job.rate >= 1:
        parts.append(f"{human_size(round(job.rate))}/s")
        if known and total is not None:
            parts.append(f"{span(max(0, total - done) / job.rate)} left")
    line = ", ".join(parts)
    return f"{line}\n{_state(job, now)}" if line else _state(job, now)


def _state(job: Job, now: float) -> str:
    words = _WISHES[job.wish] if job.wish else _STATES[job.state]
    if job.state is State.WAITING and not job.wish and job.due > now:
        words += f", goes on in {span(job.due - now)}"
    if job.attempts:
        words += f", {counted(job.attempts, 'attempt')} failed"
    return f"{words}: {shown_reason(job.reason)}" if job.reason else words


def shown_reason(reason: str) -> str:
    """A job's reason on one line, not too long."""
    return cut(display_name(reason, REASON), REASON)


def _place(job: Job) -> tuple[int, float, float, str]:
    place = _ORDER.index(job.state) if job.state in _ORDER else len(_ORDER)
    return place, -job.priority, job.created, job.id


def _buttons(job: Job, number: int) -> tuple[Button, ...]:
    cancel = Button(f"Cancel {number}", data=f"cancel:{job.id}")
    if job.wish == "cancel":
        return (cancel,)
    if job.state is State.PAUSED or job.wish == "pause":
        return Button(f"Resume {number}", data=f"resume:{job.id}"), cancel
    return Button(f"Pause {number}", data=f"pause:{job.id}"), cancel
