"""Addresses on loopback by which ffmpeg reads files of the server."""

import asyncio
from contextlib import suppress

import pytest

from streamvault.voice.links import LoopbackLinks
from tests.support.http_client import request
from tests.support.ports import free_port
from tests.support.raw_server import Request, ranged, raw_server

DATA = bytes(range(256)) * 4000


def token(chat_id: int, message_id: int) -> str:
    return f"token-of-{chat_id}-{message_id}"


async def test_a_range_is_passed_on_with_the_token_and_nothing_else_is_reached() -> None:
    seen: list[Request] = []

    def answer(asked: Request) -> bytes:
        seen.append(asked)
        return ranged(asked, DATA, etag='"1"')

    async with raw_server(answer) as web, LoopbackLinks([web.url("/")], token) as links:
        with links.link(-1001, 42) as address:
            assert "token" not in address
            host, _, path = address.removeprefix("http://").partition("/")
            at = ("127.0.0.1", int(host.partition(":")[2]))
            headers = {"Range": "bytes=1000-", "Authorization": "Bearer of ffmpeg", "X-Other": "1"}
            reply = await request(at, f"/{path}", headers=headers)
            assert (reply.status, reply.body) == (206, DATA[1000:])
            assert seen[0].target == "/stream/-1001/42"
            assert seen[0].headers["authorization"] == "Bearer token-of--1001-42"
            assert "x-other" not in seen[0].headers
            assert (await request(at, "/stream/-1001/42")).status == 404
        assert (await request(at, f"/{path}")).status == 404, "the address is not good any more"
        assert len(seen) == 1


async def test_a_request_waits_for_a_server_that_is_away() -> None:
    port = free_port()
    async with LoopbackLinks([f"http://127.0.0.1:{port}"], token) as links:
        with links.link(-1001, 42) as address:
            host, _, path = address.removeprefix("http://").partition("/")
            asked = asyncio.create_task(request(("127.0.0.1", int(host.partition(":")[2])), f"/{path}"))
            await asyncio.sleep(0)
            assert not asked.done()

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

            async with await asyncio.start_server(serve, "127.0.0.1", port):
                assert (await asked).body == b"ok"


def test_a_picture_has_even_sides() -> None:
    from streamvault.voice.command import Picture

    with pytest.raises(ValueError, match="even"):
        Picture(853, 480)
