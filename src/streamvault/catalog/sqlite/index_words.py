"""What SQLite indexes of a file: its words, and a word of our own for each value that a filter or a facet asks for.

Our own begin with an underscore, which no word of a text holds (words.words), so they share one index with them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from streamvault.catalog.base import tags
from streamvault.catalog.words import words
from streamvault.media.model import Kind, MediaFile
from streamvault.media.name_facts import NameFacts

_ODD = re.compile(r"[\0-/:-`{-\x7f]")
_QUOTED = re.compile("_([0-9a-f]+)_")

Base = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of name, caption, title and performer, each as one text; and the tags."""


def base_words(file: MediaFile) -> Base:
    """What only the message decides: the costly half, which needs no database."""
    fields = (file.name, file.caption, file.title, file.performer)
    return tuple(" ".join(words(field)) for field in fields), tags(file.caption)


def facets(file: MediaFile, facts: NameFacts | None, tagged: Iterable[str]) -> list[str]:
    """One word per value that facets count: a letter, and the value quoted."""
    found = [f"k{file.kind}", chat(file.origin.chat_id)]
    if facts is not None:
        found += [f"y{quoted(str(facts.year))}"] * (facts.year is not None)
        found += [f"r{quoted(facts.resolution)}"] * bool(facts.resolution)
        found += [f"l{quoted(language)}" for language in dict.fromkeys(facts.languages)]
    return found + [f"t{quoted(tag)}" for tag in tagged]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is kept of a listed file: `words` are separated, begun and ended by a space; `facets` as `facets` gives."""

    words: str
    facets: tuple[str, ...] = ()
    work: str = ""
    series: bool = False


NOTHING = Indexed("")
"""Of a piece of a whole, which is never listed."""


def indexed(file: MediaFile, facts: NameFacts | None, base: Base) -> Indexed:
    """Everything that is searched of a file, and what is counted."""
    (name, caption, title, performer), tagged = base
    shown = facets(file, facts, tagged)
    filters = [f"_{word}" for word in shown]
    # filters stand between the fields, so that no phrase reaches from one into the next
    parts = [name, filters[0], caption, filters[1], title, size(file.size), performer, *filters[2:]]
    if facts is not None:
        parts += [f"_w{quoted(facts.work)}"] * bool(facts.work) + ["_f", *words(facts.title)]
    text = f" {' '.join(part for part in parts if part)} "
    if facts is None:
        return Indexed(text, tuple(shown))
    series = facts.season is not None or facts.episode is not None
    return Indexed(text, tuple(shown), facts.work, series=series)


def posted(text: str) -> str:
    """The text that the index gets for the `words` of a file: with the beginnings of its words."""
    return text + " ".join(sorted({beginning(word[:2]) for word in vocabulary(text) if len(word) > 2}))


def vocabulary(text: str) -> set[str]:
    """The words of people in the `words` of a file."""
    return {word for word in text.split() if word[0] != "_"}


def beginning(start: str) -> str:
    """The filter word of all texts with a longer word that begins with these two characters."""
    return f"_2{start}"


def kind(value: Kind) -> str:
    """The filter word of a kind."""
    return f"_k{value}"


def chat(chat_id: int) -> str:
    """The facet word of a chat, without its underscore."""
    return f"c{chat_id}".replace("-", "n")


def size(value: int) -> str:
    """The filter word of all sizes with as many binary digits."""
    return f"_s{value.bit_length()}"


def quoted(text: str) -> str:
    """`text` in characters that belong to words: small ASCII letters, digits, and what is not ASCII."""
    return _ODD.sub(lambda found: f"_{ord(found[0]):x}_", text)


def unquoted(text: str) -> str:
    """What `quoted` was given."""
    return _QUOTED.sub(lambda found: chr(int(found[1], 16)), text)
