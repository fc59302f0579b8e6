"""Names of files that hold several episodes: S01E01-E03, S01E01E02, 3x01-02, Episodes 1-6, 1-3 серии, [01-12]."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from streamvault.indexing.naming.conventions import TAG

_MOST = 2000
_MOST_BARE = 100
"""Episodes in S01E01-03, where the second number has no letter; -1080 and -264 mean other things."""

_WORDS = (
    r"episod(?:e|es|io|ios|i)|épisodes?|eps?|folgen?|cap[ií]tulos?|caps?|puntat[ae]|avsnitt|aflevering(?:en)?|odcin(?:ek|ki)|odc"
    r"|сери[яи]|эпизоды?|выпуски?|b[öo]l[üu]m(?:ler)?|tập|ตอนที่|ตอน|(?:ال)?حلقات|(?:ال)?حلقة|الحلقه|قسمت(?:\s*های)?|פרקים|פרק"
)
_WORDS_BEHIND = r"сери[йюя]|серии|эпизод\w*|выпуск\w*|episodes?|eps?|b[öo]l[üu]m(?:ler)?|[화회话話集回]"
_SEASON = (
    r"s\d{1,4}|(?:season|saison|staffel|temporada|stagione|sezon|сезон)[\s._]*\d{1,2}"
    r"|\d{1,2}[\s._\-]*(?:сезон|season|sezon)"
)
_SEASONS = re.compile(r"[st](\d+)[\s._-]*e|(?<![x×\d])(\d+)[x×]", re.IGNORECASE)
_GAP = r"[\s._]{0,3}"
_DASH = r"[\-–—~〜]"
_LIST = rf"(?:{_DASH}|[&+,])"
_WORD_BETWEEN = r"(?:to|through|thru|till?|until|and|bis|und|et|à|a|al|y|до|по|и|تا|و|الى|إلى)(?=[\s._])"
_BETWEEN = rf"{_GAP}(?:{_LIST}|{_WORD_BETWEEN}){_GAP}"
_BETWEEN_WORDS = rf"{_BETWEEN}(?:(?:{_WORDS}){_GAP})?"
_NUMBER = r"\d{1,4}+"
_END = r"(?![^\W_]|\.\d(?!\d)|[.\-/]\d{1,2}[.\-/]\d)"
"""No part of a word, of 5.1 channels or of a date."""
_TITLE_OVER = rf"{_END}(?=\s*(?:$|[\[(]|-\s|\d{{3,4}}[pi]\b))"

_TAG_NEXT = rf"(?=[\s._]*(?:$|[\[(]|{TAG}))"


@dataclass(frozen=True, slots=True)
class _Style:
    """`pattern` has the groups `first` and `rest`; `one` writes what names the first episode alone."""

    pattern: re.Pattern[str]
    one: Callable[[re.Match[str]], str]


def _marked(found: re.Match[str]) -> str:
    return f"S{int(found['season']):02}E{int(found['first']):02} " if found["season"] else f"E{int(found['first']):02} "


def _episode(found: re.Match[str]) -> str:
    return f" E{int(found['first']):02} "


def _numbered(found: re.Match[str]) -> str:
    return f" S{int(found['season']):02}E{int(found['first']):02} "


def _of_season(found: re.Match[str]) -> str:
    return f"{found['head']} E{int(found['first']):02} "


_STYLES = tuple(
    _Style(re.compile(pattern, re.IGNORECASE), one)
    for pattern, one in (
        # S01E01-E03, S01E01E02, E01&E02, S01E01-S01E02, S01E01-03; a bare number behind spaces may begin a title
        (
            rf"(?<![^\W_])(?:[st](?P<season>\d{{1,4}}){_GAP}-?{_GAP})?e(?:ps?)?{_GAP}(?P<first>{_NUMBER})"
            rf"(?P<rest>(?:(?:{_BETWEEN}|{_GAP})(?:[st]\d{{1,4}}{_GAP})?e(?:ps?)?{_GAP}{_NUMBER}(?:(?=e\d)|{_END})"
            rf"|(?P<bare>{_LIST}{_NUMBER}{_END}|{_BETWEEN}{_NUMBER}{_TITLE_OVER})|(?P<next>[._]\d\d{_TAG_NEXT}))+)",
            _marked,
        ),
        # 3x01-02, 3x01x02, 3x01-3x02
        (
            rf"(?P<head>(?<![^\W_])(?P<season>\d{{1,2}})[x×])(?P<first>{_NUMBER})"
            rf"(?P<rest>(?:(?:-?[x×]|(?P<bare>{_LIST})|{_BETWEEN}\d{{1,2}}[x×]){_NUMBER})+){_END}",
            _numbered,
        ),
        # Episodes 1-6, Folge 1 bis 3, EP(01-05)
        (
            rf"(?<![^\W_])(?:{_WORDS}){_GAP}:?{_GAP}[(\[]?(?P<first>{_NUMBER})(?P<rest>(?:{_BETWEEN_WORDS}{_NUMBER})+){_END}",
            _episode,
        ),
        # 1-3 серии из 8, 第1-3集
        (
            rf"(?:(?<![^\W_])|第{_GAP})(?P<first>{_NUMBER})(?P<rest>{_BETWEEN}{_NUMBER})[\s._\-]{{0,3}}(?:{_WORDS_BEHIND})"
            rf"(?:{_GAP}(?:из|of){_GAP}\d{{1,4}})?(?![^\W_])",
            _episode,
        ),
        # S01 (1-10)
        (
            rf"(?P<head>(?<![^\W_])(?:{_SEASON}))[\s._\-]*[(\[]\s?(?P<first>{_NUMBER})(?P<rest>\s?{_DASH}\s?{_NUMBER})\s?[)\]]",
            _of_season,
        ),
        # S01 01-10 720p
        (
            rf"(?P<head>(?<![^\W_])(?:{_SEASON}))[\s._]+(?P<first>\d{{1,3}}+)(?P<rest>\s?{_DASH}\s?\d{{1,3}}+){_TITLE_OVER}",
            _of_season,
        ),
        # [group] Title 01-02 [1A2B3C4D]
        (
            rf"(?<=\w)\s(?P<first>\d{{2,3}})(?P<rest>{_DASH}\d{{2,3}})(?=\s*(?:[\[(][^\])]*[\])]\s*)*[\[(][0-9A-F]{{8}}[\])]\s*$)",
            _episode,
        ),
        # [group] Title - 01-12 [720p]
        (rf"(?<=\w)\s-\s(?P<first>\d{{2,3}})(?P<rest>\s?{_DASH}\s?\d{{2,3}})(?=\s*(?:$|[\[(]))", _episode),
        # [group] Title [01-12][720p]
        (rf"(?<=\w)\s?[(\[](?P<first>\d{{2,3}})(?P<rest>{_DASH}\d{{2,3}})[)\]]", _episode),
    )
)


def first_of(text: str) -> tuple[str, int | None]:
    """`text` with the first episode of a range only, and the number of the range's last one; None without a range."""
    for style in _STYLES:
        for found in style.pattern.finditer(text):
            last = _last(found)
            if last is not None:
                return text[: found.start()] + style.one(found) + text[found.end() :], last
    return text, None


def _last(found: re.Match[str]) -> int | None:
    """The last episode, if the range is of one season and makes sense."""
    first, last = int(found["first"]), int(re.findall(r"\d+", found["rest"])[-1])
    groups = found.groupdict()
    most = 1 if groups.get("next") else _MOST_BARE if groups.get("bare") else _MOST
    seasons = {int(one or other) for one, other in _SEASONS.findall(found[0])}
    return last if first < last <= first + most and len(seasons) <= 1 else None
