"""How texts and queries are split into words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.text_query import MAX_TERMS, ParsedQuery, Term, format_query, parse_query
from streamvault.catalog.words import BESIDE, JOINED, MARKS, MAX_JOINED, fold, joined_words, unknown_of, words

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
def test_words_are_folded_letters_digits_and_marks_or_one_sign(text: str) -> None:
    for word in words(text):
        assert word
        if word[0] in "＃＋":
            assert set(word) == {word[0]}
        else:
            assert fold(word) == word
            assert {unicodedata.category(c)[0] for c in word} <= set("LNM") or len(word) == 1


@given(st.text())
def test_case_and_composition_change_no_word(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text)) == words(text)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd", "Zs", "Po"])), st.data())
def test_a_text_holds_itself_and_the_beginnings_of_its_words(text: str, data: st.DataObject) -> None:
    assert holds(text, f'"{text.replace(chr(34), " ")}"')
    if found := words(text):
        word = data.draw(st.sampled_from(found))
        assert holds(text, word[: data.draw(st.integers(1, len(word)))])


@given(st.text(st.characters(categories=["L", "N", "M", "S", "Z", "P", "Cf"], exclude_characters='"-*')))
def test_a_text_as_a_query_finds_itself(text: str) -> None:
    assert holds(text, text)
    assert holds(text, f"{text} ")
    assert parse_query(text).nothing == (not words(text) and bool(text.strip()))


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
        ("Ёлки-2 мой", ["елки", "2", "мой"]),
        ("東京 物語x", ["東京", "京", "物語", "語", "x"]),
        ("語", ["語"]),
        ("한국영화", ["한국", "국영", "영화", "화"]),
        ("हिन्दी", ["हिंदी"]),
        ("a_b", ["a", "b"]),
        ("👧!", ["👧"]),
        ("👨\u200d👩\u200d👧 ☔\ufe0f👍🏽 1\ufe0f\u20e3", ["👨", "👩", "👧", "☔", "👍", "1"]),
        ("F# C++ C++11 Vol#3 #tag x+y", ["f", "＃", "c", "＋＋", "c", "＋＋", "11", "vol", "3", "tag", "x", "y"]),
        ("Salt & Pepper R&B", ["salt", "and", "pepper", "r", "and", "b"]),
        ("HUNTER×HUNTER 1920×1080", ["hunter", "x", "hunter", "1920x1080"]),
        ("می\u200cسازیم", ["مي", "سازيم"]),
        ("!!! ... — _ ® ™", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Ant-Hill.mkv", ["·anthill"]),
        ("Ant Hill 2 1999 1080p.mkv", ["§anthill", "§hill2"]),
        ("Ant Hill and Ant-Hill", ["§hilland", "§andant", "·anthill"]),
        ("Face-to-Face", ["·faceto", "·facetoface", "·toface"]),
        ("The-Martian 2015 Over-the-Top", ["§themartian", "·overthe", "·overthetop", "§thetop"]),
        ("a.very-long-chain-of-words", ["§verylong", "§longchain", "§chainof", "§ofwords"]),
        ("S.W.A.T.mkv", ["·swat"]),
        ("Kite S02E07E08 S03 E01", ["·s03e01", "·s02", "·e07", "·e08"]),
        ("AC/DC - Back (In) [Black]", ["·acdc"]),
        ("東京-物語 ☔-☀ C++ F#", []),
        ("Dr. No & Co", []),
        ("x" * 20 + "-" + "y" * 20, []),
    ],
)
def test_joined_words(name: str, found: list[str]) -> None:
    assert joined_words(name=name) == found


def test_joined_words_of_a_caption_are_those_with_hyphens() -> None:
    assert joined_words(caption="Ant Hill Wi-Fi S02E07 A.B.") == [
        JOINED + word for word in ("ab", "wifi", "s02", "e07")
    ]
    assert joined_words(title="Ant Hill", performer="Ant Hill") == [BESIDE + "anthill"]
    assert joined_words(title="Ant Hill", performer="Ant-Hill") == [JOINED + "anthill"]
    assert unknown_of([BESIDE + "anthill", JOINED + "wifi"], {JOINED + "anthill", BESIDE + "wifi"}) == [JOINED + "wifi"]


@given(st.text(max_size=300))
def test_joined_words_are_few_short_and_no_words_themselves(text: str) -> None:
    found = joined_words(name=text)
    assert len(found) <= MAX_JOINED
    assert not set(found) & set(words(text))
    assert all(mark not in word for word in words(text) for mark in MARKS)
    assert all(len(word) <= 1 + MAX_JOINED and " " not in word for word in found)


@pytest.mark.parametrize(
    "unit", ["a", "7", "ж", "م", "漢", "क्", "0a", "e1", "web", "日本x", "a-", "漢-漢 ", "-", "a--"]
)
def test_a_long_word_is_read_once(unit: str) -> None:
    """Texts of 65,000 characters, with and without hyphens behind: the work grows as they do."""
    for end in ("", "-b", "-b-c-d", "-b-c-d-", " b-c"):
        text = unit * (65_000 // len(unit)) + end
        found = joined_words(name=text, caption=text)
        assert len(found) <= 2 * MAX_JOINED
        assert (f"{JOINED}bc" in found) == ("b-c" in end)
    assert joined_words(caption=f"{unit * (65_000 // len(unit))} ab-be-ce-de-ed") == []


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
        ("-Live- Set ", (Term(("live",)), Term(("set",))), ()),
        (".NET", (Term(("net",)),), ()),
        ("F#", (Term(("f", "＃")),), ()),
        ("☔", (Term(("☔",)),), ()),
    ],
)
def test_queries(text: str, required: tuple[Term, ...], excluded: tuple[Term, ...]) -> None:
    asked = parse_query(text)
    assert tuple(Term(term.words, term.prefix) for term in asked.required) == required
    assert tuple(Term(term.words, term.prefix) for term in asked.excluded) == excluded


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("anthill", [["·anthill*", "§anthill"]]),
        ("anthill ", [["·anthill", "§anthill"]]),
        ("ant", [["·ant", "§ant"]]),
        ("ant hill ", [["·ant", "§ant", "anthill"], ["·hill", "§hill", "anthill"]]),
        ("ant hil", [["·ant", "§ant", "anthil*"], ["·hil", "§hil", "anthil*"]]),
        ("ant-hill ", [["anthill"]]),
        ("face-to-face ", [["facetoface", "faceto face", "face toface"]]),
        ('"ant hill" "anthill"', [[], []]),
        ("ant* hill ", [["·ant", "§ant"], ["·hill", "§hill"]]),
        ("한국 ", [["한 국*"]]),
        ("☔ c++ ", [[], []]),
    ],
)
def test_other_spellings(text: str, others: list[list[str]]) -> None:
    found = [[" ".join(o.words) + "*" * o.prefix for o in term.others] for term in parse_query(text).required]
    assert found == others


@pytest.mark.parametrize("text", ["!!!", "...", "—", "_", "'", "?! ...", '"!"', "®"])
def test_text_without_words_asks_for_nothing(text: str) -> None:
    assert parse_query(text) == ParsedQuery(nothing=True)


@pytest.mark.parametrize("text", ["", "  ", "-", "*", '"', '""'])
def test_text_that_has_not_begun_asks_for_everything(text: str) -> None:
    assert parse_query(text) == ParsedQuery()


@pytest.mark.parametrize("inside", ["-", "a-", "--a", "é-", "_-", "漢-", "'"])
def test_a_hyphen_behind_a_long_word_is_seen(inside: str) -> None:
    """Words of 65,000 characters: only those that end with a hyphen are not excluded."""
    word = f"-a{inside * (65_000 // len(inside))}"
    assert len(parse_query(f"{word}b ").excluded) == 1
    for end in ("b-", "b-!", "b!-?"):
        assert not parse_query(f"{word}{end} ").excluded


def test_a_query_is_bounded() -> None:
    asked = parse_query(" ".join(f"a{n} -b{n}" for n in range(100)))
    assert (len(asked.required), len(asked.excluded)) == (MAX_TERMS, MAX_TERMS)


@given(st.text(alphabet=st.sampled_from('ab -"*東京é.#+☔&'), max_size=20))
def test_a_formatted_query_parses_to_the_same(text: str) -> None:
    asked = parse_query(text)
    assert parse_query(format_query(asked)) == asked
