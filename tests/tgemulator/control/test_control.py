"""The control API over HTTP: its actions, answers and refusals."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyrogram import raw

from tgemulator.config import EmulatorConfig
from tgemulator.control.arguments import FAULTS
from tgemulator.control.server import ControlServer
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.faults.floods import ThrashGuard
from tgemulator.world.content import BytesContent, synthetic_bytes

ALICE, BOB = 11, 12


@pytest.fixture
async def emulator(folder: Path) -> AsyncIterator[Emulator]:
    async with Emulator(EmulatorConfig(folder=folder)) as emulator:
        emulator.world.add_user("1000", first_name="Alice", id=ALICE)
        emulator.world.add_user("2000", first_name="Bob", id=BOB, password="secret")
        yield emulator


@pytest.fixture
async def http(emulator: Emulator) -> AsyncIterator[httpx.AsyncClient]:
    async with ControlServer(emulator) as control, httpx.AsyncClient(base_url=control.url, trust_env=False) as client:
        yield client


async def post(http: httpx.AsyncClient, path: str, **arguments: Any) -> Any:
    response = await http.post(path, json=arguments)
    assert response.status_code == 200, response.text
    return response.json()


async def close(writer: asyncio.StreamWriter) -> None:
    """Close this end, whether or not the other one is closed."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def refusal(http: httpx.AsyncClient, method: str, path: str, **rest: Any) -> tuple[int, str]:
    response = await http.request(method, path, **rest)
    return response.status_code, response.json()["error"]


async def test_limits_of_uploads_are_set_while_it_runs(http: httpx.AsyncClient, emulator: Emulator) -> None:
    assert await post(http, "/limits", user=ALICE, premium=True) == {"parts": 8000}
    assert await post(http, "/limits", user=ALICE, parts=5) == {"parts": 10}
    assert await post(http, "/limits", user=ALICE, premium=False) == {"parts": 5}
    wrong = {"user": ALICE, "parts": 0}
    assert await refusal(http, "POST", "/limits", json=wrong) == (400, "'parts' must be between 1 and 4000")
    emulator.files.uploads.save((ALICE, 1, True), 0, data=b"x", total=None, most=5)
    await post(http, "/faults", name="expire_uploads")
    sent = raw.types.InputFileBig(id=1, parts=1, name="x")
    with pytest.raises(RpcError, match="FILE_PART_0_MISSING"):
        emulator.files.uploads.finish(ALICE, sent, big=True, most=5)


async def test_counters_are_read_and_reset(http: httpx.AsyncClient, emulator: Emulator) -> None:
    emulator.counters.add("getfile", 3, dc=2)
    assert (await http.get("/counters")).json() == emulator.counters.snapshot()
    await post(http, "/counters/reset")
    assert emulator.counters.value("getfile") == 0


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_every_named_fault_is_switched_on_and_off(http: httpx.AsyncClient, emulator: Emulator, name: str) -> None:
    fault = await post(http, "/faults", name=name, arguments={"dc": 2, "times": 3})
    assert [item.id for item in emulator.faults.active()] == [fault["id"]]
    assert (await http.get("/faults")).json() == [fault]
    assert (await http.delete(f"/faults/{fault['id']}")).status_code == 200
    assert emulator.faults.active() == []
    assert (await http.delete(f"/faults/{fault['id']}")).status_code == 404


async def test_presets_and_arguments_reach_the_fault(http: httpx.AsyncClient, emulator: Emulator) -> None:
    await post(http, "/faults", name="stall")
    await post(http, "/faults", name="latency", arguments={"latency": 1, "dc": 4})
    link = emulator.faults.conditions(4, media_only=False)
    assert (link.stalled, link.latency) == (True, 1)
    assert (await http.delete("/faults")).status_code == 200
    assert (link.stalled, link.latency) == (False, 0)


