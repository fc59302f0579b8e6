"""Seasons and episodes written in words that guessit does not know, as S01 and E01."""

import re
from collections.abc import Callable

_CHINESE = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_ORDINALS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "الأول الاول الأولى الاولى اول first",
            "الثاني الثانى الثانية دوم second",
            "الثالث الثالثة سوم third",
            "الرابع الرابعة چهارم fourth",
            "الخامس الخامسة پنجم fifth",
            "السادس السادسة ششم sixth",
            "السابع السابعة هفتم seventh",
            "الثامن الثامنة هشتم eighth",
            "التاسع التاسعة نهم ninth",
            "العاشر العاشرة دهم tenth",
        ),
        start=1,
    )
    for word in words.split()
}
_NUMBER = r"(?P<number>\d{1,4})"
_CJK = r"(?P<number>\d{1,4}|[一二三四五六七八九十]{1,3})"
_WORD = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_NUMBER_OR_WORD = rf"(?P<number>\d{{1,4}}|{_WORD})"
_GAP = r"[\s._:\-]*"
_SEASONS = (
    rf"(?<!\w)(?:الموسم|موسم|فصل|עונה){_GAP}{_NUMBER_OR_WORD}(?!\w)",
    rf"(?<!\w)الجزء{_GAP}{_NUMBER_OR_WORD}(?!\w)(?=.*\bE\d)",
    rf"시즌{_GAP}{_NUMBER}",
    rf"第{_GAP}{_CJK}{_GAP}(?:季|期|シーズン)",
    rf"(?<!\w){_NUMBER_OR_WORD}(?:st|nd|rd|th)?{_GAP}season(?!\w)",
    rf"(?<!\w)series{_GAP}{_NUMBER}(?!\w)(?=[\s._\-]*e(?:p|pisodes?)?[\s._]*\d)",
)
_EPISODES = (
    rf"(?<!\w)(?:الحلقة|الحلقه|حلقة|حلقه|قسمت|פרק){_GAP}{_NUMBER_OR_WORD}(?!\w)",
    rf"(?<!\w){_NUMBER}{_GAP}[화회](?!\w)",
    rf"第{_GAP}{_CJK}{_GAP}[集話话回]",
    rf"(?:ตอนที่|ตอน){_GAP}{_NUMBER}",
    rf"(?<!\w)odc\.?{_GAP}{_NUMBER}(?!\w)",
    rf"(?<!\w)tập{_GAP}{_NUMBER}(?!\w)",
    # Title Season 2 - 03 VOSTFR, Title S2 - 03
    r"(?:(?<=season \d)|(?<= s\d)|(?<= s\d\d))\s+-\s+(?P<number>\d{1,3})(?![\w.])",
    # Title - 291 - Its Name, Title - 05 [720p]; guessit would take 291 for season 2
    r"(?<=\w)\s+-\s+(?!19\d\d|20\d\d)(?P<number>\d{2,4})(?=\s+-\s|\s*[\[(]|\s*$)",
)

# [group] Title 412 [720p][1A2B3C4D]: a checksum is what groups append to episodes
_CHECKSUM = re.compile(r"[\[(][0-9A-F]{8}[\])]\s*$", re.IGNORECASE)
_CHECKED = re.compile(
    r"(?<=[^\W_])[\s._]+(?:-[\s._]+)?#?(?P<number>(?!19\d\d|20\d\d)\d{2,4})(?=[\s._]*(?:[\[(][^\])]*[\])][\s._]*)*$)"
)
# [group] Title [05][720p], [group] Title 05
_BRACKETED_NUMBER = re.compile(
    r"(?<=\w)\s*\[(?P<number>(?!19\d\d|20\d\d)\d{2,4})(?:end|fin)?\](?=\s*(?:$|[\[(]))", re.IGNORECASE
)
_PADDED = (re.compile(r"(?<=\w)\s+(?P<number>0\d{1,2})\s*$"),)
# [group] Title - 46 (S04E10): the first number counts all seasons
_ABSOLUTE = re.compile(r"\s+-\s+\d{2,4}(?=\s*[\[(]s\d{1,2}e\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![^\W_])(?:s\d{1,4}[\s._\-]*)?e\d|\d[x×]\d", re.IGNORECASE)
_SPANISH = re.compile(r"(?<!\w)(?:T(?=\d+[\s._]*E\d)|S(?=\d+EP\d))(\d{1,2})[\s._]*EP?(\d{1,3})(?!\w)", re.IGNORECASE)
# S01E08v2, Title - 08v2: a second version of the same episode
_VERSION = re.compile(r"(?<=\d)v\d(?!\w)")


def count(text: str) -> str:
    """`text` with such words replaced by S and E numbers."""
    text = _VERSION.sub("", _SPANISH.sub(r"S\1E\2", text))
    text = _anime(_ABSOLUTE.sub(" ", text))
    for letter, patterns in (("E", _EPISODES), ("S", _SEASONS)):
        for pattern in patterns:
            text = re.sub(pattern, _as(letter), text, flags=re.IGNORECASE)
    return text


def _anime(text: str) -> str:
    """`text` without its checksum; the number behind the title as an episode, if brackets mark it as one."""
    checksum = _CHECKSUM.search(text)
    text = text[: checksum.start()] if checksum else text
    if _NUMBERED.search(text):
        return text
    for pattern in (_CHECKED,) if checksum else (_BRACKETED_NUMBER, *(_PADDED if text.startswith("[") else ())):
        text = pattern.sub(_as("E"), text)
    return text


def _as(letter: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f" {letter}{_value(found['number'].lower()):02} "


def _value(number: str) -> int:
    """The value of digits, an ordinal, or a Chinese numeral below 100."""
    if number.isdecimal():
        return int(number)
    if number in _ORDINALS:
        return _ORDINALS[number]
    tens, ten, ones = number.rpartition("十")
    return (_CHINESE.get(tens, 1) * 10 if ten else 0) + _CHINESE.get(ones, 0)
