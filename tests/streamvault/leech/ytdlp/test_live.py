"""Streams that are live or begin later."""

import pytest

from streamvault.errors import NotYet, SourceRefused
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.live import LONGEST, PAUSE, check_time

NOW = 1_700_000_000.0


def stream(live: str | None, starts: float | None = None) -> Entry:
    return Entry("x", "Garden", None, live=live, starts=starts)


def test_what_is_over_is_fetched() -> None:
    for live in (None, "not_live", "was_live"):
        check_time(stream(live), awaited=None, now=NOW)


def test_what_begins_later_is_waited_for() -> None:
    for starts, pause in ((NOW + 7200, 7200), (NOW + 5, PAUSE)):
        with pytest.raises(NotYet, match="begins later") as caught:
            check_time(stream("is_upcoming", starts), awaited=None, now=NOW)
        assert caught.value.retry_after == pause


def test_what_was_waited_for_may_go_on_for_a_while() -> None:
    for live in ("is_live", "post_live", "is_upcoming"):
        with pytest.raises(NotYet, match="live now"):
            check_time(stream(live, NOW - 60), awaited=NOW - 60, now=NOW)
        with pytest.raises(SourceRefused, match="no end"):
            check_time(stream(live, NOW - LONGEST), awaited=NOW - LONGEST, now=NOW)


def test_what_is_live_when_it_is_asked_for_is_refused() -> None:
    for live in ("is_live", "is_upcoming"):
        with pytest.raises(SourceRefused, match="no end"):
            check_time(stream(live), awaited=None, now=NOW)
