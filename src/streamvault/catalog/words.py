"""How text is split into words for the search; the same for every database.

Words are runs of letters and digits, folded. Emoji and other signs are words of one character each, so are the # and +
of `F#` and `C++`; `&` is the word "and". A run of a script without spaces between words is indexed as its pairs of
neighbouring characters and its last character alone, so that any part of the run is found.

Other spellings are words of the index that are in no phrase, and begin with one of MARKS, which no other word contains.
JOINED: words that signs join (`anthill` of `Ant-Hill`), the parts of `S02E07`, and umlauts written out. BESIDE: two
words that a space joins; these are not found while they are typed, as a few letters begin too many (`them` of The
Martian).
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from streamvault.catalog.folding import Table
from streamvault.catalog.folding import fold as fold
from streamvault.media.types import split_ending

VERSION = 3
"""Of the rules below and in folding: the words of texts that were stored by an older version are computed again."""
JOINED, BESIDE = MARKS = "·", "§"
MAX_JOINED = 24
"""Characters of a joined spelling, and the number of those of one text, at most."""
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u05f3\u05f4")
_HYPHENS = frozenset("-\u2010\u00b7\u05be/\\\u2215\u2571\u27cb\u29f8")
"""With what file systems and programs write in place of a slash: AC/DC, AC⧸DC."""
_NON_JOINER = re.compile("(?<=[\u0600-\u06ff])\u200c(?=[\u0600-\u06ff])")
_TIMES = re.compile(r"(?<=[^\W\d_])×(?=[^\W\d_])")
_LIGHTNING = re.compile(r"(?<=[^\W\d_])[⚡ϟ]\ufe0f?(?=[^\W\d_])")
_ATTACHED = re.compile(r"(?<=[^\W_])(?:\+{2,}|[#+](?![^\W_]))")
_WIDE = str.maketrans("#+", "＃＋")  # no tokenizer takes these for punctuation, as it would the narrow ones
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue",
                              "Ø": "Oe", "Å": "Aa"})  # fmt: skip
_BETWEEN = re.compile("([ \n-]+)")
_CHAIN = re.compile("(?<![^ \n-])(?:[^ \n-]++-){4,}[^ \n-]++")  # where hyphens stand for spaces
_SPELLED_OUT = re.compile(r"(?<![^\s-])[^\W\d_](?:[ -][^\W\d_])+(?![^\s-])")  # S.W.A.T.
_EPISODE = re.compile(r"s\d{1,4}(?:e\d{1,4})+")
_DIGIT = re.compile(r"\d")
_SEASON = re.compile(r"s\d{1,4}")
_NUMBERED = re.compile(r"[se]\d+")
_ARTICLE = "the"
"""A hyphen behind it stands for a space, as it begins no other word: The-Martian."""


def words(text: str) -> list[str]:
    """The words to index for a text, in order."""
    return [word for run in runs(text) for word in split_run(run)]


def joined_words(*, name: str = "", caption: str = "", title: str = "", performer: str = "") -> list[str]:
    """Other spellings of the words in the texts of a file, each once.

    Of a caption only those that a hyphen joins; else those of any two words that are written one after the other.
    """
    texts = ((split_ending(name)[0], True), (caption, False), (title, True), (performer, True))
    found = (itertools.chain(_joined(text, pairs=pairs), _written_out(text)) for text, pairs in texts if text)
    several = dict.fromkeys(itertools.chain.from_iterable(found))
    return [word for word in several if word[0] == JOINED or JOINED + word[1:] not in several]


def unknown_of(joined: Iterable[str], known: Collection[str]) -> list[str]:
    """Those of `joined` words that find more than `known` ones do."""
    return [word for word in joined if word not in known and JOINED + word[1:] not in known]


def written_out(text: str) -> str:
    """`text` with umlauts and their like as two letters (`Mueller`)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_TWO_LETTERS)


def runs(text: str) -> list[str]:
    """Maximal runs of one kind: characters of spaceless scripts, other letters and digits, or one sign."""
    return _plain(text).replace("-", " ").split()


def split_run(run: str) -> list[str]:
    """The words of a run."""
    if not is_spaceless(run):
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]


