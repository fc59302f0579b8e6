"""Texts that are cut, with their entities."""

from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw

from streamvault.telegram.mirroring.texts import MOST_TEXT, parts_of


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(st.sampled_from("ab \n🎬é"), max_size=300), st.integers(2, 60))
def test_nothing_is_lost_and_no_part_is_too_long(text: str, first: int) -> None:
    parts = [part for part, _ in parts_of(text, (), first=first)]
    assert "".join(parts) == text
    assert units(parts[0]) <= first
    assert all(0 < units(part) <= MOST_TEXT for part in parts[1:])
    text.encode("utf-8")


@given(st.integers(0, 90), st.integers(1, 40))
def test_entities_cover_the_same_text_in_the_parts(offset: int, length: int) -> None:
    text = "🎬word " * 20
    length = min(length, units(text) - offset)
    entity = raw.types.MessageEntityBold(offset=offset, length=length)
    covered = b""
    for part, entities in parts_of(text, [entity], first=31):
        for one in entities:
            covered += part.encode("utf-16-le")[2 * one.offset : 2 * (one.offset + one.length)]
    assert covered == text.encode("utf-16-le")[2 * offset : 2 * (offset + length)]
    assert (entity.offset, entity.length) == (offset, length)


def test_where_it_is_cut() -> None:
    table = (
        ("", 10, [""]),
        ("a short text", 20, ["a short text"]),
        ("one two three", 9, ["one two ", "three"]),
        ("onetwothree", 6, ["onetwo", "three"]),
        ("🎬🎬🎬", 3, ["🎬", "🎬🎬"]),
        ("a bbbbbbbbbb", 8, ["a bbbbbb", "bbbb"]),
    )
    for text, first, expected in table:
        assert [part for part, _ in parts_of(text, (), first=first)] == expected, text
