"""Captions say what their template wants, never more than Telegram takes, and cut no character in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.caption_templates import (
    FIELDS,
    MOST_UNITS,
    checked_template,
    filled,
    readable_duration,
    readable_size,
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_fields_are_filled_in_and_lines_without_anything_are_left_out() -> None:
    template = checked_template(r"{title}\n{duration}  {size}\n\n{{{source}}}\n{duration}")
    values = {"title": "A {name} film", "size": "1.4 GiB", "source": "example.org"}
    assert filled(template, values) == "A {name} film\n1.4 GiB\n\n{example.org}"
    assert filled(template, {**values, "duration": "2:03"}).startswith("A {name} film\n2:03  1.4 GiB\n")
    assert filled("{name}", {"name": "a.mkv"}) == "a.mkv"


@pytest.mark.parametrize(
    "bad", ["{nam}", "{", "}", "{name!r}", "{name:>9}", "{name.__class__}", "{0}", "{}", "x" * 2001]
)
def test_other_fields_and_forms_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"field|brace|characters"):
        checked_template(bad)


def test_what_is_too_long_is_cut_between_characters() -> None:
    fits = "x" * (MOST_UNITS - 2) + "\U0001f600"
    assert filled("{name}", {"name": fits}) == fits
    longer = filled("{name}", {"name": "y" + fits})
    assert longer == "y" + "x" * (MOST_UNITS - 2) + "\u2026"
    assert filled("{name}", {"name": "\U0001f600" * 1000}) == "\U0001f600" * 511 + "\u2026"


@given(st.text(st.characters(exclude_categories=()), max_size=1500), st.sampled_from(FIELDS))
def test_any_name_makes_a_caption(name: str, field: str) -> None:
    caption = filled(f"{{{field}}} and more", {field: name})
    assert units(caption) <= MOST_UNITS
    assert units(caption) < MOST_UNITS or caption.endswith("\u2026") or units(name) <= MOST_UNITS


def test_sizes_and_durations_are_readable() -> None:
    sizes = [0, 1023, 1024, 1_500_000_000, 1 << 41, 1 << 60]
    assert [readable_size(size) for size in sizes] == [
        "0 bytes", "1023 bytes", "1.0 KiB", "1.4 GiB", "2.0 TiB", "1048576.0 TiB",
    ]  # fmt: skip
    assert [readable_duration(seconds) for seconds in (None, 0, 59.6, 3723)] == ["", "0:00", "1:00", "1:02:03"]
