"""What is understood of a message to the leech bot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.leech.model import Options
from streamvault.telegram.bot.leech.requests import (
    MAX_ADDRESSES,
    PAGE_SCHEMES,
    NotUnderstood,
    Request,
    addresses_in,
    command_request,
    list_request,
    whole_request,
)

A, B = "https://example.org/a.mkv", "http://files.example.org:8080/b%20c.mp4?sig=a+b=="

COMMANDS = {
    A: Request((A,)),
    f"{A} {B}": Request((A, B)),
    f"{A}\n{B}\n": Request((A, B)),
    f"{A}\r\n\r\n  {B}": Request((A, B)),
    f"<{A}>": Request((A,)),
    f"{A} -n My film.mkv": Request((A,), Options("My film.mkv")),
    f"-n My film.mkv {A}": Request((A,), Options("My film.mkv")),
    f"-n My film.mkv -d {A}": Request((A,), Options("My film.mkv", as_document=True)),
    f"{A} -n My film.mkv\n{B}": Request((A, B), Options("My film.mkv")),
    f'{A} -n "My - film.mkv" -d': Request((A,), Options("My - film.mkv", as_document=True)),
    f"{A} -n “Фильм 1.mkv”": Request((A,), Options("Фильм 1.mkv")),
    f"{A} -n film -x264.mkv": Request((A,), Options("film -x264.mkv")),
    f"{A} -n ../../etc/passwd": Request((A,), Options("passwd")),
    f"{A} -n C:\\films\\a\x00b.mkv": Request((A,), Options("ab.mkv")),
    f"-d {A}": Request((A,), Options(as_document=True)),
    "": Request(()),
    "-n only a name.mkv": Request((), Options("only a name.mkv")),
    "HTTPS://EXAMPLE.ORG/X.MKV": Request(("HTTPS://EXAMPLE.ORG/X.MKV",)),
    "https://user:p%40ss@example.org/x.mkv": Request(("https://user:p%40ss@example.org/x.mkv",)),
    "https://example.org/a_(1).mkv": Request(("https://example.org/a_(1).mkv",)),
    f"-e {A} -d": Request((A,), Options(as_document=True, unzip=True)),
    f"{A} -n My film -z": Request((A,), Options("My film", zip=True)),
    "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a": Request(
        ("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",)
    ),
}


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_read(text: str) -> None:
    assert command_request(text) == COMMANDS[text]


PAGES = {
    A: Options(ytdlp=True),
    f"{A} -s": Options(choose=True, ytdlp=True),
    f"-s -d {A}": Options(as_document=True, choose=True, ytdlp=True),
    f"{A} -s 1,3-5": Options(select=(1, 3, 4, 5), ytdlp=True),
    f"-s 2, 4 {A} -n Film.mkv -d": Options("Film.mkv", as_document=True, select=(2, 4), ytdlp=True),
}


def test_a_command_for_yt_dlp_is_read() -> None:
    for text, options in PAGES.items():
        assert command_request(text, ytdlp=True) == Request((A,), options)
    for text, why in {
        f"{A} -s 0": "the first of which is 1", f"{A} -s all": "write the numbers",
        f"{A} --format best": "the options are -n NAME, -s, -s NUMBERS, -z and -d",
    }.items():  # fmt: skip
        with pytest.raises(NotUnderstood, match=why):
            command_request(text, ytdlp=True)
    assert command_request(f"{A} -s 3,1") == Request((A,), Options(select=(1, 3)))
    assert command_request(f"{A} -s") == Request((A,), Options(choose=True))
    many = command_request(" ".join(f"{A}{number}" for number in range(6)) + " -s", ytdlp=True)
    with pytest.raises(NotUnderstood, match="at most 5 of them"):
        whole_request(many)


BAD_COMMANDS = {
    f"{A} -z -e": "either packed or unpacked",
    f"-e {A} -n x.mkv": "keep their names",
    f"{A} -x": "I do not know “-x”",
    f"{A} --exec=touch": "“--exec=touch” is no address",
    f"{A} —name film.mkv": "I do not know “—name”",
    "example.org/a.mkv": "“example.org/a.mkv” is no address",
    f"{A} film.mkv": "“film.mkv” is no address",
    f"{A} -n": "A name for the file has to stand behind -n",
    f"-n {A}": "A name for the file has to stand behind -n",
    f"{A} -n ..": "A name for the file has to stand behind -n",
    f"{A} -n /": "A name for the file has to stand behind -n",
    "x" * 5000: "x… is no address".replace("x…", "“" + "x" * 59 + "…”"),
}


@pytest.mark.parametrize("text", BAD_COMMANDS)
def test_what_is_not_understood_is_said(text: str) -> None:
    with pytest.raises(NotUnderstood) as raised:
        whole_request(command_request(text))
    assert BAD_COMMANDS[text] in str(raised.value)
    assert len(str(raised.value)) < 300


REFUSED = {
    "": "Which address?",
    "sftp://example.org/a.mkv": "has to begin with one of https://, http://, ftp://",
    "file:///etc/passwd": "has to begin with one of https://, http://, ftp://",
    "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a": "by LEECH_TORRENTS=true",
    "https://[::1/a.mkv": "is no valid address",
    "https://t.me/films": "names no message",
    "https://t.me/+AbCdEf": "is an invitation",
    "https://t.me/films/5?boost": "which is not known",
    "https://web.telegram.org/k/#@films": "names a chat and no message",
    f"{A} {B} -n film.mkv": "-n names one file",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_leeched_is_refused(text: str) -> None:
    """L1: an unknown form is said, never guessed."""
    with pytest.raises(NotUnderstood, match=REFUSED[text].replace("?", r"\?")):
        whole_request(command_request(text))


@pytest.mark.parametrize(
    "host", ["nott.me", "t.me.example.org", "mytelegram.org", "telegram.org", "web.telegram.org.example.org"]
)
def test_hosts_that_look_like_telegram_are_not_it(host: str) -> None:
    assert whole_request(Request((f"https://{host}/a.mkv",))).addresses == (f"https://{host}/a.mkv",)


def test_what_is_found_beside_others_is_left_out() -> None:
    found = ["https://t.me/films", A, "sftp://example.org/x", B, A]
    assert whole_request(Request((), left_out=3), found) == Request((A, B), left_out=5)
    with pytest.raises(NotUnderstood, match="names no message"):
        whole_request(Request(()), ["https://t.me/films"])
    with pytest.raises(NotUnderstood, match="names no message"):
        whole_request(Request(("https://t.me/films",)), [A])


def test_links_to_messages_are_taken_except_for_yt_dlp() -> None:
    links = ("tg://resolve?domain=films&post=5", "https://T.ME/c/19/416?single&thread=267", "t.me/films/5-12")
    assert whole_request(command_request(" ".join(links))).addresses == links
    for link in links:
        with pytest.raises(NotUnderstood, match="ask for it without yt-dlp"):
            whole_request(command_request(link, ytdlp=True), schemes=PAGE_SCHEMES)


def test_as_many_addresses_as_are_allowed() -> None:
    many = [f"https://example.org/{number}.mkv" for number in range(MAX_ADDRESSES)]
    assert len(whole_request(Request(()), many).addresses) == MAX_ADDRESSES
    assert len(whole_request(Request(()), [*many, *many]).addresses) == MAX_ADDRESSES, "the same ones count once"
    with pytest.raises(NotUnderstood, match="These are 501 addresses: send at most 500"):
        whole_request(Request((A,)), many)


PROSE = {
    f"See {A}, or ({B}).": (A, B),
    f"“{A}”; «{B}»!": (A, B),
    "(https://en.example.org/a_(1).mkv)": ("https://en.example.org/a_(1).mkv",),
    "no address here: example.org, a://, -n x": (),
    f"{A}\n{A}": (A,),
}


@pytest.mark.parametrize("text", PROSE)
def test_addresses_are_found_in_prose(text: str) -> None:
    assert addresses_in(text) == PROSE[text]


def test_links_under_words_count() -> None:
    assert addresses_in(f"the film, or {B}", [A, "tg://user?id=5", A]) == (B, A, "tg://user?id=5")


LISTS = {
    "utf-8": f"{A}\n# a comment\n\nnotes\n{B}\n".encode(),
    "a mark": b"\xef\xbb\xbf" + f"{A}\n{B}\nnotes".encode(),
    "utf-16": f"{A}\r\n{B}\r\nnotes".encode("utf-16"),
    "latin-1": f"{A}\n{B}\nGr\xfc\xdfe".encode("latin-1"),
}


@pytest.mark.parametrize("coding", LISTS)
def test_a_text_file_holds_addresses(coding: str) -> None:
    assert list_request(LISTS[coding]) == Request((A, B), left_out=1)


@pytest.mark.parametrize("data", [b"MZ\x90\x00\x03\x00", "no mark".encode("utf-16-be"), b"\x00" * 100])
def test_what_is_no_text_is_said(data: bytes) -> None:
    with pytest.raises(NotUnderstood, match="no text"):
        list_request(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        request = list_request(data)
    except NotUnderstood:
        return
    assert all("\n" not in one for one in request.addresses)


@given(
    st.lists(st.one_of(st.sampled_from([A, B, "-n", "-d", "-z", "x"]), st.text(max_size=8)), max_size=8).map(" ".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    found = understood(text)
    if isinstance(found, str):
        assert 0 < len(found) < 300
        return
    assert set(found.addresses) <= set(text.split()) | {word[1:-1] for word in text.split()}
    name = found.options.name
    assert name is None or ("/" not in name and 0 < len(name.encode()) <= 255)


def understood(text: str) -> Request | str:
    """The request, or what is said of it."""
    try:
        return whole_request(command_request(text))
    except NotUnderstood as error:
        return str(error)


@given(st.text(max_size=100))
def test_what_is_found_in_prose_stands_there(text: str) -> None:
    assert all(one in text for one in addresses_in(text))
