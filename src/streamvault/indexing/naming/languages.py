"""Words for languages that uploaders write in names and that guessit does not know."""

import re

_WORDS = {
    "ar": "arabic عربي العربية",
    "bn": "bengali bangla",
    "bg": "bulgarian",
    "cs": "czech cesky česky",
    "da": "danish dansk",
    "de": "german deutsch",
    "el": "greek",
    "en": "english 英语 英語",
    "es": "spanish castellano latino español espanol",
    "fa": "persian farsi فارسی فارسي",
    "fi": "finnish suomi",
    "fr": "french truefrench vostfr vff",
    "gu": "gujarati",
    "hi": "hindi हिंदी हिन्दी",
    "hr": "croatian",
    "id": "indonesian",
    "it": "italian italiano",
    "ja": "japanese 日语 日語 日本語",
    "kn": "kannada",
    "ko": "korean 韩语 韓語 한국어",
    "ml": "malayalam",
    "mr": "marathi",
    "ms": "malay",
    "pa": "punjabi",
    "pl": "polish lektor",
    "pt": "portuguese dublado legendado",
    "ru": "russian рус русский русском дубляж",
    "sk": "slovak",
    "sr": "serbian srpski",
    "ta": "tamil",
    "te": "telugu",
    "th": "thai พากย์ไทย",
    "tl": "tagalog filipino",
    "tr": "turkish türkçe turkce dublaj",
    "uk": "ukrainian українська укр",
    "ur": "urdu اردو",
    "vi": "vietnamese",
    "zh": "chinese mandarin cantonese 国语 國語 粤语 粵語 中文 普通话",
}
_SHORT = {
    "ben": "bn", "eng": "en", "guj": "gu", "hin": "hi", "kan": "kn", "mal": "ml", "mar": "mr", "pun": "pa",
    "tam": "ta", "tel": "te",
}  # fmt: skip
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}
_SPACED = "|".join(sorted((word for word in _CODES if ord(word[0]) < 0x2E80), key=len, reverse=True))
_UNSPACED = "|".join(word for word in _CODES if ord(word[0]) >= 0x2E80)
_SUBTITLES = r"(?![\s._-]*(?:e?subs?|subtitles?|subbed)\b)"
_KNOWN = re.compile(
    rf"(?<![^\W_])(?P<word>{_SPACED})(?![^\W_]){_SUBTITLES}|(?P<unspaced>{_UNSPACED})"
    rf"|(?<![^\W_])(?P<short>{'|'.join(_SHORT)})(?=\s*[+,&\-])|(?<=[+,&\-])\s*(?P<last>{'|'.join(_SHORT)})(?![^\W_])",
    re.IGNORECASE,
)


def named(text: str) -> dict[tuple[int, int], str]:
    """The languages in `text`, as ISO 639-1 codes by the (start, stop) of their words."""
    found = {}
    for match in _KNOWN.finditer(text):
        group = match.lastgroup or ""
        word = match[group].lower()
        found[match.span(group)] = _CODES.get(word) or _SHORT[word]
    return found
