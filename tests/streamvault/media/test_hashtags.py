"""Hashtags of all scripts, by Telegram's rule and by its entities (R)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.hashtags import LONGEST, hashtags, marked_hashtags


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#सिनेमा #ภาพยนตร์ #می‌سازیم #ドラマ #Größe", ["सिनेमा", "ภาพยนตร์", "می‌سازیم", "ドラマ", "Größe"]),
        ("#தமிழ், #සිංහල. #한국영화! (#кино) #ക്ഷ\u200dമ", ["தமிழ்", "සිංහල", "한국영화", "кино", "ക്ഷ\u200dമ"]),
        ("#col·lecció #snake_case #2nd #a1", ["col·lecció", "snake_case", "2nd", "a1"]),
        ("#1 #_ # #· #१२ #☔", []),
        ("a#b _#c १#d /#e https://x.org/#f", []),
        ("##g #h#i #j##k", ["g", "k"]),
        ("#love❤️ #x-y #z’s #v\ufe0f", ["love", "x", "z", "v"]),
        ("#join\u200c er", ["join"]),
        ("#" + "x" * 300, ["x" * LONGEST]),
        ("😀#y\n#z", ["y", "z"]),
    ],
)
def test_hashtags_by_rule(text: str, found: list[str]) -> None:
    assert hashtags(text) == found


def span(text: str, part: str) -> tuple[int, int]:
    """The place of a part of a text, in UTF-16 code units."""
    return len(text[: text.index(part)].encode("utf-16-le")) // 2, len(part.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "marked", "hidden", "found"),
    [
        ("😀 #a #b", ["#b"], [], ["b"]),
        ("😀 #include #b", [], ["#include"], ["b"]),
        ("see https://x.org/p#frag #b", [], ["https://x.org/p#frag"], ["b"]),
        ("#𝒳y #x-y 😀#q", ["#𝒳y", "#x-y", "#q"], [], ["𝒳y", "x-y", "q"]),
        ("#tag@channel_x #b", ["#tag@channel_x", "#b"], [], ["tag", "b"]),
        ("#सिनेमा #می‌سازیم", ["#स", "#می"], [], ["सिनेमा", "می‌سازیم"]),
        ("#ab #c", ["#a", "#c"], [], ["a", "c"]),
        ("＃映画", ["＃映画"], [], ["映画"]),
        ("#a b #c", ["#a b", "#c"], [], ["a", "c"]),
        ("#", ["#"], [], []),
    ],
)
def test_entities_decide(text: str, marked: list[str], hidden: list[str], found: list[str]) -> None:
    spans = [[span(text, part) for part in parts] for parts in (marked, hidden)]
    assert marked_hashtags(text, *spans) == found


@given(st.text(alphabet=st.sampled_from("#aé_1☔ /सि\u200c😀\ud800"), max_size=30))
def test_without_entities_the_rule_holds(text: str) -> None:
    assert marked_hashtags(text, []) == hashtags(text)
    assert all(f"#{tag}" in text for tag in hashtags(text))


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3))
def test_entities_outside_the_text_do_no_harm(text: str, spans: list[tuple[int, int]]) -> None:
    assert all(tag in text for tag in marked_hashtags(text, spans, spans))
