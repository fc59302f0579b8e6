"""Which address of an item is its file (R3)."""

from typing import Any

from streamvault.leech.feeds.choice import Abilities, Choice, chosen
from streamvault.leech.feeds.model import Enclosure, Item

BASE = "https://feeds.example/a/rss.xml"
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40 + "&dn=x"
ALL = Abilities(schemes=("http", "https", "ftp"), torrents=True, pages=True)
HTTP = Abilities()
FILM, SONG = Enclosure("http://h/a.mkv"), Enclosure("http://h/a.mp3", "audio/mpeg")
POSTER = Enclosure("http://h/poster.jpg", "image/jpeg")


def choose(
    *enclosures: Enclosure, link: str = "", guid: str = "", abilities: Abilities = ALL, pages: bool = False
) -> Any:
    choice = chosen(Item(link=link, guid=guid, enclosures=enclosures), BASE, abilities, pages=pages)
    return choice.address or choice.why


def test_the_file_of_an_item() -> None:
    for enclosures, link, expected in (
        ((POSTER, FILM), "http://h/page", "http://h/a.mkv"),
        ((POSTER,), "http://h/page", "page"),
        ((Enclosure("http://h/poster"), FILM), "", "http://h/a.mkv"),
        ((Enclosure("http://h/x.png"),), "", "no file"),
        ((), MAGNET, MAGNET),
        ((FILM, Enclosure(MAGNET)), "", MAGNET),
        ((Enclosure("http://h/get?id=7", "application/x-bittorrent"), FILM), "", "http://h/get?id=7"),
        ((Enclosure("http://h/dl/7.torrent", "application/octet-stream"),), "", "http://h/dl/7.torrent"),
        ((Enclosure("http://h/get?id=7", ""),), "http://h/page", "http://h/get?id=7"),
        ((Enclosure("http://h/a.pdf", "application/pdf"), SONG), "", "http://h/a.mp3"),
        ((Enclosure("http://h/v", "video/mp4; codecs=x"), Enclosure("http://h/a.zip")), "", "http://h/v"),
        ((), "http://h/a.mkv", "http://h/a.mkv"),
        ((), "http://h/a.MKV?x=1", "http://h/a.MKV?x=1"),
        ((), "http://h/a.torrent", "http://h/a.torrent"),
        ((), "http://h/article", "page"),
        ((Enclosure("../v.mp4", "video/mp4"),), "", "https://feeds.example/v.mp4"),
        ((Enclosure("//cdn.example/v.mp4"),), "", "https://cdn.example/v.mp4"),
        ((Enclosure("http://h/a.mkv?a=1&amp;b=2"),), "", "http://h/a.mkv?a=1&b=2"),
        ((Enclosure("javascript:alert(1)"),), "", "scheme"),
        ((Enclosure("file:///etc/passwd", "video/mp4"),), "", "scheme"),
        ((Enclosure("http://h/\x00a.mkv"), Enclosure("http://[::1/a.mkv"), Enclosure(" ")), "", "no file"),
        ((Enclosure("http://h/" + "a" * 9000),), "", "no file"),
        ((), "", "no file"),
    ):  # fmt: skip
        assert choose(*enclosures, link=link) == expected, (enclosures, link)
    assert choose(guid="http://h/a.mkv") == "http://h/a.mkv"
    assert choose(guid=MAGNET) == MAGNET
    assert choose(guid="12345") == "no file"


def test_what_this_server_cannot_take_is_left_for_what_it_can() -> None:
    assert choose(Enclosure(MAGNET), FILM, abilities=HTTP) == FILM.address
    assert choose(Enclosure(MAGNET), link="http://h/page", abilities=HTTP) == "torrent"
    assert choose(link="http://h/page", pages=True, abilities=HTTP) == "page"
    assert choose(link="http://h/page", pages=True) == "http://h/page"
    assert choose(SONG, link="http://h/page", pages=True) == SONG.address
    assert chosen(Item(), BASE, ALL, pages=True) == Choice(None, "no file")
