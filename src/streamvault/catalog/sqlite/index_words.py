"""What SQLite indexes of a file: the words of its texts, and a filter word for each value that filters and facets use.

Filter words begin with an underscore, which no word of a text contains (words.words), so one index holds both.
"""

import re
from dataclasses import dataclass

from streamvault.catalog.tags import tags_of
from streamvault.catalog.words import MARKS, fold, joined_words, unknown_of, words
from streamvault.catalog.works import names_episode
from streamvault.media.model import Kind, MediaFile
from streamvault.media.name_facts import NameFacts

_ODD = re.compile(r"[\0-/:-`{-\x7f]")
_QUOTED = re.compile("_([0-9a-f]+)_")

Base = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of name, caption, title and performer, and their joined spellings, each as one text; and the tags."""


def base_words(file: MediaFile, text: str) -> Base:
    """The part that depends on the message and its `text` (Entry.text); costly, computed outside the transaction."""
    fields = (file.name, text, file.title, file.performer)
    joined = joined_words(name=file.name, caption=text, title=file.title, performer=file.performer)
    return tuple(" ".join(each) for each in (*map(words, fields), joined)), tags_of(file, text)


def facet_words(file: MediaFile, facts: NameFacts | None) -> list[str]:
    """One word per value that facets count: a letter and the quoted value."""
    found = [f"k{file.kind}", chat_word(file.origin.chat_id)]
    if facts is not None:
        found += [f"y{quoted(str(facts.year))}"] * (facts.year is not None)
        found += [f"r{quoted(facts.resolution)}"] * bool(facts.resolution)
        found += [f"l{quoted(language)}" for language in dict.fromkeys(facts.languages)]
    return found


@dataclass(frozen=True, slots=True)
class IndexText:
    """What is stored of a listed file: `words` separated, preceded and followed by a space; its `facet_words`."""

    words: str
    facets: tuple[str, ...] = ()
    work: str = ""
    series: bool = False


NOT_LISTED = IndexText("")
"""That of a piece of a joined file, which is never listed."""


def index_text(file: MediaFile, facts: NameFacts | None, base: Base) -> IndexText:
    """Everything that is searched and counted of a file."""
    (name, caption, title, performer, joined), tagged = base
    shown = facet_words(file, facts)
    filters = [*(f"_{word}" for word in shown), *map(tag_word, tagged)]
    shown += [f"t{quoted(tag)}" for tag in tagged]
    # filter words between the fields keep a phrase from matching across two of them
    parts = [name, filters[0], caption, filters[1], title, size_word(file.size), performer, *filters[2:]]
    if facts is not None:
        parts += [f"_w{quoted(facts.work)}"] * bool(facts.work) + ["_f", *words(facts.title)]
        parts += unknown_of(joined_words(title=facts.title), set(joined.split()))
    parts.append(joined)
    text = f" {' '.join(part for part in parts if part)} "
    if facts is None:
        return IndexText(text, tuple(shown))
    return IndexText(text, tuple(shown), facts.work, series=names_episode(facts))


def with_prefixes(text: str) -> str:
    """The text to index for the `words` of a file: with the prefix words of its longer words."""
    return text + " ".join(sorted({prefix_word(word[:2]) for word in vocabulary(text) if len(word) > 2}))


def vocabulary(text: str) -> set[str]:
    """The words of texts in the `words` of a file, without filter words and joined spellings."""
    return {word for word in text.split() if word[0] not in ("_", *MARKS)}


def prefix_word(start: str) -> str:
    """The filter word of every text that has a longer word beginning with these two characters."""
    return f"_2{start}"


def kind_word(value: Kind) -> str:
    """The filter word of a kind."""
    return f"_k{value}"


def chat_word(chat_id: int) -> str:
    """The facet word of a chat, without its underscore."""
    return f"c{chat_id}".replace("-", "n")


def tag_word(tag: str) -> str:
    """The filter word of a tag in any spelling."""
    return f"_t{quoted(fold(tag))}"


def size_word(value: int) -> str:
    """The filter word of all sizes with the same number of binary digits."""
    return f"_s{value.bit_length()}"


def quoted(text: str) -> str:
    """`text` in characters that the tokenizer keeps in one word: lower-case ASCII, digits, and non-ASCII ones."""
    return _ODD.sub(lambda found: f"_{ord(found[0]):x}_", text)


def unquoted(text: str) -> str:
    """The inverse of `quoted`."""
    return _QUOTED.sub(lambda found: chr(int(found[1], 16)), text)
