"""Texts in the code pages of old subtitles."""

import pytest

from streamvault.media.text_charsets import decode_text

TEXTS = {
    "cp1251": "Привет, как дела? Я думал, ты не придёшь.\nМы ждали тебя весь вечер.",
    "koi8-r": "Здравствуйте, меня зовут Иван.\nСегодня будет дождь.",
    "cp866": "Где ты был вчера?\nМы искали тебя по всему городу.",
    "cp1256": "مرحبا كيف حالك اليوم\nلقد انتظرناك طوال المساء",
    "cp1255": "שלום מה שלומך היום\nחיכינו לך כל הערב",
    "cp1253": "Γεια σου, πώς είσαι σήμερα;\nΣε περιμέναμε όλο το βράδυ",
    "cp1254": "Merhaba, bugün nasılsın?\nBütün akşam seni bekledik, değil mi",
    "cp1250": "Cześć, jak się masz?\nCzekaliśmy na ciebie cały wieczór, proszę",
    "cp1252": "Où étais-tu? Nous t'avons attendu toute la soirée.\nÇa va, mon frère? L'été dernier",
    "cp1257": "Labas, kaip šiandien sekasi?\nMes laukėme tavęs visą vakarą, ačiū",
    "cp874": "สวัสดี วันนี้คุณเป็นอย่างไรบ้าง\nเรารอคุณทั้งคืน",
    "cp932": "こんにちは、元気ですか。\n昨日はありがとうございました。",
    "gb18030": "你好，你今天怎么样？\n我们等了你一个晚上。",
    "big5": "你好，你今天怎麼樣？\n我們等了你一個晚上。",
    "cp949": "안녕하세요, 오늘 어떻게 지내세요?\n우리는 저녁 내내 기다렸어요.",
}


@pytest.mark.parametrize(("charset", "text"), TEXTS.items(), ids=TEXTS)
def test_old_code_pages(charset: str, text: str) -> None:
    assert decode_text(text.encode(charset)) == text


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["Hello you, said the king of it all.\nПривет", TEXTS["cp1256"] + "\n1\n00:00:01,000 --> 2"]
)
def test_unicode(charset: str, text: str) -> None:
    if charset.startswith("utf-16-") and not text.isascii():
        text = f"1\n00:00:01,000 --> 00:00:02,000\n<i>{text[:9]}</i>\n\n" * 3
    assert decode_text(text.encode(charset)) == text


def test_a_language_that_is_known_decides_where_letters_do_not() -> None:
    word = "да"
    assert decode_text(word.encode("cp1251"), "ru") == word
    assert decode_text(word.encode("koi8-r"), "ru-RU") == word


def test_bytes_that_are_no_text_harm_nothing() -> None:
    assert len(decode_text(bytes(range(256)) * 4)) > 100
    assert decode_text(b"") == ""
