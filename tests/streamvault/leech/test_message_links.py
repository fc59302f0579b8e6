"""Links to messages of Telegram, as clients copy them and as people write them (L1, L2)."""

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import read_address, shown_name
from streamvault.leech.message_links import MOST, MessageLink, is_telegram, read_link

C = -1001960912864
LINKS = {
    "https://t.me/Films/5": MessageLink("films", 5, 5),
    "http://www.t.me/films/5/": MessageLink("films", 5, 5),
    "t.me/films/5": MessageLink("films", 5, 5),
    "https://T.ME/s/films/5": MessageLink("films", 5, 5),
    "https://telegram.me/films/5?t=1m3s": MessageLink("films", 5, 5),
    "https://telegram.dog/films/5?embed=1&mode=tme": MessageLink("films", 5, 5),
    "https://films.t.me/5": MessageLink("films", 5, 5),
    "https://t.me/films/5?single": MessageLink("films", 5, 5, alone=True),
    "https://t.me/c/1960912864/8": MessageLink(C, 8, 8),
    "https://t.me/c/1960912864/3/8": MessageLink(C, 8, 8, topic=3),
    "https://t.me/c/1960912864/8?thread=3": MessageLink(C, 8, 8, topic=3),
    "https://t.me/chan/19134?single&comment=494202": MessageLink("chan", 19134, 19134, alone=True, comment=494202),
    "https://t.me/c/19/416?single&thread=267": MessageLink(-1000000000019, 416, 416, topic=267, alone=True),
    "https://t.me/films/7/8?single": MessageLink("films", 8, 8, topic=7, alone=True),
    "https://t.me/films/7/8?thread=7": MessageLink("films", 8, 8, topic=7),
    "https://t.me/films/5-12": MessageLink("films", 5, 12),
    "https://t.me/films/12-5": MessageLink("films", 5, 12),
    "https://t.me/films/7-7": MessageLink("films", 7, 7),
    "https://t.me/c/1960912864/3/5-12": MessageLink(C, 5, 12, topic=3),
    f"https://t.me/films/1-{MOST}": MessageLink("films", 1, MOST),
    "tg://resolve?domain=films&post=5": MessageLink("films", 5, 5),
    "tg:resolve?domain=films&post=5&single": MessageLink("films", 5, 5, alone=True),
    "tg://resolve?domain=chan&post=19134&comment=494202": MessageLink("chan", 19134, 19134, comment=494202),
    "tg://privatepost?channel=1960912864&post=8&thread=3&single": MessageLink(C, 8, 8, topic=3, alone=True),
    "https://web.telegram.org/k/#/im?p=@films&post=5": MessageLink("films", 5, 5),
    "https://web.telegram.org/a/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dfilms%26post%3D5": MessageLink("films", 5, 5),
}
REFUSED = {
    "https://t.me/films": "names no message",
    "https://t.me/": "names no message",
    "https://t.me/films/0": "names no message",
    "https://t.me/films/x": "names no message",
    "https://t.me/films/5-": "names no message",
    "https://t.me/films/1/2/3": "names no message",
    "https://t.me/films/99999999999": "names no message",
    "https://t.me/films/4294967296": "names no message",
    "https://t.me/films/\u0665": "names no message",
    "https://t.me/c/films/5": "names no message",
    "https://t.me/c/0/5": "names no message",
    "https://t.me/c/1960912864": "names no message",
    "https://t.me/c/-1001960912864/8": "names no message",
    "https://t.me/addstickers/Cats": "names no message",
    "https://t.me/share/5": "names no message",
    "https://t.me/ab/5": "names no message",
    "https://a.b.t.me/5": "names no message",
    "https://t.me/+AbCdEf": "is an invitation",
    "tg://join?invite=AbCdEf": "is an invitation",
    "https://t.me/films/s/5": "is one of a story",
    "tg://resolve?domain=films&story=5": "is one of a story",
    "tg://resolve?domain=films": "names no message",
    "tg://openmessage?user_id=1&message_id=5": "names no message",
    "tg://privatepost?channel=films&post=5": "names no message",
    "https://t.me/films/5?boost": "'boost', which is not known",
    "https://t.me/films/5?single&single": "a parameter twice",
    "https://t.me/films/7/8?thread=6": "names two topics",
    "https://t.me/films/5?comment=": "names no message",
    "https://t.me/films/5-12?comment=7": "both a range and a comment",
    f"https://t.me/films/1-{MOST + 1}": "has 10,001 messages: ask for at most 10,000",
    "https://t.me/films/2147483647-1": "has 2,147,483,647 messages",
    "https://web.telegram.org/k/#@films": "names a chat and no message",
    "https://web.telegram.org/a/#-1001960912864_8": "names a chat and no message",
    "https://web.telegram.org/a/#?tgaddr=https%3A%2F%2Fexample.org": "names no message",
}


def test_each_form_of_a_link_means_its_messages() -> None:
    for text, link in LINKS.items():
        assert is_telegram(text), text
        assert read_link(text) == link, text
        again = read_link(link.public)
        assert (again.chat, again.first, again.last, again.comment) == (link.chat, link.first, link.last, link.comment)
        assert again.alone == link.alone, text
        assert again.topic == (link.topic if link.is_range else None), text


def test_another_form_is_refused_with_what_is_wrong() -> None:
    for text, sentence in REFUSED.items():
        assert is_telegram(text), text
        with pytest.raises(SourceRefused) as raised:
            read_link(text)
        assert sentence in str(raised.value), (text, str(raised.value))
        assert len(str(raised.value)) < 200


def test_hosts_that_look_like_telegram_are_not_it() -> None:
    others = ["nott.me", "t.me.example.org", "mytelegram.org", "telegram.org", "web.telegram.org.example.org", "[::1"]
    assert not [host for host in others if is_telegram(f"https://{host}/films/5")]
    assert not is_telegram("ftp://t.me/films/5")


def test_a_job_knows_spellings_of_one_message_as_the_same() -> None:
    spellings = [
        "https://t.me/Films/5",
        "tg://resolve?domain=films&post=5",
        "t.me/films/7/5",
        "https://films.t.me/5?t=9",
    ]
    assert {read_address(one).same for one in spellings} == {"https://t.me/films/5"}
    address = read_address("tg://privatepost?channel=1960912864&post=8&single")
    assert (address.full, address.shown) == ("https://t.me/c/1960912864/8?single",) * 2
    assert shown_name(address.shown) == "t.me/c/1960912864/8"
    with pytest.raises(SourceRefused, match="names no message"):
        read_address("https://t.me/films")
    with pytest.raises(SourceRefused, match="by itself: ask for it without yt-dlp"):
        read_address("https://t.me/films/5", schemes=("http", "https"))
