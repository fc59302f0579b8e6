"""How texts and queries are split into words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.words import MAX_TERMS, ParsedQuery, Term, fold, format_query, parse_query, words

SPACELESS = st.text(alphabet=st.sampled_from("東京物語한국ไทย้ำあアがລ豈"), min_size=1, max_size=8)


def holds(text: str, query: str) -> bool:
    """Whether a text holds every required term of a query, by the words alone."""
    stored = words(text)

    def found(term: Term) -> bool:
        *first, last = term.words
        size = len(term.words)
        runs = [stored[at : at + size] for at in range(len(stored) - size + 1)]
        return any(r[:-1] == first and (r[-1].startswith(last) if term.prefix else r[-1] == last) for r in runs)

    return all(map(found, parse_query(query).required))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_letters_digits_and_marks_folded(text: str) -> None:
    for word in words(text):
        assert word
        assert fold(word) == word
        assert {unicodedata.category(c)[0] for c in word} <= set("LNM")


@given(st.text())
def test_case_and_composition_change_no_word(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text)) == words(text)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd", "Zs", "Po"])), st.data())
def test_a_text_holds_itself_and_the_beginnings_of_its_words(text: str, data: st.DataObject) -> None:
    assert holds(text, f'"{text.replace(chr(34), " ")}"')
    if found := words(text):
        word = data.draw(st.sampled_from(found))
        assert holds(text, word[: data.draw(st.integers(1, len(word)))])


@given(before=SPACELESS, middle=SPACELESS, after=SPACELESS)
def test_any_part_of_a_run_without_spaces_is_found(before: str, middle: str, after: str) -> None:
    for query in (middle, f"{middle} ", f'"{middle}"'):
        assert holds(before + middle + after, query)
        assert holds(middle, query)


@given(stored=SPACELESS, query=SPACELESS)
def test_other_text_in_a_run_without_spaces_is_not_found(stored: str, query: str) -> None:
    assert holds(stored, f'"{query}"') == (fold(query) in fold(stored))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("The.Matrix.1999.1080p-GRP", ["the", "matrix", "1999", "1080p", "grp"]),
        ("Don't L\u2019ange", ["dont", "lange"]),
        ("Straße İstanbul ﬁlm ①", ["strasse", "istanbul", "film", "1"]),
        ("Ёлки-2", ["елки", "2"]),
        ("東京 物語x", ["東京", "京", "物語", "語", "x"]),
        ("語", ["語"]),
        ("한국영화", ["한국", "국영", "영화", "화"]),
        ("हिन्दी", ["हिनदी"]),
        ("a_b", ["a", "b"]),
        ("👧!", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "required", "excluded"),
    [
        ("", (), ()),
        ("two words", (Term(("two",)), Term(("words",), prefix=True)), ()),
        ("two words ", (Term(("two",)), Term(("words",))), ()),
        ("pre* x ", (Term(("pre",), prefix=True), Term(("x",))), ()),
        ('"a phrase"', (Term(("a", "phrase")),), ()),
        ('"an open phra', (Term(("an", "open", "phra")),), ()),
        ('"a pre*"', (Term(("a", "pre"), prefix=True),), ()),
        ("film -cam", (Term(("film",)),), (Term(("cam",)),)),
        ('film -"cam rip" -pre*', (Term(("film",)),), (Term(("cam", "rip")), Term(("pre",), prefix=True))),
        ("the.matrix", (Term(("the", "matrix"), prefix=True),), ()),
        ("well-known", (Term(("well", "known"), prefix=True),), ()),
        ("東京物 ", (Term(("東京", "京物")),), ()),
        ("京 ", (Term(("京",), prefix=True),), ()),
        ('"x 京 y"', (Term(("x", "京", "y")),), ()),
        ("- -- * \" '", (), ()),
    ],
)
def test_queries(text: str, required: tuple[Term, ...], excluded: tuple[Term, ...]) -> None:
    assert parse_query(text) == ParsedQuery(required, excluded)


def test_a_query_is_bounded() -> None:
    asked = parse_query(" ".join(f"a{n} -b{n}" for n in range(100)))
    assert (len(asked.required), len(asked.excluded)) == (MAX_TERMS, MAX_TERMS)


@given(st.text(alphabet=st.sampled_from('ab -"*東京é.'), max_size=20))
def test_a_formatted_query_parses_to_the_same(text: str) -> None:
    asked = parse_query(text)
    assert parse_query(format_query(asked)) == asked
