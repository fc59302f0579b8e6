"""What is told of a job that has ended, and of jobs that were asked for; pure."""

from collections.abc import Sequence

from streamvault.access.urls import Links
from streamvault.leech.addresses import is_magnet, public_address, shown_name
from streamvault.leech.model import Job, State
from streamvault.leech.torrent_files import is_file_address
from streamvault.media.model import MediaFile
from streamvault.telegram.bot.leech.requests import Request
from streamvault.telegram.bot.leech.status import job_name, shown_reason, span
from streamvault.telegram.bot.leech.written import Written, cut
from streamvault.telegram.bot.texts import Answer, Button, display_name, human_size

LISTED = 10
"""Jobs, refused addresses or notes that one answer names."""
LONG_NAME, ADDRESS, SHORT = 255, 120, 60
"""UTF-16 units of a name or an address alone in a message, and of one of several."""
OUTCOME = 1500
"""UTF-16 units of what came of a list."""
_CHANNELS = -1_000_000_000_000


def ended(job: Job, links: Links | None = None, file: MediaFile | None = None, *, buttons: bool = False) -> Answer:
    """Of a job that is done (a list's without a file) or has failed. `links`: to the file on this server; `buttons`:
    Telegram accepts those. `file`: as the library has it.
    """
    if job.state is not State.DONE:
        return _failed(job)
    written = Written().text("Done: ").name(job_name(job), LONG_NAME)
    if not job.transfer.pieces:
        return written.text(f"\n{cut(display_name(job.reason or '', OUTCOME), OUTCOME)}").answer()
    written.text(f"\n{human_size(job.bytes_done)}{_facts(file)}")
    post = post_link(job)
    pieces = len(job.transfer.pieces)
    if pieces > 1:
        written.text(f", in {pieces} messages")
    for note in job.transfer.notes[:LISTED]:
        written.text(f"\n{shown_reason(note)}")
    _add_more(written, len(job.transfer.notes))
    if post:
        written.text(f"\n\nPost: {post}")
    if links is not None:
        written.text(f"\n\nWatch: {links.watch}\n\nDownload: {links.download}")
    rows: list[tuple[Button, ...]] = []
    if links is not None and buttons:
        rows.append((Button("Watch", links.watch), Button("Download", links.download)))
    if links is not None:
        rows.append((Button("Fresh links", data=f"links:{job.id}"),))
    return written.answer(tuple(rows))


def _facts(file: MediaFile | None) -> str:
    """How long a film or song is, and its picture's pixels."""
    if file is None:
        return ""
    length = f", {span(file.duration)}" if file.duration else ""
    return f"{length}, {file.width} × {file.height}" if file.width and file.height else length


def _failed(job: Job) -> Answer:
    written = Written().text("Failed: ").name(job_name(job), LONG_NAME).text("\n")
    written.text(shown_reason(job.reason or "it is not known why"))
    return written.answer(((Button("Try again", data=f"retry:{job.id}"),),))


def post_link(job: Job) -> str | None:
    """The address of a job's first message; None where Telegram has none for the chat."""
    posted = next((one.message_id for one in job.transfer.pieces if one.message_id is not None), None)
    if posted is None or job.chat_id >= _CHANNELS:
        return None
    return f"https://t.me/c/{_CHANNELS - job.chat_id}/{posted}"


def offer(request: Request) -> Answer:
    """Asks whether the addresses of a message are to be leeched; it replies to that message, which is read again."""
    written = Written()
    if len(request.addresses) == 1:
        written.text("Leech this?\n").name(_shown(request.addresses[0]), ADDRESS)
    else:
        written.text(f"Leech these {len(request.addresses)} addresses?")
    _add_left_out(written, request.left_out)
    return written.answer(
        (
            (Button("Leech", data="leech:yes"), Button("By yt-dlp", data="leech:page")),
            (Button("Choose entries", data="leech:pick"), Button("No", data="leech:no")),
        )
    )


def queued(
    new: Sequence[Job], known: Sequence[Job], refused: Sequence[tuple[str, str]], *, left_out: int = 0
) -> Answer:
    """What became of the addresses of a message: new jobs, jobs that were there, and refused addresses with reasons."""
    written = Written()
    if new:
        written.text("Queued:" if len(new) == 1 else f"{len(new)} queued:")
        _add_jobs(written, new)
    if known:
        written.text("\n\n" if new else "").text("There already:")
        for job in known[:LISTED]:
            written.text("\n").name(job_name(job), SHORT)
            post = post_link(job) if job.state is State.DONE else None
            written.text(f" {post}" if post else f" ({job.state.value})")
        _add_more(written, len(known))
    if refused:
        written.text("\n\n" if new or known else "").text(
            "Refused:" if len(refused) == 1 else f"{len(refused)} refused:"
        )
        for address, reason in refused[:LISTED]:
            written.text("\n").name(_shown(address), SHORT).text(f" {cut(display_name(reason, 120), 120)}")
        _add_more(written, len(refused))
    _add_left_out(written, left_out)
    return written.answer()


def _add_jobs(written: Written, jobs: Sequence[Job]) -> None:
    for job in jobs[:LISTED]:
        written.text("\n").name(job_name(job), SHORT).text(" ").name(job.id, SHORT)
    _add_more(written, len(jobs))


def _add_more(written: Written, number: int) -> None:
    if number > LISTED:
        written.text(f"\n... and {number - LISTED} more")


def _add_left_out(written: Written, left_out: int) -> None:
    if left_out:
        written.text(f"\n\n{left_out} left out: no {'address' if left_out == 1 else 'addresses'} that can be leeched.")


def _shown(address: str) -> str:
    """Without the user and password that an address may hold, and the trackers of a magnet link."""
    if is_magnet(address) or is_file_address(address):
        return shown_name(public_address(address))
    scheme, separator, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}" if separator else address
