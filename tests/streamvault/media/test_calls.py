"""C: calls to action around the name in a text."""

import pytest

from streamvault.media.captions import name_in


@pytest.mark.parametrize(
    "call",
    [
        "Watch now 👉 {}", "WATCH NOW 👉🏽 {}", "Download ➡️ {}", "Download here ⬇️ {}", "Join us 👉 {}",
        "Now streaming: {}", "Now Streaming ▶️ {}", "▶️ Watch Now ▶️ {}", "👉 Watch now: {}",
        "Watch & Download 👉 {}", "Click here to watch 👉👉👉 {}", "Download Now | {}", "Click here 👉 {}",
        "Watch online: {}",
        "Watch now -> {}", "Watch now >> {}", "Watch now » {}", "**Watch now** 👉 **{}**",
        "𝗪𝗮𝘁𝗰𝗵 𝗻𝗼𝘄 👉 {}", "Watch now ☞ {} ☞ Download", "{} 👇 Download now", "Watch now 👇\n{}",
        "Download 📥\nJoin us @somebody\n{}", "Subscribe ➜ {}",
        "Ver ahora ➡ {}", "Descargar aquí ⬇ {}", "Assista agora ▶ {}", "Regardez maintenant → {}",
        "Télécharger ici : {}", "Guarda ora 👉 {}", "Jetzt ansehen 👉🏻 {}", "Jetzt streamen: {}", "Kijk nu ▶️ {}",
        "Hemen izle 👉 {}", "Oglądaj teraz ➡ {}", "Nonton sekarang 👉 {}", "Xem ngay 👉 {}",
        "Смотреть онлайн 👉 {}", "Скачать здесь: {}", "İndir 👉 {}", "ŞİMDİ İZLE 👉 {}", "Дивитися зараз ➡️ {}",
        "شاهد الآن 👈 {}", "دانلود 👇 {}", "צפו עכשיו 👈 {}", "अभी देखें 👉 {}", "立即观看 👉 {}", "今すぐ見る ▶ {}",
        "지금 보기 👉 {}",
    ],
)  # fmt: skip
def test_a_call_is_no_part_of_the_name(call: str) -> None:
    """C"""
    for name in ("Cold Ledger (2009)", "Paper Moons S03E11 720p", "Watch Now (2019)", "Холодный счёт (2009)"):
        found = name_in(call.format(name))
        assert found is not None
        assert found.stem == name


@pytest.mark.parametrize(
    "call",
    [
        "Watch now 👉 {}",
        "Download here ⬇️ {}",
        "Now Streaming ▶ {}",
        "Смотреть тут 👉 {}",
        "Watch now 👇\n{}",
        "İzle 👉 {}",
        "Now 👇\n{}",
        "Here 👇🏽\n{}",
        "Link ⬇️\n{}",
        "Movie 👇\n{}",
        "Full movie here 👇👇\n{}",
        "{} 👇 Watch",
        "{} ➡ Watch here",
    ],
)
def test_a_plain_sentence_behind_a_call_is_the_name(call: str) -> None:
    """C"""
    found = name_in(call.format("Harbour Lights"))
    assert found is not None
    assert found.stem == "Harbour Lights"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Watch Now", "Watch Now"),
        ("Watch Now (2019)", "Watch Now (2019)"),
        ("Watch Now (2019) 👉 @films", "Watch Now (2019)"),
        ("Watch Now ▶ 1080p", "Watch Now 1080p"),
        ("Watch now 👇", "Watch now"),
        ("Download (2015)", "Download (2015)"),
        ("Join ▶ Learn", "Join Learn"),
        ("Play ▶ Pause", "Play Pause"),
        ("Today ❤ Tomorrow", "Today Tomorrow"),
        ("Lights 🔥 Camera", "Lights Camera"),
        ("Watch Party ➡ Cold Ledger (2009)", "Watch Party Cold Ledger (2009)"),
        ("Paper Moons 👉 The Long Night S03E11", "Paper Moons The Long Night S03E11"),
        ("Paper Moons ➡ S03E11", "Paper Moons S03E11"),
        ("The Watch: Origins (2012)", "The Watch: Origins (2012)"),
        ("Hello: Dolly (1969)", "Hello: Dolly (1969)"),
        ("Here: The Film (2010)", "Here: The Film (2010)"),
        ("See: The Movie", "See: The Movie"),
        ("New Moon - The Return (2009)", "New Moon - The Return (2009)"),
        ("Now You See Me (2013)", "Now You See Me (2013)"),
        ("Watch Me (2010)", "Watch Me (2010)"),
        ("Get On Up: The James Brown Story (2014)", "Get On Up: The James Brown Story (2014)"),
        ("Showing Up - Michelle Williams 1080p", "Showing Up - Michelle Williams 1080p"),
        ("Get Up - James Brown", "Get Up - James Brown"),
        ("Coming Up - Paul McCartney", "Coming Up - Paul McCartney"),
        ("Watch Out Now - The Beatnuts", "Watch Out Now - The Beatnuts"),
        ("See You Soon - Coldplay", "See You Soon - Coldplay"),
        ("Get Free - The Vines", "Get Free - The Vines"),
        ("Check It Out: Steve Brule S01E01", "Check It Out: Steve Brule S01E01"),
        ("Now You See It: Thriller", "Now You See It: Thriller"),
        ("Free to Play: The Movie (2014)", "Free to Play: The Movie (2014)"),
        ("Download - The Movie (2014)", "Download - The Movie (2014)"),
        ("Watch Now - The Singers", "Watch Now - The Singers"),
        ("Here and Now: The Musical (2018)", "Here and Now: The Musical (2018)"),
        ("Stream: The Film (2021)", "Stream: The Film (2021)"),
        ("Watch | The Singers 720p", "Watch | The Singers 720p"),
        ("Hello | Adele", "Hello | Adele"),
        ("Adele → Hello", "Adele → Hello"),
        ("The Stream ➡ The River", "The Stream The River"),
        ("It 👇\nA clown returns", "It"),
        ("Us 👇\nA family and its doubles", "Us"),
        ("Jordan Peele 🎬 Get Out 1080p", "Jordan Peele Get Out 1080p"),
        ("Cardi B 🔥 Press", "Cardi B Press"),
        ("Billie Eilish 🎵 watch", "Billie Eilish watch"),
        ("Adam Sandler 👉 Click", "Adam Sandler Click"),
        ("The Beatles ▶ Here Today", "The Beatles Here Today"),
        ("Coldplay ➡ Watch", "Coldplay Watch"),
        ("The Singers 👉 Watch Now 1080p", "The Singers Watch Now 1080p"),
        ("Get Out 👉 1080p\nA young man visits a family", "Get Out 1080p"),
        ("Click 👉 1080p\nAdam Sandler comedy", "Click 1080p"),
        ("Get Out ▶ Full Movie HD\nA young man visits a family", "Get Out Full Movie HD"),
        ("Here 👇 720p\nA room through the years", "Here 720p"),
        ("Download ▶ 2160p HDR\nA drama of a town", "Download 2160p HDR"),
        ("Watch Now 👉 1080p 👉 Download\nA drama of a town", "Watch Now 1080p"),
        ("Here 👉 @films\nA room through the years", "Here"),
    ],
)
def test_a_name_that_is_made_of_such_words_stays(text: str, name: str) -> None:
    """C"""
    found = name_in(text)
    assert found is not None
    assert found.stem == name


def test_an_advert_without_a_name_stays_one() -> None:
    """C"""
    assert name_in("Join us 👉 Cinema Paradise") is None