def is_spaceless(word: str) -> bool:
    """Whether `word` is written in a script without spaces between words."""
    return bool(_SPACELESS.fullmatch(word))


def is_sign(word: str) -> bool:
    """Whether `word` is an emoji or another sign."""
    return word[0] in "＃＋" or unicodedata.category(word[0])[0] == "S"


def can_join(word: str) -> bool:
    """Whether `word` may be a part of a joined spelling."""
    return word.isascii() or not (is_spaceless(word) or is_sign(word))


@functools.lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """The words of `text`, folded, and between them what tells whether they may be joined.

    "-" after a word that a hyphen joins to the next, one space after one that a space, a dot or a line joins to it;
    anything else where they belong less closely together.
    """
    if not text.isascii():
        text = _LIGHTNING.sub("/", _TIMES.sub(" x ", _NON_JOINER.sub("-", text)))
    folded = fold(text).translate(_APOSTROPHES)
    if "#" in folded or "+" in folded:
        folded = _ATTACHED.sub(lambda found: f" {found[0].translate(_WIDE)} ", folded)
    plain = folded.translate(_SEPARATED)
    return plain if plain.isascii() else _SPACELESS.sub(lambda run: f" {run[0]} ", plain)


def _separated(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "LNM" or char in "＃＋":
        return char
    if char in _HYPHENS:
        return "-"
    if category in ("So", "Sm", "Sc") and not char.isascii():
        return f" {char} "
    if char == "&":
        return "\nand\n"
    return " " if char in "._" or category == "Zs" else "\n"


_SEPARATED = Table(_separated)


def _written_out(text: str) -> Iterator[str]:
    """The words of `text` that its umlauts change when they are written out, marked."""
    if (written := written_out(text)) == text:
        return iter(())
    changed = (other for word, other in zip(words(text), words(written), strict=False) if word != other)
    return itertools.islice((JOINED + word for word in changed if len(word) <= MAX_JOINED), MAX_JOINED)


def _joined(text: str, *, pairs: bool) -> Iterator[str]:
    """Joined spellings within one text, marked; `pairs`: also of words that a space joins."""
    plain = _CHAIN.sub(lambda chain: chain[0].replace("-", " "), _plain(text)).strip(" \n-")
    spelled_out = (JOINED + found[0].replace(" ", "").replace("-", "") for found in _SPELLED_OUT.finditer(plain))
    pieces = _BETWEEN.split(plain)
    found = itertools.chain(spelled_out, _spellings(pieces[::2], pieces[1::2], pairs=pairs))
    return itertools.islice((word for word in found if len(word) <= 1 + MAX_JOINED), MAX_JOINED)


def _spellings(found: list[str], gaps: list[str], *, pairs: bool) -> Iterator[str]:
    for number, gap in enumerate(gaps):
        if gap == "-":
            mark, joined = BESIDE if found[number] == _ARTICLE else JOINED, found[number]
            for other in found[number + 1 : number + 1 + _hyphens(gaps, number)]:
                if not can_join(joined) or not can_join(other):
                    break
                joined += other
                yield mark + joined
        elif pairs and gap == " " and _belong_together(found[number], found[number + 1]):
            yield (JOINED if _SEASON.fullmatch(found[number]) else BESIDE) + found[number] + found[number + 1]
    for word in found:
        if word.startswith("s") and _EPISODE.fullmatch(word):
            yield from (JOINED + part for part in _NUMBERED.findall(word))


def _hyphens(gaps: list[str], first: int) -> int:
    """The number of hyphens in a row."""
    return next((at for at in range(first, len(gaps)) if gaps[at] != "-"), len(gaps)) - first


def _belong_together(word: str, other: str) -> bool:
    """Whether two words may also be written as one: letters with letters, or with a number of one or two digits."""
    if len(word) == 1 or len(word) + len(other) > MAX_JOINED or not (can_join(word) and can_join(other)):
        return False
    if _DIGIT.search(word):
        return bool(_SEASON.fullmatch(word) and _NUMBERED.fullmatch(other))
    return other.isdigit() and len(other) < 3 if _DIGIT.search(other) else len(other) > 1
