"""Preconditions of RFC 9110 section 13, without a server."""

import itertools
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.conditions import Outcome, Validators, evaluate, parse_date, range_applies

ETAG = '"AgADx-1f4"'
MODIFIED = int(datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC).timestamp())
OURS = Validators(ETAG, MODIFIED)
SAME = "Thu, 01 Jan 2026 12:00:01 GMT"
BEFORE = "Thu, 01 Jan 2026 12:00:00 GMT"
AFTER = "Thu, 01 Jan 2026 12:00:02 GMT"

PERFORM, NOT_MODIFIED, FAILED = Outcome.PERFORM, Outcome.NOT_MODIFIED, Outcome.FAILED


@pytest.mark.parametrize(
    ("field", "named", "named_strongly"),
    [
        (ETAG, True, True),
        ("*", True, True),
        (" * ", True, True),
        (f"W/{ETAG}", True, False),
        (f'"other", {ETAG}', True, True),
        (f'"with,comma",{ETAG}', True, True),
        (f",, {ETAG} ,", True, True),
        (f'"with space",{ETAG}', False, False),
        (f"w/{ETAG}", False, False),
        ('"other"', False, False),
        (ETAG.strip('"'), False, False),
        (f'"other" {ETAG}', False, False),
        (f"{ETAG}, unquoted", False, False),
        (f'"open, {ETAG}', False, False),
        ("", False, False),
    ],
)
def test_tag_lists(field: str, *, named: bool, named_strongly: bool) -> None:
    """Sections 8.8.3.2 (comparison), 13.1.1 (If-Match: strong) and 13.1.2 (If-None-Match: weak)."""
    assert evaluate(OURS, {"if-none-match": field}) is (NOT_MODIFIED if named else PERFORM)
    assert evaluate(OURS, {"if-match": field}) is (PERFORM if named_strongly else FAILED)


@pytest.mark.parametrize(
    ("date", "since", "unmodified_since"),
    [
        (SAME, NOT_MODIFIED, PERFORM),
        (AFTER, NOT_MODIFIED, PERFORM),
        (BEFORE, PERFORM, FAILED),
        ("not a date", PERFORM, PERFORM),
        (f"{AFTER}, {AFTER}", PERFORM, PERFORM),
        ("", PERFORM, PERFORM),
    ],
)
def test_dates(date: str, since: Outcome, unmodified_since: Outcome) -> None:
    """Sections 13.1.3 and 13.1.4; a malformed date is ignored."""
    assert evaluate(OURS, {"if-modified-since": date}) is since
    assert evaluate(OURS, {"if-unmodified-since": date}) is unmodified_since


@pytest.mark.parametrize(
    ("match", "unmodified", "none_match", "modified"),
    list(itertools.product((None, True, False), repeat=4)),
)
def test_precedence(
    *, match: bool | None, unmodified: bool | None, none_match: bool | None, modified: bool | None
) -> None:
    """Section 13.2.2, each field absent, holding or failing: the steps as that section numbers them."""
    fields = {
        "if-match": {None: None, True: ETAG, False: '"x"'}[match],
        "if-unmodified-since": {None: None, True: SAME, False: BEFORE}[unmodified],
        "if-none-match": {None: None, True: '"x"', False: ETAG}[none_match],
        "if-modified-since": {None: None, True: BEFORE, False: SAME}[modified],
    }
    expected = PERFORM
    if match is False or (match is None and unmodified is False):
        expected = FAILED
    elif none_match is False or (none_match is None and modified is False):
        expected = NOT_MODIFIED
    assert evaluate(OURS, {name: value for name, value in fields.items() if value is not None}) is expected


@pytest.mark.parametrize(
    ("field", "applies"),
    [
        (None, True),
        (ETAG, True),
        (f" {ETAG} ", True),
        (SAME, True),
        (f"W/{ETAG}", False),
        ('"other"', False),
        (f'{ETAG}, "other"', False),
        ("*", False),
        (BEFORE, False),
        (AFTER, False),
        ("not a date", False),
        ("", False),
    ],
)
def test_if_range(field: str | None, *, applies: bool) -> None:
    """Section 13.1.5: a strong tag or a date, exactly that of the file."""
    assert range_applies(field, OURS) is applies


@given(st.integers(0, 4_000_000_000))
def test_last_modified_is_parsed_as_it_was_formatted(modified: int) -> None:
    assert parse_date(Validators(ETAG, modified).last_modified) == modified


@given(st.datetimes(datetime(time.gmtime().tm_year - 49, 1, 1), datetime(time.gmtime().tm_year + 49, 1, 1)))
def test_all_three_forms_of_a_date(moment: datetime) -> None:
    """Section 5.6.7."""
    expected = int(moment.replace(tzinfo=UTC).timestamp())
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) == expected
    assert parse_date(moment.strftime("%A, %d-%b-%y %H:%M:%S GMT")) == expected
    assert parse_date(f"{moment:%a %b} {moment.day:2} {moment:%H:%M:%S %Y}") == expected


def test_two_digit_years_reach_50_years_ahead() -> None:
    now = time.gmtime().tm_year
    for year in (now + 50, now - 49):
        found = parse_date(f"Monday, 01-Jan-{year % 100:02} 00:00:00 GMT")
        assert found is not None
        assert time.gmtime(found).tm_year == year


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 32 Jan 2026 12:00:01 GMT",
        "Sun, 29 Feb 2026 12:00:01 GMT",
        "Thu, 00 Jan 2026 12:00:01 GMT",
        "Thu, 01 Jan 0000 12:00:01 GMT",
        "Thu, 01 Jan 2026 24:00:01 GMT",
        "Thu, 01 Jan 2026 12:60:01 GMT",
        "Thu, 01 Jan 2026 12:00:61 GMT",
        "Thu, 01 Jan 2026 12:00:01 CET",
        "thu, 01 jan 2026 12:00:01 gmt",
        "2026-01-01T12:00:01Z",
    ],
)
def test_malformed_dates_are_no_dates(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(st.characters(codec="latin-1")), st.sampled_from(["if-match", "if-none-match", "if-modified-since"]))
def test_any_header_text_gives_an_outcome(text: str, name: str) -> None:
    assert evaluate(OURS, {name: text}) in Outcome


def test_long_tag_lists_are_evaluated_fast() -> None:
    began = time.process_time()
    for field in ('"x",' * 20_000, " " * 60_000 + "x", "," * 60_000, '"' * 60_001):
        assert evaluate(OURS, {"if-none-match": field}) is PERFORM
    assert time.process_time() - began < 0.5
