"""Going on with a file at a byte: only with the same bytes, whatever the server says about ranges and validators."""

from streamvault.errors import LinkExpired, SourceFailed
from streamvault.leech.sources.base import Checkpoint, SourceChanged
from streamvault.leech.sources.comparing import check_tail, refuse_total, take_before
from streamvault.leech.sources.http.begin import UNDONE
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.codings import Decoder, codings_of
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.pages import is_page_type
from streamvault.leech.sources.http.ranges import (
    content_length,
    if_range,
    is_certain,
    is_other,
    parse_content_range,
    validators,
)
from streamvault.leech.sources.http.way import Way
from streamvault.leech.sources.stream import Stream

NO_IF_RANGE = ("if_range", "no")
"""In `state`: the server forgets about the range where If-Range is sent."""


class Resume:
    """Goes on at a checkpoint. The bytes before it are fetched again and compared where their hash is known; without
    one, the validators have to be the same.
    """

    def __init__(self, client: Client, way: Way, checkpoint: Checkpoint, state: dict[str, str]) -> None:
        self._client, self._way = client, way
        self._described, self._offset, self._state = checkpoint.described, checkpoint.offset, state
        self._checkpoint = checkpoint
        self._tail_size = checkpoint.tail[0] if checkpoint.tail else 0
        self._start = checkpoint.offset - self._tail_size
        self._before = b""
        self._verified = False
        self._ranged = self._described.resumable and state.get("coding") != UNDONE
        self._wrong = 0

    async def open(self) -> tuple[Stream[Answer], bytes] | None:
        """A stream at the offset, and the bytes before it that were compared; None where the file ends there. Raises
        SourceChanged, SourceRefused (LinkExpired), SourceFailed.
        """
        while True:
            answer = await self._way.get(self._headers(), begun=True)
            try:
                self._check_identity(answer)
                if answer.status == 416 and self._ends_here(answer):
                    answer.close()
                    return None
                stream = self._placed(answer)
                if stream is not None and await self._compared(stream):
                    return stream, self._before
            except BaseException:
                answer.close()
                raise
            answer.close()
            if stream is None:
                await self._ask_again()

    async def _compared(self, stream: Stream[Answer]) -> bool:
        """Read up to the offset; whether the answer goes on behind it. Raises SourceChanged, SourceFailed."""
        answer = stream.answer
        host = str(answer.url.host)
        taken = await take_before(stream, self._start, self._offset, host)
        self._before += taken
        self._start += len(taken)
        if stream.position == self._offset:
            if self._verified:
                return True
            certain = is_certain(self._described, *validators(answer.fields))
            check_tail(self._before, self._checkpoint, certain=certain, host=host)
            self._verified = True
            return stream.last or stream.end != self._offset
        if stream.last or not taken:
            raise SourceChanged(f"the file at {host} is shorter than before")
        return False

    def _headers(self) -> list[tuple[bytes, bytes]]:
        if not self._ranged or self._wrong >= self._client.limits.tries:
            return []
        headers = [(b"Range", b"bytes=%d-" % self._start)]
        validator = if_range(self._described)
        if validator and self._state.get(NO_IF_RANGE[0]) != NO_IF_RANGE[1]:
            headers.append((b"If-Range", validator.encode("latin-1", "replace")))
        return headers

    async def _ask_again(self) -> None:
        """Prepare for the next question: without If-Range where that may be why the range was ignored, which is no
        wrong answer; else after a pause, and at last for the whole file.
        """
        limits = self._client.limits
        if any(name == b"If-Range" for name, _ in self._headers()):
            self._state.update([NO_IF_RANGE])
            return
        if self._wrong >= limits.tries:
            raise SourceFailed(f"{self._way.first.host} sends other bytes than it was asked for")
        self._wrong += 1
        await self._client.sleep(limits.pause * 2 ** (self._wrong - 1))

    def _check_identity(self, answer: Answer) -> None:
        old, host = self._described, answer.url.host
        total = self._total(answer)
        page = is_page_type(answer.fields.text("content-type") or "") and not is_page_type(old.mime_type)
        if page and answer.status != 416 and (total is None or total != old.size):
            raise LinkExpired(
                f"the link has expired: {host} answers with a web page now; "
                "give a fresh link to go on from where it stopped"
            )
        if old.size is not None and total is not None and total != old.size:
            self._refuse_total(old.size, total)
        if answer.status != 416 and is_other(old, *validators(answer.fields)):
            raise SourceChanged(f"the file at {host} is another one than before")

    def _refuse_total(self, size: int, total: int) -> None:
        first = self._way.first
        refuse_total(self._client.hosts, key=first.shown, host=str(first.host), size=size, total=total)

    def _total(self, answer: Answer) -> int | None:
        """The size of the file by an answer, None where it does not tell it."""
        if codings_of(answer.fields) and "coding" not in self._state:
            return None  # the length of something else
        if answer.status in (206, 416):
            told = parse_content_range(answer.fields.get("content-range"))
            return told.total if told else None
        return content_length(answer.fields)

    def _ends_here(self, answer: Answer) -> bool:
        """Whether a 416 means that there is nothing behind the offset."""
        told = parse_content_range(answer.fields.get("content-range"))
        size = self._described.size if self._described.size is not None else told and told.total
        return self._start == self._offset and size in (None, self._offset)

    def _placed(self, answer: Answer) -> Stream[Answer] | None:
        """The body where it belongs in the file; None for one that does not serve."""
        asked = self._headers()
        coded = bool(codings_of(answer.fields))
        if answer.status == 206:
            told = parse_content_range(answer.fields.get("content-range"))
            if not asked or told is None or told.start is None or told.end is None:
                return None
            if (coded and "coding" not in self._state) or not told.start <= self._start < told.end:
                return None
            length = content_length(answer.fields)
            if length is not None and not 0 < length <= told.end - told.start:
                return None
            end = told.end if length is None else told.start + length
            return Stream(answer, told.start, end, last=told.total == end)
        if asked or answer.status == 416:
            return None
        length = content_length(answer.fields)
        if length is None and not coded and "transfer-encoding" not in answer.fields:
            length = self._described.size  # the end of the connection alone may be a cut
        stream = Stream(answer, 0, length, last=True)
        if coded and self._state.get("coding") != "own":
            stream.undo(Decoder(codings_of(answer.fields), str(answer.url.host)))
        return stream
