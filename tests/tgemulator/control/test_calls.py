"""Group calls by the control API over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.media_client import media_client
from tests.support.waiting import until
from tests.tgemulator.control.test_control import post, refusal
from tgemulator.control.server import ControlServer
from tgemulator.emulator import Emulator
from tgemulator.services.call_media import seat_of
from tgemulator.sfu.offer import parse_offer
from tgemulator.sfu.rtp import RtpPacket
from tgemulator.sfu.speaker import tone_packets
from tgemulator.world.model import Channel

ADA, BOB, EVE, CLUB, FILMS = 11, 12, 13, 21, 22


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """One that does not listen for MTProto."""
    emulator = Emulator()
    ada, bob, _ = [emulator.world.add_user(f"{id}", first_name="A", id=id) for id in (ADA, BOB, EVE)]
    club = emulator.world.add_channel("Club", creator=ada, megagroup=True, id=CLUB)
    emulator.world.add_channel("Films", creator=bob, id=FILMS)
    emulator.world.add_member(club, bob)
    yield emulator
    emulator.sfu.close()


@pytest.fixture
async def http(emulator: Emulator) -> AsyncIterator[httpx.AsyncClient]:
    async with ControlServer(emulator) as control, httpx.AsyncClient(base_url=control.url, trust_env=False) as client:
        yield client


async def test_a_call_is_made_filled_and_ended(http: httpx.AsyncClient, emulator: Emulator) -> None:
    made = await post(http, "/calls", chat=CLUB, title="Songs", schedule_date=2_000_000_000, by=BOB)
    assert (made["title"], made["schedule_date"], made["participants"]) == ("Songs", 2_000_000_000, [])
    assert (await refusal(http, "POST", "/calls", json={"chat": CLUB}))[0] == 400
    assert (await post(http, "/calls/start", chat=CLUB))["schedule_date"] is None
    assert await refusal(http, "POST", "/calls/start", json={"chat": CLUB}) == (400, "the call has begun already")
    await post(http, "/calls/settings", chat=CLUB, join_muted=True, video_limit=3, listeners_hidden=True, invite="x")
    call = emulator.world.calls_by_id[made["id"]]
    assert (call.video_limit, call.listeners_hidden, call.invites) == (3, True, {"x": True})
    await post(http, "/calls/participants", chat=CLUB, user=EVE, hidden=True, muted=True)
    filled = await post(http, "/calls/participants", chat=CLUB, user=BOB, **{"as": FILMS}, tone=440)
    assert [(one["peer"], one["hidden"], one["simulated"]) for one in filled["participants"]] == [
        (["user", EVE], True, True),
        (["channel", FILMS], False, True),
    ]
    muted = await post(http, "/calls/mute", chat=CLUB, user=BOB)
    assert (muted["participants"][1]["muted"], muted["participants"][1]["may_speak"]) == (True, False)
    allowed = await post(http, "/calls/mute", chat=CLUB, user=BOB, muted=False)
    assert allowed["participants"][1]["may_speak"]
    assert len((await post(http, "/calls/participants", chat=CLUB, user=EVE, join=False))["participants"]) == 1
    assert (await post(http, "/calls/kick", chat=CLUB, user=BOB))["participants"] == []
    assert BOB not in emulator.world.chats[CLUB].members
    ended = await post(http, "/calls/discard", chat=CLUB)
    assert (await http.get("/calls")).json() == [ended]
    assert ended["ended_at"] is not None


async def test_what_is_refused(http: httpx.AsyncClient) -> None:
    await post(http, "/calls", chat=FILMS, stream="rtmp")
    for path, body, expected in (
        ("/calls", {"chat": 9}, (404, "there is no chat 9")),
        ("/calls", {"chat": CLUB, "stream": "x"}, (400, "'stream' must be chunks or rtmp")),
        ("/calls/discard", {"chat": CLUB}, (404, f"chat {CLUB} has no call")),
        ("/calls/mute", {"chat": FILMS, "user": BOB}, (404, f"account {BOB} is not in the call")),
        ("/calls/kick", {"chat": FILMS, "user": BOB}, (400, f"account {BOB} is not in the chat, or its creator")),
        ("/calls/participants", {"chat": FILMS, "user": BOB, "tone": 0}, (400, "'tone' must be between 1 and 3900 Hz")),
        ("/calls/participants", {"chat": FILMS, "user": BOB, "tune": 1}, (400, "unknown arguments: tune")),
    ):
        assert await refusal(http, "POST", path, json=body) == expected
    assert (await refusal(http, "GET", f"/calls/heard?chat={CLUB}&user={BOB}"))[0] == 404
    assert (await refusal(http, "GET", f"/calls/heard?chat={FILMS}&user={BOB}&window=1"))[0] == 400


async def test_what_was_heard_is_told(http: httpx.AsyncClient, emulator: Emulator) -> None:
    await post(http, "/calls", chat=CLUB)
    club = emulator.world.chats[CLUB]
    assert isinstance(club, Channel)
    call = emulator.world.calls.of_chat(club)
    assert call is not None
    one = emulator.world.calls.join(call, emulator.world.users[BOB], source=1001)
    async with media_client() as client:
        client.take(emulator.sfu.join(seat_of(call, one), parse_offer(client.offer)))
        await client.connect()
        for number, payload in enumerate(tone_packets(880)):
            client.send(RtpPacket(111, number, 960 * number, 1001, False, payload))
        await until(lambda: len(emulator.recording(call, emulator.world.users[BOB]).audio()) == 50)
    heard = (await http.get(f"/calls/heard?chat={CLUB}&user={BOB}")).json()
    assert [round(tone["frequency"], -1) for tone in heard["tones"]] == [880, 880]
    assert (heard["packets"], heard["gaps"], heard["frames"], len(heard["connected"])) == (50, [], 0, 1)
    assert (await http.get("/calls")).json()[0]["participants"][0]["connected"]
    await post(http, "/calls/discard", chat=CLUB)
    later = (await http.get(f"/calls/heard?chat={CLUB}&user={BOB}&since=9999999999000")).json()
    assert (later["tones"], later["packets"], len(later["closed"])) == ([], 0, 1)
