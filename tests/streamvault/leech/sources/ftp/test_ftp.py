"""H17: files of FTP servers."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from streamvault.errors import LinkExpired, SourceFailed, SourceRefused
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.ftp.source import FtpSource
from tests.support.ftp_server import FtpServer, ftp_server
from tests.support.http_sources import FILM, OTHER, THIRD, Clock, at, collect, http_client, read_all
from tests.support.waiting import until

TIME = "20151021072800"


async def _fetch(url: str, checkpoint: Checkpoint | None = None, **options: Any) -> tuple[Opened, bytes]:
    return await read_all(FtpSource(http_client(**options), url), checkpoint)


def _server(path: bytes = b"film.mkv", data: bytes = FILM, **replies: bytes | None) -> FtpServer:
    return FtpServer({path: data}, replies)


@pytest.mark.parametrize(
    ("target", "path", "name"),
    [
        ("/film.mkv", b"film.mkv", "film.mkv"),
        ("/a%20b/%23 1[x].mkv", b"a b/# 1[x].mkv", "# 1[x].mkv"),
        ("/a?b=1/c;d.mkv", b"a?b=1/c;d.mkv", "c;d.mkv"),
        ("/%2Fabs/film.mkv;type=i", b"/abs/film.mkv", "film.mkv"),
        ("//abs/film.mkv", b"/abs/film.mkv", "film.mkv"),
        ("/テ/ü.mkv", "テ/ü.mkv".encode(), "ü.mkv"),
        ("/caf%E9.mkv", b"caf\xe9.mkv", "café.mkv"),
        ("/film", b"film", "film.mkv"),
        ("/100%25.mkv", b"100%.mkv", "100%.mkv"),
    ],
)
async def test_paths_and_names(target: str, path: bytes, name: str) -> None:
    async with ftp_server(_server(path)) as server:
        opened, data = await _fetch(server.url(target))
    assert (data, opened.described.name, opened.described.size) == (FILM, name, len(FILM))
    assert (opened.described.modified, opened.described.mime_type) == (TIME, "video/x-matroska")
    assert server.sent("RETR") == [path]


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("/a%0d%0aDELE%20b", "control characters"),
        ("/a%00b", "control characters"),
        ("/", "names a folder"),
        ("/folder/", "names a folder"),
        ("", "names a folder"),
    ],
)
def test_paths_that_are_refused(target: str, what: str) -> None:
    with pytest.raises(SourceRefused, match=what):
        FtpSource(http_client(), f"ftp://127.0.0.1{target}")


@pytest.mark.parametrize("login", ["us%40er:p%3Aw@", "us%40er:p:w@"])
async def test_user_and_password(login: str) -> None:
    async with ftp_server(_server()) as server:
        await _fetch(server.url(login=login))
    assert (server.sent("USER"), server.sent("PASS")) == ([b"us@er"], [b"p:w"])


async def test_nobody_is_anonymous() -> None:
    async with ftp_server(_server()) as server:
        await _fetch(server.url())
    assert (server.sent("USER"), server.sent("PASS")) == ([b"anonymous"], [b"anonymous@"])


async def test_a_password_with_a_line_end_is_not_sent() -> None:
    async with ftp_server(_server()) as server:
        with pytest.raises(SourceRefused, match="control characters"):
            await _fetch(server.url(login="a:b%0d%0aDELE x@".replace(" ", "%20")))
    assert server.commands == []


@pytest.mark.parametrize(
    "epsv",
    [
        b"550 not here",
        b"500 unknown",
        b"229 without a port",
        b"229 ok (|1|10.0.0.1|2121|)",
        b"229 Entering Extended Passive Mode (|||1|)",  # where nobody listens
    ],
)
async def test_pasv_where_epsv_does_not_serve(epsv: bytes) -> None:
    async with ftp_server(_server(EPSV=epsv)) as server:
        assert (await _fetch(server.url()))[1] == FILM
    assert len(server.sent("PASV")) == 1


async def test_epsv_with_a_dot_behind_it() -> None:
    async with ftp_server(_server(EPSV=b"229 Extended Passive mode OK (|||PORT|).")) as server:
        assert (await _fetch(server.url()))[1] == FILM
    assert server.sent("PASV") == []


async def test_epsv_that_hangs_is_left_out_from_then_on() -> None:
    async with ftp_server(_server(EPSV=b"")) as server:
        opened, data = await _fetch(server.url(), passive=0.05)
        assert data == FILM
        assert len(server.sent("EPSV")) == 1
        _, rest = await _fetch(server.url(), at(200_000, opened.described, state=opened.state))
    assert rest == FILM[200_000:]
    assert len(server.sent("EPSV")) == 1


@pytest.mark.parametrize("place", ["127,0,0,3", "10,0,0,1", "169,254,169,254", "0,0,0,0", "8,8,8,8"])
async def test_data_come_from_where_the_commands_go(place: str) -> None:
    """PASV may name any address: a private one behind NAT, or one that is to be attacked."""
    replies = {"EPSV": b"500 no", "PASV": f"227 Entering Passive Mode ({place},HIGH,LOW)".encode()}
    async with ftp_server(_server(**replies)) as server:
        assert (await _fetch(server.url()))[1] == FILM


async def test_inner_addresses_are_refused() -> None:
    async with ftp_server(replace(_server(), host=THIRD)) as server:
        with pytest.raises(SourceRefused, match="lies in this machine"):
            await _fetch(server.url())
    assert server.commands == []


@pytest.mark.parametrize("offset", [1, 70_000, 200_000, len(FILM) - 1])
async def test_goes_on_at_a_byte(offset: int) -> None:
    async with ftp_server(_server()) as server:
        opened, data = await _fetch(server.url(), at(offset, modified=TIME))
    assert (opened.offset, data) == (offset, FILM[offset:])
    assert server.sent("REST") == ([b"%d" % (offset - 65536)] if offset > 65536 else [])


async def test_without_rest_it_is_read_from_the_start() -> None:
    async with ftp_server(_server(REST=b"502 unknown")) as server:
        opened, data = await _fetch(server.url(), at(200_000))
    assert (opened.offset, data) == (200_000, FILM[200_000:])


@pytest.mark.parametrize("data", [OTHER, FILM[:-1]])
async def test_another_file_is_not_gone_on_with(data: bytes) -> None:
    async with ftp_server(_server(data=data)) as server:
        with pytest.raises(SourceChanged):
            await _fetch(server.url(), at(200_000, modified=TIME))


async def test_a_file_that_grows_is_waited_for() -> None:
    async with ftp_server(_server(data=FILM + b"more")) as server:
        source = FtpSource(http_client(), server.url())
        with pytest.raises(SourceFailed, match="still being written"):
            await read_all(source, at(200_000))
        with pytest.raises(SourceChanged, match="another size"):
            await read_all(source, at(200_000))


async def test_a_file_that_is_longer_than_it_was_told_is_not_done() -> None:
    async with ftp_server(_server(SIZE=b"213 300000")) as server:
        with pytest.raises(SourceFailed, match="still being written"):
            await _fetch(server.url())


async def test_all_bytes_are_all_whatever_the_server_says_then() -> None:
    for final in (b"426 broken", None, b"226 done"):
        async with ftp_server(replace(_server(), final=final)) as server:
            assert (await _fetch(server.url()))[1] == FILM


async def test_an_unknown_size_needs_the_servers_word() -> None:
    async with ftp_server(_server(SIZE=b"502 unknown")) as server:
        opened, data = await _fetch(server.url())
        assert (opened.described.size, data) == (None, FILM)
        for server.final in (b"426 broken", None):
            with pytest.raises(SourceFailed, match="broke off after 300,004 bytes"):
                await _fetch(server.url())


async def test_bytes_that_end_too_early_are_a_failure() -> None:
    async with ftp_server(replace(_server(), cut=100_000)) as server:
        with pytest.raises(SourceFailed, match="closed the connection after 100,000 of 300,004 bytes"):
            await _fetch(server.url())


async def test_a_cut_while_nobody_read_is_none() -> None:
    """H12"""
    clock = Clock()
    blocks: list[bytes] = []
    async with (
        ftp_server(replace(_server(), cut=100_000)) as server,
        FtpSource(http_client(clock=clock), server.url()).open(None) as opened,
    ):
        await collect(opened, blocks, clock.wait)
    assert b"".join(blocks) == FILM


@pytest.mark.parametrize(
    ("replies", "kind", "what"),
    [
        ({"USER": b"530 no"}, SourceRefused, "asks for a log-in"),
        ({"PASS": b"530 wrong"}, SourceRefused, "asks for a log-in"),
        ({"USER": b"332 account"}, SourceRefused, "does not do what is needed"),
        ({"TYPE": b"504 no"}, SourceRefused, "does not do what is needed"),
        ({"RETR": b"550 no"}, SourceRefused, r"no such file, or does not give it \(550\)"),
        ({"RETR": b"450 busy"}, SourceFailed, "cannot give the file now"),
        ({"RETR": b"421 bye"}, SourceFailed, "cannot give the file now"),
        ({"EPSV": b"500 no", "PASV": b"500 no"}, SourceFailed, "opens no connection"),
        ({"EPSV": b"500 no", "PASV": b"227 nowhere"}, SourceFailed, "opens no connection"),
        ({"SIZE": None}, SourceFailed, "closed the connection"),
        ({"RETR": b"what?"}, SourceFailed, "does not answer as an FTP server does"),
        ({"RETR": b"150-" + b"x" * 70_000}, SourceFailed, "does not answer as an FTP server does"),
        ({"RETR": b"150-\r\n" + b"more\r\n" * 20_000}, SourceFailed, "reply without end"),
        ({"RETR": b""}, SourceFailed, "did not answer within"),
    ],
)
async def test_what_servers_say_instead(replies: dict[str, bytes | None], kind: type[Exception], what: str) -> None:
    async with ftp_server(FtpServer({b"film.mkv": FILM}, replies)) as server:
        with pytest.raises(kind, match=what):
            await _fetch(server.url(), headers=0.3)


async def test_a_wrong_password_is_said_and_not_shown() -> None:
    async with ftp_server(_server(PASS=b"530 wrong secret-pass")) as server:
        with pytest.raises(SourceRefused, match="does not accept the user and password") as caught:
            await _fetch(server.url(login="secret-user:secret-pass@"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("greeting", [b"120 in a minute\r\n220 now", b"220-a\r\n220-b\r\n220 c"])
async def test_greetings(greeting: bytes) -> None:
    async with ftp_server(replace(_server(), greeting=greeting)) as server:
        assert (await _fetch(server.url()))[1] == FILM


async def test_a_file_that_is_gone_when_it_goes_on() -> None:
    async with ftp_server(_server(b"other.mkv")) as server:
        with pytest.raises(LinkExpired, match="no longer has the file"):
            await _fetch(server.url(), at(200_000))


async def test_a_server_with_one_session_serves_three_jobs_in_turn() -> None:
    """H10"""
    async with ftp_server(replace(_server(), most=1)) as server:
        client = http_client()
        first = FtpSource(client, server.url())
        async with first.open(None) as opened:
            others = [asyncio.ensure_future(read_all(FtpSource(client, server.url()))) for _ in range(2)]
            await until(lambda: server.refused >= 2)
            blocks: list[bytes] = []
            await collect(opened, blocks)
        assert [data for _, data in await asyncio.gather(*others)] == [FILM] * 2
    assert b"".join(blocks) == FILM


async def test_a_file_above_the_largest_size_is_refused() -> None:
    async with ftp_server(_server()) as server:
        with pytest.raises(SourceRefused, match=r"has 300,004 bytes, and at most 1,000 are taken"):
            await _fetch(server.url(), size=1000)


async def test_an_empty_file() -> None:
    async with ftp_server(_server(data=b"")) as server:
        opened, data = await _fetch(server.url())
    assert (opened.described.size, data) == (0, b"")


@pytest.mark.parametrize("scheme", ["ftp", "FTP", " ftp"])
async def test_an_address_has_the_source_of_its_scheme(scheme: str) -> None:
    async with ftp_server(_server()) as server:
        _, data = await read_all(source_of(http_client(), server.url().replace("ftp", scheme)))
    assert data == FILM
