"""What messages say of mirrors; pure."""

import math
from collections.abc import Mapping, Sequence

from streamvault.leech.mirror.model import Mirror, State
from streamvault.telegram.bot.leech.status import counted, shown_reason, span
from streamvault.telegram.bot.leech.written import Written
from streamvault.telegram.bot.texts import Answer, Button

PAGE = 5
"""Mirrors on one page of the list."""
NAME = 60
"""UTF-16 units of a channel's name."""
SHOWN = 3
"""Reasons for which messages were left out, of each mirror."""
NOT_OWNER = "Only owners of this server make, see and end mirrors."
NO_MIRRORS = "There is no mirror. /mirror SOURCE TARGET keeps a channel as a copy of another."
NO_MIRROR = "There is no such mirror: /mirror shows them."
ASKED = "The server is told."
LATER = "The server does not answer: it does not run, or is not connected. It is done once it is; I will tell you then."

_STATES: Mapping[State, str] = {
    State.QUEUED: "begins soon", State.COPYING: "is being copied", State.FOLLOWING: "is followed",
    State.WAITING: "waits", State.ASKING: "asks something", State.FAILED: "does not go on", State.DONE: "is done",
}  # fmt: skip


def mirror_list(mirrors: Sequence[Mirror], *, page: int, now: float) -> Answer:
    """A page (from 0; the last one for a number beyond) of mirrors. `now`: Unix seconds."""
    if not mirrors:
        return Answer(NO_MIRRORS)
    pages = math.ceil(len(mirrors) / PAGE)
    page = max(0, min(page, pages - 1))
    written, rows = Written().text(counted(len(mirrors), "mirror")), list[tuple[Button, ...]]()
    if pages > 1:
        written.text(f" (page {page + 1} of {pages})")
    for number, mirror in enumerate(mirrors[page * PAGE : (page + 1) * PAGE], page * PAGE + 1):
        written.text(f"\n\n{number}. ").name(mirror.source_title or str(mirror.source), NAME)
        written.text(" to ").name(mirror.target_title or str(mirror.target), NAME)
        written.text(f"\n{_state(mirror, now)}\n").name(mirror.id, NAME)
        rows.append(_buttons(mirror, number))
    if pages > 1:
        rows.append(
            (
                Button("Back", data=f"mirror:page:{(page - 1) % pages}"),
                Button("More", data=f"mirror:page:{(page + 1) % pages}"),
            )
        )
    return written.answer(tuple(rows))


def answered(text: str, mirror: str | None) -> Answer:
    """What the server said to a request, about a mirror with this id where there is one."""
    if mirror is None:
        return Answer(text)
    written = Written().text(f"{text}\n").name(mirror, NAME)
    return written.text("\n/mirror shows how far it is.").answer(
        ((Button("End this mirror", data=f"mirror:remove:{mirror}"),),)
    )


def _buttons(mirror: Mirror, number: int) -> tuple[Button, ...]:
    end = Button(f"End {number}", data=f"mirror:remove:{mirror.id}")
    if mirror.state is not State.ASKING:
        return (end,)
    return (
        Button(f"Delete {mirror.asked} of {number}", data=f"mirror:delete:{mirror.id}"),
        Button("Keep them", data=f"mirror:keep:{mirror.id}"),
        end,
    )


def _state(mirror: Mirror, now: float) -> str:
    words = f"{_STATES[mirror.state]}, {counted(mirror.copied, 'message')} copied"
    if mirror.state not in (State.FOLLOWING, State.DONE) and mirror.lag:
        words += f", {mirror.lag} behind"
    if mirror.state in (State.WAITING, State.FAILED) and mirror.due > now:
        words += f", goes on in {span(mirror.due - now)}"
    if mirror.state is State.ASKING:
        words += f": {counted(mirror.asked, 'message')} of the source were deleted at once"
    elif mirror.reason:
        words += f": {shown_reason(mirror.reason)}"
    left_out = sorted(mirror.left_out.items(), key=lambda one: -one[1])[:SHOWN]
    return words + "".join(f"\nleft out: {count} × {reason}" for reason, count in left_out if count)
