"""Every error that StreamVault raises on purpose, and what its caller may do.

    StreamVaultError
    ├── ConfigError                    exit code 2, one line, no traceback
    ├── FileMissing            404     no such message, or in a chat whose files are not shown
    ├── FileGone               410     message deleted, every origin exhausted
    ├── RangeNotSatisfiable    416     carries .size
    ├── AccessDenied           401/403 carries .authenticated
    ├── TooManyTries           429     carries .retry_after
    ├── SourceError            502     reading from Telegram failed
    │   ├── SourceBusy         503     carries .retry_after (flood wait on every account)
    │   ├── SourceUnavailable  503     connection or timeout
    │   ├── ShortRead          -       fewer bytes than promised: abort the connection
    │   └── CorruptRead        -       other bytes than Telegram's hashes say: abort the connection
    ├── CatalogError           503
    │   └── DatabaseReplaced   503     its file is not the one that was opened
    ├── PlaybackError          -       a film cannot be repackaged
    │   ├── NotPlayable        422     carries .reason: why, and what plays it instead
    │   └── TooBusy            503     carries .retry_after: not there yet, or too many want the like
    ├── LeechError             -       a file could not be leeched; the text is one sentence for people
    │   ├── SourceRefused      400     the source will not give it: do not try again
    │   │   └── LinkExpired    400     it gave the file before: go on with a fresh link
    │   ├── SourceFailed       -       the source failed: try again after .retry_after, or back off
    │   ├── PartsLost          -       Telegram lost parts of an upload: send the bytes of that message again
    │   ├── UploadFailed       -       Telegram does not take it from this account there: do not try again
    │   ├── NotYet             -       the source begins later: try again after .retry_after
    │   ├── NoRoom             -       the disk has no room for it now: try again after .retry_after
    │   ├── NeverFits          -       the disk can never hold it: do not try again
    │   ├── QuotaExceeded      429     somebody may leech no more now
    │   ├── JobMissing         404     no such job, or not one of the caller's
    │   └── JobConflict        409     a job cannot be changed so in its state
    ├── VoiceError             -       something about a call; the text is one sentence for people
    │   ├── VoiceConflict      409     it cannot be done in the state of the call
    │   ├── EntryMissing       404     no such entry in its queue
    │   ├── QueueFull          429     somebody may queue no more now
    │   ├── CallInterrupted    -       the call was lost or cannot be joined now: join again
    │   └── CallRefused        -       it cannot be joined before a person mends that
    └── VaultError             -       a file could not be kept; the text is for the person who sent it

Data lives in attributes; the message is for people.
"""


class StreamVaultError(Exception):
    """Root of the tree; catch it only at the edges (cli/, http/middleware/problems.py)."""


class ConfigError(StreamVaultError):
    """A setting is wrong. The text is one sentence that says how to correct it; exit code 2."""


class FileMissing(StreamVaultError):
    """No such message, no media in it, or a chat whose files are not shown. Do not retry."""


class FileGone(StreamVaultError):
    """The message was deleted and no other origin holds the file. Do not retry."""


class RangeNotSatisfiable(StreamVaultError):
    """Every range asked for begins at or beyond the end; answer 416 with `size` (bytes)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"no requested range lies inside {size} bytes")
        self.size = size


class AccessDenied(StreamVaultError):
    """No link token (`authenticated` False: 401), or a wrong or expired one (True: 403)."""

    def __init__(self, detail: str, *, authenticated: bool) -> None:
        super().__init__(detail)
        self.authenticated = authenticated


class TooManyTries(StreamVaultError):
    """Somebody tries too often; come back in `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many tries: come back in {retry_after:.0f} s")
        self.retry_after = retry_after


class SourceError(StreamVaultError):
    """Reading from Telegram failed for good on this try; the caller may try again within its bounds."""


class SourceBusy(SourceError):
    """Every account is in a flood wait; do not ask again for `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"every account waits for Telegram, {retry_after:.0f} s more")
        self.retry_after = retry_after


class SourceUnavailable(SourceError):
    """No connection, or no answer in time; retry with back-off."""


class ShortRead(SourceError):
    """Fewer bytes arrived than the file has: abort the connection, never end it cleanly."""


class CorruptRead(SourceError):
    """Bytes arrived whose SHA-256 differs from Telegram's own hashes: they must not be served."""


class CatalogError(StreamVaultError):
    """The catalog's database failed; work that does not need the catalog may continue."""


class StoredMeanwhile(CatalogError):
    """A message was stored anew after it was read, so nothing was written: read it again."""


class DatabaseReplaced(CatalogError):
    """The database's file was deleted, moved or replaced while it was open: what is written now would be lost."""


class VaultError(StreamVaultError):
    """A file sent to the bot could not be kept; the text is one sentence for its sender."""


class PlaybackError(StreamVaultError):
    """A film cannot be repackaged, for good or for now; its bytes as they are can still be streamed."""


class NotPlayable(PlaybackError):
    """This film cannot be repackaged. `reason` says in words why, and what can play it. Do not retry."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooBusy(PlaybackError):
    """It is not there yet, or too many want the like; come back in `retry_after` seconds. `why` says it in words."""

    def __init__(self, retry_after: float, why: str = "every place for repackaging films is taken") -> None:
        super().__init__(f"{why}: come back in {retry_after:.0f} s")
        self.retry_after = retry_after


class LeechError(StreamVaultError):
    """A file could not be leeched; the text is one sentence for people, without credentials."""


class SourceRefused(LeechError):
    """A bad or unsafe address, or a source that has no such file or asks for a log-in. Do not retry."""


class LinkExpired(SourceRefused):
    """An address that gave the file before no longer does. What was transferred stays good for a fresh link to it."""


class SourceFailed(LeechError):
    """The source did not answer, or not as it should. Retry after `retry_after` seconds; None: with back-off."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PartsLost(LeechError):
    """Telegram no longer has parts of an upload, or refuses their number: send that message's bytes again.

    `part`: the first one that is missing; None where Telegram does not say.
    """

    def __init__(self, reason: str, *, part: int | None = None) -> None:
        super().__init__(reason)
        self.part = part


class UploadFailed(LeechError):
    """Telegram does not take the file from this account in this chat. Do not retry before that is mended."""


class NotYet(LeechError):
    """What is wanted comes later: wait `retry_after` seconds, which is no failure of the job."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NoRoom(LeechError):
    """What a job needs on the disk is taken by others: wait `retry_after` seconds, which is no failure of the job."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NeverFits(LeechError):
    """More is needed on the disk than may ever be used of it: do without, or do not retry. The text has the numbers."""


class QuotaExceeded(LeechError):
    """Somebody may not leech this much now; the text says how much and until when."""


class JobMissing(LeechError):
    """There is no such job, or it is somebody else's. Do not retry."""


class JobConflict(LeechError):
    """A job cannot be paused, resumed, cancelled or retried in its state; the text says what can be done instead."""


class VoiceError(StreamVaultError):
    """Something about a call of a chat; the text is one sentence for people."""


class VoiceConflict(VoiceError):
    """It cannot be done in the state in which the call is; the text says why."""


class EntryMissing(VoiceError):
    """There is no such entry in the queue of the call. Do not retry."""


class QueueFull(VoiceError):
    """Somebody may queue no more until something was played; the text says how much."""


class CallInterrupted(VoiceError):
    """The call was lost, or could not be joined now: join again, after a pause."""


class CallRefused(VoiceError):
    """The call cannot be joined, or not be heard; the text says what a person has to do. Do not retry before that."""