async def test_faults_that_act_at_once(http: httpx.AsyncClient, emulator: Emulator) -> None:
    file = emulator.files.add(BytesContent(b"x"), dc_id=2)
    before = emulator.files.file_reference(file, ALICE, origin=1)
    await post(http, "/faults", name="expire_references", arguments={"file": file.id})
    assert emulator.files.file_reference(file, ALICE, origin=1) != before
    await post(http, "/faults", name="thrash_guard", arguments={"keys": 3})
    guarded = [emulator.faults.thrash.guard]
    await post(http, "/faults", name="thrash_guard", arguments={"off": True})
    assert [*guarded, emulator.faults.thrash.guard] == [ThrashGuard(keys=3), None]
    killed = await post(http, "/faults", name="dead_key", arguments={"code": 401, "text": "SESSION_REVOKED"})
    assert killed["keys"] == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "'name' is missing"),
        ({"name": "no such"}, "no fault is called"),
        ({"name": 5}, "'name' must be"),
        ({"name": "flood_wait", "arguments": {"second": 3}}, "unknown arguments: second"),
        ({"name": "flood_wait", "arguments": {"seconds": "3"}}, "'seconds' must be"),
        ({"name": "flood_wait", "arguments": {"seconds": True}}, "'seconds' must be"),
        ({"name": "flood_wait", "arguments": [1]}, "'arguments' must be"),
        ({"name": "flood_wait", "other": 1}, "unknown arguments: other"),
        ({"name": "flood_wait", "arguments": {"id": 1}}, "unknown arguments: id"),
    ],
)
async def test_a_wrong_fault_is_refused_with_a_reason(http: httpx.AsyncClient, body: Any, word: str) -> None:
    status, reason = await refusal(http, "POST", "/faults", json=body)
    assert status == 400
    assert word in reason


async def test_messages_are_posted_edited_listed_and_deleted(http: httpx.AsyncClient, emulator: Emulator) -> None:
    channel = emulator.world.add_channel("Films", creator=emulator.world.users[ALICE])
    film = {"size": 5000, "seed": 7, "name": "film.mp4", "mime_type": "video/mp4", "dc": 4}
    posted = await post(http, "/post", chat=channel.id, text="a film", file=film)
    message = channel.messages[posted["id"]]
    assert message.file is not None
    assert message.file.content.read(0, 9999) == synthetic_bytes(7, 0, 5000)
    assert (message.file.dc_id, message.file.name) == (4, "film.mp4")
    note = await post(http, "/post", chat=channel.id, file={"base64": base64.b64encode(b"note").decode()})
    again = await post(http, "/post", chat=channel.id, file=posted["file"]["id"])
    assert again["file"] == posted["file"]
    edited = await post(http, "/edit", chat=channel.id, message=posted["id"], text="the film")
    assert (edited["text"], message.text) == ("the film", "the film")
    assert edited["file"] == posted["file"]
    await post(http, "/delete", chat=channel.id, messages=[note["id"]])
    listed = (await http.get("/messages", params={"chat": channel.id, "after": posted["id"] - 1})).json()
    assert not listed["more"]
    assert [(item["id"], item["deleted"]) for item in listed["messages"]] == [
        (posted["id"], False),
        (note["id"], True),
        (again["id"], False),
    ]
    status, _ = await refusal(http, "POST", "/edit", json={"chat": channel.id, "message": note["id"], "text": "x"})
    assert status == 404
    words = await post(http, "/post", chat=channel.id, text="words")
    for message, text in ((words, ""), (words, "x" * 4097), (posted, "x" * 4097)):
        wrong = {"chat": channel.id, "message": message["id"], "text": text}
        assert (await refusal(http, "POST", "/edit", json=wrong))[0] == 400


async def test_private_messages_are_sent(http: httpx.AsyncClient, emulator: Emulator) -> None:
    first = await post(http, "/send", sender=ALICE, recipient=BOB, text="hello")
    assert emulator.world.mailbox(BOB).messages[first["id"]].text == "hello"
    second = await post(http, "/send", sender=ALICE, recipient=BOB, text="are you there?", reply_to=first["id"])
    assert second["reply_to"] == first["id"]
    listed = (await http.get("/messages", params={"account": BOB})).json()["messages"]
    assert [(item["text"], item["sender"]) for item in listed] == [("hello", ALICE), ("are you there?", ALICE)]


async def test_the_world_is_described_without_secrets(http: httpx.AsyncClient, emulator: Emulator) -> None:
    emulator.world.add_bot("77:very-secret-token")
    channel = emulator.world.add_channel("Films", creator=emulator.world.users[ALICE])
    response = await http.get("/world")
    assert {user["id"] for user in response.json()["users"]} == {ALICE, BOB, 77}
    assert {"id": channel.id, "kind": "channel", "title": "Films", "members": [ALICE]} in response.json()["chats"]
    assert "secret" not in response.text
    assert "12345" not in response.text


