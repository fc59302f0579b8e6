"""Edit distance, tolerance and candidates of spelling correction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.spelling import distance, fragments, nearest, tolerance, transpositions

WORDS = st.text("abcd", max_size=9)
LONG = st.text("abcde", min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("matrix", "matrix", 0),
        ("matrx", "matrix", 1),
        ("matriix", "matrix", 1),
        ("motrix", "matrix", 1),
        ("martix", "matrix", 1),
        ("amtrxi", "matrix", 2),
        ("война", "вайна", 1),
        ("abc", "xyz", 3),
    ],
)
def test_distance(one: str, other: str, far: int) -> None:
    assert distance(one, other) == far


@given(one=WORDS, other=WORDS)
def test_distance_is_the_same_both_ways_and_bounded(one: str, other: str) -> None:
    far = distance(one, other)
    assert far == distance(other, one)
    assert abs(len(one) - len(other)) <= far <= max(len(one), len(other))
    assert (far == 0) == (one == other)


@pytest.mark.parametrize(
    ("word", "mistakes"),
    [
        ("the", 0),
        ("film", 1),
        ("matrix", 1),
        ("sherlock", 2),
        ("x" * 33, 0),
        ("1999", 0),
        ("1080p", 0),
        ("東京物語", 0),
    ],
)
def test_tolerance(word: str, mistakes: int) -> None:
    assert tolerance(word) == mistakes


@given(word=LONG, data=st.data())
def test_near_words_contain_a_fragment_or_are_transpositions(word: str, data: st.DataObject) -> None:
    other = word
    for _ in range(tolerance(word)):
        at = data.draw(st.integers(0, len(other)))
        kind = data.draw(st.sampled_from(("put in", "take out", "exchange")))
        letter = data.draw(st.sampled_from("abcxyz"))
        other = other[:at] + (letter if kind != "take out" else "") + other[at + (kind != "put in") :]
    assert any(piece in other for piece in fragments(word))
    assert "".join(fragments(word)) == word
    assert other in nearest(word, [other])
    for near in transpositions(word):
        assert distance(word, near) == 1


def test_nearest_orders_by_distance_within_the_tolerance() -> None:
    known = ["sherlock", "sherlok", "shrlk", "sherlockss", "sherlockian", "watson"]
    assert nearest("sherlock", known) == ["sherlock", "sherlok", "sherlockss"]
    assert nearest("the", ["thee"]) == []
