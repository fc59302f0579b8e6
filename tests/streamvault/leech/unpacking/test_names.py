"""Names in archives of programs that do not say their coding."""

import pytest

from streamvault.leech.unpacking.names import texts_of
from streamvault.leech.unpacking.zip_directory import read_directory
from tests.support.archives import named_by_field, raw_zip

NAMES = {
    "cp932": ("第{}話 桜の庭.mkv", "予告編.mp4", "お知らせ.txt", "音楽/01 春.mp3"),
    "gbk": ("第{}集 花园.mkv", "预告片.mp4", "说明.txt", "音乐/01 春天.mp3"),
    "big5": ("第{}集 花園.mkv", "預告片.mp4", "說明.txt", "音樂/01 春天.mp3"),
    "cp949": ("제{}화 정원.mkv", "예고편.mp4", "안내.txt", "음악/01 봄.mp3"),
    "cp866": ("Серия {} Сад.mkv", "Трейлер.mp4", "Читать.txt", "Музыка/01 Весна.mp3"),
    "cp437": ("Ärger {}.mkv", "Übersicht.mp4", "Größe.txt", "Musik/01 Frühling.mp3", "Köln.jpg"),
    "utf-8": ("第{}話 桜.mkv", "Сад.txt", "📝.md"),
    "ascii": ("a{}.txt", "b.txt"),
}


@pytest.mark.parametrize("coding", sorted(NAMES))
def test_the_coding_is_found_over_all_names(coding: str) -> None:
    first, *rest = NAMES[coding]
    texts = [*(first.format(number) for number in range(1, 8)), *rest]
    assert texts_of([text.encode(coding) for text in texts]) == texts


def test_nothing_is_decoded_twice_and_anything_becomes_a_text() -> None:
    raw = "\u0421\u0430\u0434".encode("cp866")
    assert texts_of(["\u00c4rger.txt", b"plain"]) == ["\u00c4rger.txt", "plain"]
    assert texts_of([raw, "\u685c"])[1] == "\u685c"
    assert all(isinstance(text, str) for text in texts_of([bytes(range(128, 256)), b"\xff\xfe", b"\x81"]))
    assert texts_of([]) == []


def test_what_the_archive_says_of_a_name_is_believed() -> None:
    raw, text = "\u685c.txt".encode("cp932"), "\u685c.txt"
    cases = (
        (raw_zip((text.encode(), b"x"), flags=0x800), text),
        (raw_zip((raw, b"x"), extra=named_by_field(raw, text)), text),
        (raw_zip((raw, b"x"), extra=named_by_field(b"other", "wrong.txt")), raw),
        (raw_zip((raw, b"x"), flags=0x800), raw),
        (raw_zip((raw, b"x"), extra=b"\x75\x70\xff\xff\1"), raw),
    )
    for data, expected in cases:
        [entry] = read_directory(lambda start, end, data=data: data[start:end], len(data))  # type: ignore[misc]
        assert entry.path == expected
