"""What cannot be done now, and since when: one model for /readyz, /api/stats, `streamvault doctor` and the log.

A condition begins and ends; each of both is one line of the log, however often what caused it is tried meanwhile. Those
who notice one report it with `begin` and `end`; what can be looked up at any time is reported by an observer, which is
called whenever the conditions are read.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

log = logging.getLogger(__name__)

What = Literal[
    "account", "channels", "data_centre", "database", "disk", "flood", "lease", "telegram", "updates", "vault"
]
"""`telegram`: the connection of an account. `data_centre`: file connections to one. `account`: logged out, banned,
waiting. `flood`: a flood wait. `lease`: another process holds the session. `updates`: posts come late. `channels`,
`vault`: rights that the bot lacks.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something cannot be done: a sentence, and times in Unix seconds, None where they are not known.

    `reason` says how to mend it, and names nobody and no chat: everybody reads it in /readyz. `detail` takes its place
    where only those who run the server read.
    """

    reason: str
    detail: str = ""
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `subject` says which account, data centre or chat, "" where there is only one.

    `since` and `until` are in Unix seconds; `until` is None where the end is not known.
    """

    what: What
    subject: str
    since: float
    until: float | None
    reason: str
    detail: str


class Conditions:
    """The conditions of one server. `clock` returns Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._present: dict[tuple[What, str], Condition] = {}
        self._observers: list[Callable[[], None]] = []

    def begin(self, what: What, cause: Cause, *, subject: str = "") -> None:
        """Something cannot be done from now on. Called again, its beginning stays, and another reason is said again."""
        known = self._present.get((what, subject))
        since = cause.since if known is None and cause.since is not None else self._clock()
        begun = Condition(what, subject, since, cause.until, cause.reason, cause.detail or cause.reason)
        self._present[what, subject] = replace(begun, since=known.since) if known else begun
        if known is None or known.reason != cause.reason:
            log.warning("%s: %s%s", _title(begun), begun.detail, _end_of(begun))

    def end(self, what: What, *, subject: str = "") -> None:
        """It can be done again; nothing happens if it could be done before."""
        known = self._present.pop((what, subject), None)
        if known is not None:
            log.warning("%s: over after %.0f s", _title(known), max(0.0, self._clock() - known.since))

    def replace(self, what: What, found: Mapping[str, Cause]) -> None:
        """These, by subject, are all conditions of one kind now, but for one without a subject."""
        for kind, subject in list(self._present):
            if kind == what and subject and subject not in found:
                self.end(what, subject=subject)
        for subject, cause in found.items():
            self.begin(what, cause, subject=subject)

    def add_observer(self, observe: Callable[[], None]) -> None:
        """Call `observe`, which reports what it finds, before the conditions are read."""
        self._observers.append(observe)

    def refresh(self) -> None:
        """Call every observer."""
        for observe in self._observers:
            observe()

    def holds(self, what: What, *, subject: str = "") -> bool:
        """Whether this condition has begun and not ended."""
        return (what, subject) in self._present

    @property
    def present(self) -> tuple[Condition, ...]:
        """The present conditions, by kind and subject."""
        self.refresh()
        return tuple(self._present[key] for key in sorted(self._present))

    @property
    def names(self) -> tuple[What, ...]:
        """The kinds of the present conditions, each once."""
        return tuple(dict.fromkeys(condition.what for condition in self.present))


def utc(seconds: float) -> str:
    """Unix seconds as date and time in UTC, for people."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _title(condition: Condition) -> str:
    return f"{condition.what} ({condition.subject})" if condition.subject else condition.what


def _end_of(condition: Condition) -> str:
    return "" if condition.until is None else f" (until {utc(condition.until)})"
