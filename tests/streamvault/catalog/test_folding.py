"""How letters are folded (I)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.folding import fold


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_no_character_folds_otherwise_when_it_is_folded_again_or_decomposed() -> None:
    assigned = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")]
    for char in assigned:
        folded = fold(char)
        assert {fold(form) for form in (folded, *(unicodedata.normalize(f, char) for f in ("NFC", "NFD")))} == {folded}
        assert fold(f"é{char}") == f"e{folded}" or unicodedata.combining(char)


@pytest.mark.parametrize(
    ("forms", "folded"),
    [
        ("đ Đ ł ø ı İ I æ œ þ ß ẞ ŋ ð ħ", "d d l o i i i ae oe th ss ss n d h"),
        ("Łódź Tiếng Việt Þórður Şişli Gəncə Ŧ Ƶ", "lodz tieng viet thordur sisli gence t z"),
        ("ᴛʜᴇ ꜰɪʟᴍ 𝐁𝐨𝐥𝐝 Ⓐ Ⅲ", "the film bold a iii"),
        ("ΣΊΣΥΦΟΣ σίσυφος ᾠδή", "σισυφοσ σισυφοσ ωδη"),
        ("Ёлка ѝ мой Йод Київ ўсё ѓ а\u0301", "елка и мой йод київ ўсе ѓ а"),
        ("أإآٱ ؤ ئ ى ی ے ك ک ة ۀ ہ ھ ە", "اااا و ي ي ي ي ك ك ه ه ه ه ه"),
        ("مُحَمَّدٌ مـــوج لا ﻻ", "محمد موج لا لا"),
        ("ێ ۆ ڵ ڕ", "ي و ل ر"),
        ("٣ ۳ ३ ๓ ৩ 𝟛 ３ ³", "3 3 3 3 3 3 3 3"),
        ("שָׁלוֹם שׁ ײ", "שלום ש יי"),
        ("ゴミ コミ パイ ハイ バイ ｺﾞﾐ ﾊﾟ コ゛ ゔ", "ゴミ コミ パイ ハイ バイ ゴミ パ ゴ ゔ"),
        ("हिन्दी हिंदी चाँद फ़िल्म सम्बन्ध", "हिंदी हिंदी चांद फिलम संबंध"),
        ("ไม้ ยุค ยค เท่ำ", "ไม ยุค ยค เทํา"),
        ("തൻ തന്\u200d ৎ", "തന തന ত"),
        ("కై కె", "కై కె"),
        ("한국 ﾡ ＦＵＬＬ ﬁ ① ㎏", "한국 ᄀ full fi 1 kg"),
        ("co\u00adop می\u200cسازیم ☔\ufe0f 👍🏽 x\u200b", "coop ميسازيم ☔ 👍 x "),
    ],
)
def test_letters_are_folded(forms: str, folded: str) -> None:
    assert fold(forms) == folded
    assert fold(unicodedata.normalize("NFD", forms)) == folded