async def test_connections_are_dropped_and_dcs_restarted(http: httpx.AsyncClient, emulator: Emulator) -> None:
    reader, writer = await asyncio.open_connection(*emulator.address(2))
    writer.write(b"\xee\xee\xee\xee")
    await http.get("/counters")  # the emulator has accepted what came before
    assert emulator.connections_open == 1
    assert await post(http, "/drop", dc=4) == {"dropped": 0}
    assert await post(http, "/drop", dc=2) == {"dropped": 1}
    with pytest.raises((ConnectionError, EOFError)):
        await reader.readexactly(1)
    await close(writer)
    address = emulator.address(4)
    await post(http, "/dc/4/restart")
    assert emulator.address(4) == address
    _, writer = await asyncio.open_connection(*address)
    await close(writer)
    assert (await refusal(http, "POST", "/dc/9/restart"))[0] == 404
    assert (await refusal(http, "POST", "/dc/4/restart", json={"down_for": -1}))[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/faults/1", 405),
        ("PUT", "/counters", 405),
        ("GET", "/messages", 400),
        ("GET", "/messages?chat=x", 400),
        ("GET", "/messages?chat=1", 404),
        ("GET", "/messages?account=99", 404),
        ("DELETE", "/faults/12345678901", 404),
    ],
)
async def test_unknown_paths_and_names_have_different_errors(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert (await refusal(http, method, path))[0] == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Host": "localhost:1"}, 200),
    ],
)
async def test_what_a_foreign_web_page_could_send_is_refused(
    http: httpx.AsyncClient, emulator: Emulator, headers: dict[str, str], status: int
) -> None:
    emulator.counters.add("getfile")
    given = {"Content-Type": "application/json", **headers}
    response = await http.post("/counters/reset", content=b"{}", headers=given)
    assert response.status_code == status
    assert emulator.counters.value("getfile") == (0 if status == 200 else 1)
    assert not any(name.startswith("access-control") for name in response.headers)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /counters HTTP/1.1\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{}", 400),
        (b"POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST /faults HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 413),
        (b"GET /counters HTTP/1.1\r\n\r\n", 403),
        (
            b"POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 3\r\n\r\n{]}",
            400,
        ),
        (
            b"POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\n\r\n[]",
            400,
        ),
    ],
)
async def test_malformed_requests_get_a_clear_answer(emulator: Emulator, request_bytes: bytes, status: int) -> None:
    async with ControlServer(emulator) as control:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(control.url.rpartition(":")[2]))
        writer.write(request_bytes)
        writer.write_eof()
        answer = await reader.read()
        await close(writer)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (r'{"chat": 5, "text": "bad \ud83d"}', "a lone surrogate, \\ud83d"),
        (r'{"chat": 5, "text": "\ude00 bad"}', "a lone surrogate, \\ude00"),
        (r'{"chat": 5, "file": {"size": 1, "name": "a\ud83d.mp4"}}', "a lone surrogate"),
        (r'{"chat": 5, "bad\udfff": 1}', "a lone surrogate"),
        (b'{"chat": 5, "text": "\xed\xa0\xbd"}', "lone surrogate"),
        (b'{"chat": 5, "text": "\xff"}', "is not JSON"),
        ('{"chat": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deep"),
        ('{"chat": ' + '{"a": ' * 100_000 + "1" + "}" * 100_000 + "}", "nested too deep"),
        ('{"chat": NaN}', "is not JSON"),
        ('{"chat": 1e999}', "is not JSON"),
        ('{"chat": ' + "9" * 5000 + "}", "is not JSON"),
    ],
)
async def test_json_that_could_not_be_sent_on_is_refused(
    http: httpx.AsyncClient, emulator: Emulator, body: str | bytes, words: str
) -> None:
    """Emulator: a post that no client could be sent fails at once, and leaves the channel as it was."""
    channel = emulator.world.add_channel("Films", creator=emulator.world.users[ALICE], id=5)
    before = channel.journal.pts
    for path in ("/post", "/faults", "/send"):
        response = await http.post(path, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 400
        assert words in response.json()["error"]
    assert channel.journal.pts == before


async def test_an_idle_connection_does_not_delay_closing(emulator: Emulator) -> None:
    async with asyncio.timeout(5):
        async with ControlServer(emulator) as control:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(control.url.rpartition(":")[2]))
            writer.write(b"GET")
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        await close(writer)
