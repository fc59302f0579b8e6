"""Entities that Telegram detects in a text, counted in UTF-16."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.entities import complete, utf16_length


def found(text: str) -> list[tuple[str, str]]:
    """Kind and text of every entity."""
    units = text.encode("utf-16-le")
    return [
        (
            type(item).__name__.removeprefix("MessageEntity"),
            units[2 * item.offset : 2 * (item.offset + item.length)].decode("utf-16-le"),
        )
        for item in complete(text, [])
    ]


def test_entities_are_detected() -> None:
    text = "🎬 /link@vault_bot see https://example.org/a_(b). @ada_l #фильм"
    assert found(text) == [
        ("BotCommand", "/link@vault_bot"),
        ("Url", "https://example.org/a_(b"),
        ("Mention", "@ada_l"),
        ("Hashtag", "#фильм"),
    ]


def test_hashtags_of_all_scripts_hold_vowel_signs_and_joiners() -> None:
    """R: a hashtag ends where the word does, and needs a letter."""
    tags = ["#सिनेमा", "#ภาพยนตร์", "#می‌سازیم", "#ドラマ", "#Größe", "#день_2", "#col·laboració"]
    assert found(f"{' '.join(tags)} #1984 a#b ##c") == [("Hashtag", tag) for tag in tags]


def test_given_entities_take_precedence_over_detected_ones() -> None:
    code = raw.types.MessageEntityCode(offset=0, length=6)
    assert complete("/start", [code]) == [code]


@pytest.mark.parametrize(("offset", "length"), [(-1, 2), (0, 0), (0, 4), (3, 1)])
def test_an_entity_outside_the_text_is_refused(offset: int, length: int) -> None:
    with pytest.raises(RpcError, match="ENTITY_BOUNDS_INVALID"):
        complete("🎬x", [raw.types.MessageEntityBold(offset=offset, length=length)])


@given(st.text())
def test_detected_entities_are_inside_the_text_and_disjoint(text: str) -> None:
    end = 0
    for entity in complete(text, []):
        assert entity.offset >= end
        end = entity.offset + entity.length
    assert end <= utf16_length(text)
