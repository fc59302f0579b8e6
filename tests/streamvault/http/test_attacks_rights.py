"""Attacks of people and programs that have some rights and want more; guessed ids; odd bodies, names and paths."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streamvault.access.browsers import _PROGRAMS, _SYSTEMS, UNKNOWN, browser_name
from streamvault.access.identity import GUEST_RIGHTS, MEMBER_RIGHTS, OWNER_RIGHTS
from streamvault.http.cookies import SECURE_SESSION
from streamvault.http.rules import RULES, RuleTable
from streamvault.indexing.progress import Progress
from tests.support.access_table import app_of, filled
from tests.support.files import CHANNEL, media_file
from tests.support.site import OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, STRANGER, Browser, logged_in, nobody


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,), members=str(MEMBER)) as site:
        await site.put(media_file(1, name="Garten.mp4"), media_file(2, chat_id=OTHER, name="Dorf.mp4"))
        yield site


async def api_token(site: Site, person: int | None, *can: Any) -> dict[str, str]:
    _, text = await site.access.tokens.create(person, "Kodi", can=can)
    return {"Authorization": f"Bearer {text}"}


async def test_an_api_token_makes_none_that_has_more_or_outlives_it(site: Site) -> None:
    stranger = nobody(site)
    for rights in ({"read"}, {"read", "links", "playback"}, {"read", "index"}):
        for person in (OWNER, MEMBER, None):
            bearer = await api_token(site, person, *rights)
            for asked in ({"name": "x"}, {"name": "x", "can": ["read"]}, {"name": "x", "can": ["people"]}):
                answer = await stranger.ask("POST", "/api/tokens", headers=bearer, json=asked)
                assert answer.status_code in (401, 403), rights
    bearer = await api_token(site, OWNER, "read", "people")
    for beyond in ("index", "links", "leech", "voice", "playback"):
        asked = {"name": "x", "can": ["read", beyond]}
        assert (await stranger.ask("POST", "/api/tokens", headers=bearer, json=asked)).status_code == 422
    made = await stranger.ask("POST", "/api/tokens", headers=bearer, json={"name": "x", "can": ["read"]})
    assert (made.status_code, made.json()["can"]) == (201, ["read"])


async def test_the_token_of_a_member_has_no_right_that_the_member_lost(site: Site) -> None:
    member = await logged_in(site, MEMBER)
    for beyond in sorted(OWNER_RIGHTS - MEMBER_RIGHTS):
        answer = await member.ask("POST", "/api/tokens", json={"name": "x", "can": [beyond]})
        assert answer.status_code == 422, beyond
    text = (await member.ask("POST", "/api/tokens", json={"name": "x", "can": ["read", "links"]})).json()["token"]
    bearer = {"Authorization": f"Bearer {text}"}
    asked = {"chat_id": CHANNEL, "message_id": 1}
    assert (await nobody(site).ask("POST", "/api/links", headers=bearer, json=asked)).status_code == 201
    owner = await logged_in(site, OWNER)
    await owner.ask("PUT", f"/api/people/{MEMBER}", json={"can": ["read"]})
    assert (await nobody(site).ask("POST", "/api/links", headers=bearer, json=asked)).status_code == 403
    await owner.ask("DELETE", f"/api/people/{MEMBER}")
    assert (await nobody(site).get("/api/catalog", headers=bearer)).status_code == 403


async def test_with_public_access_strangers_read_and_keep_their_own_and_nothing_else() -> None:
    own = ("/api/watch", "/api/favourites", "/api/hidden", "/api/collections", "/api/login", "/api/logout", "/login")
    async with open_site(owner_ids=(OWNER,)) as site:
        await site.put(media_file(1))
        for path, of in RULES.items():
            for method in set(of) - {"GET", "HEAD"}:
                answer = await nobody(site).ask(method, filled(path), json={})
                assert answer.status_code == 401 or path.startswith(own), f"{method} {path}"
        me = (await nobody(site).get("/api/me")).json()
        assert (sorted(me["can"]), me["person"]) == (sorted(GUEST_RIGHTS), None)
        assert {kind for kind, _ in site.records.stored} == {"login"}, "what waits for a person's word"


ODD_PEOPLE: list[Any] = [
    {"id": str(MEMBER)}, {"id": 1.5}, {"id": True}, {"id": -1}, {"id": 0}, {"id": 1 << 52}, {"id": 1 << 70},
    {"id": None}, {"id": [MEMBER]}, {"id": {"$gt": 0}}, {}, [], "x", None, 7,
    {"id": STRANGER, "can": ["people"]}, {"id": STRANGER, "can": ["index"]}, {"id": STRANGER, "can": ["owner"]},
    {"id": STRANGER, "can": "read"}, {"id": STRANGER, "can": [["read"]]}, {"id": STRANGER, "can": {"read": 1}},
    {"id": STRANGER, "can": [1]}, {"id": STRANGER, "chats": ["@films"]}, {"id": STRANGER, "chats": [1.5]},
    {"id": STRANGER, "chats": [1 << 64]}, {"id": STRANGER, "chats": {"$ne": 1}}, {"id": STRANGER, "name": ["x"]},
    {"id": STRANGER, "name": "x" * 129}, {"id": STRANGER, "name": {"$where": "1"}},
]  # fmt: skip


@pytest.mark.parametrize("body", ODD_PEOPLE, ids=repr)
async def test_odd_people_are_refused_or_plain_members(site: Site, body: Any) -> None:
    owner = await logged_in(site, OWNER)
    before = set(site.records.stored)
    answer = await owner.ask("POST", "/api/people", json=body)
    if answer.status_code == 201:
        assert (answer.json()["role"], answer.json()["id"]) == ("member", MEMBER)
        assert set(answer.json()["can"]) <= MEMBER_RIGHTS
    else:
        assert answer.status_code == 422
        assert set(site.records.stored) == before


async def test_what_is_stored_of_a_person_cannot_be_set_from_outside(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    more = {"role": "owner", "removed": False, "removals": -1, "invited": True, "in_channel": True, "checked": 1e18}
    answer = await owner.ask("POST", "/api/people", json={"id": STRANGER, "can": ["read"], **more})
    assert answer.json()["role"] == "member"
    assert site.records.stored["person", str(STRANGER)].value == {
        "name": "", "invited": True, "chats": None, "can": ["read"], "removals": 0,
    }  # fmt: skip


async def test_an_owner_is_made_and_unmade_by_the_setting_alone(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    for method, path, body in (
        ("POST", "/api/people", {"id": OWNER, "can": ["read"]}),
        ("PUT", f"/api/people/{OWNER}", {"can": []}),
        ("DELETE", f"/api/people/{OWNER}", None),
    ):
        assert (await owner.ask(method, path, json=body)).status_code == 409
    assert set((await owner.get("/api/me")).json()["can"]) == OWNER_RIGHTS


async def test_ids_of_others_are_answered_as_ids_of_nothing(site: Site) -> None:
    owner, member = await logged_in(site, OWNER), await logged_in(site, MEMBER)
    session = owner.cookies[SECURE_SESSION][:16]
    token = (await owner.ask("POST", "/api/tokens", json={"name": "x"})).json()["id"]
    link = (await owner.ask("POST", "/api/links", json={"query": "x"})).json()["id"]
    for kind, there in (("sessions", session), ("tokens", token), ("links", link)):
        answers = [await member.ask("DELETE", f"/api/{kind}/{id}") for id in (there, "0123456789abcdef")]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert dict(answers[0].headers) == dict(answers[1].headers)
        for odd in ("..", "%2e%2e", "*", "0123456789ABCDEF", f"{there}%00", f"{there}%0A", "{'$ne': 1}", "7" * 4000):
            assert (await member.ask("DELETE", f"/api/{kind}/{odd}")).status_code in (403, 404, 405, 422), odd
    shown = [(await member.get(f"/api/{kind}")).text for kind in ("sessions", "tokens", "links")]
    assert not any(id in text for text in shown for id in (session, token, link))
    assert (await owner.get("/api/catalog")).status_code == 200
    assert (await owner.get(f"/api/tokens?cursor={link}")).status_code == 200


async def test_collections_of_others_are_not_shared_by_their_number(site: Site) -> None:
    owner, member = await logged_in(site, OWNER), await logged_in(site, MEMBER)
    number = (await owner.ask("POST", "/api/collections", json={"name": "Sunday"})).json()["id"]
    for method, path, body in (
        ("GET", f"/api/collections/{number}", None),
        ("PUT", f"/api/collections/{number}", {"name": "mine"}),
        ("DELETE", f"/api/collections/{number}", None),
        ("PUT", f"/api/collections/{number}/{CHANNEL}/1", None),
        ("POST", "/api/links", {"collection": number}),
    ):
        assert (await member.ask(method, path, json=body)).status_code == 404, path
    assert (await owner.get(f"/api/collections/{number}")).json()["name"] == "Sunday"


async def test_a_member_of_one_channel_is_told_no_walk_through_others(site: Site) -> None:
    walks = [Progress(chat, 1, 2, 3, None, "walking", detail="Films") for chat in (CHANNEL, OTHER)]
    app = app_of(site)
    app.state.services = dataclasses.replace(app.state.services, walks=SimpleNamespace(states=walks))
    await site.access.people.invite(MEMBER, chats=[OTHER])
    member, owner = await logged_in(site, MEMBER), await logged_in(site, OWNER)
    assert [one["chat_id"] for one in (await member.get("/api/index")).json()["walks"]] == [OTHER]
    assert [one["chat_id"] for one in (await owner.get("/api/index")).json()["walks"]] == [CHANNEL, OTHER]


TEXTS = ["\r\nSet-Cookie: a=b", "\x00", "\x1b[2J", "\u202e", "<script>", '"; filename="x', "\u2028", "🎬", "%0d%0aX: y"]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
async def test_names_stay_text_in_every_answer(site: Site, text: str) -> None:
    """Of people, tokens, collections, searches, and of the audit."""
    owner = await logged_in(site, OWNER, name=f"Ann{text}")
    await owner.ask("POST", "/api/people", json={"id": STRANGER, "name": f"Ben{text}"})
    await owner.ask("POST", "/api/tokens", json={"name": f"Kodi{text}"})
    await owner.ask("POST", "/api/collections", json={"name": f"Sunday{text}"})
    await owner.ask("POST", "/api/links", json={"query": f"x{text}"})
    agent = {"User-Agent": f"Firefox {text}".encode("ascii", "ignore").decode()}
    await nobody(site).ask("POST", "/api/login/start", headers=agent)
    await site.access.audit.flush()
    for path in (
        "/api/me",
        "/api/people",
        "/api/tokens",
        "/api/collections",
        "/api/links",
        "/api/audit",
        "/api/sessions",
    ):
        answer = await owner.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("application/json"), path
        assert json.loads(answer.content) is not None
        assert not {"a", "x"} & {name.lower() for name in answer.headers}
        assert "\r" not in answer.text
        assert answer.headers.get_list("set-cookie") == []
    playlist = await owner.get("/api/catalog.m3u8", params={"q": f"x{text}"})
    disposition = playlist.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.isprintable()
    assert disposition.count('"') == 2


@given(st.text(max_size=200))
def test_a_browsers_name_is_made_of_known_words(user_agent: str) -> None:
    """It is shown to the person in the bot, who decides by it."""
    program, _, system = browser_name(user_agent).partition(" on ")
    assert program in {UNKNOWN, *(name for _, name in _PROGRAMS)}
    assert system in {"", *(name for _, name in _SYSTEMS)}


BODIES = {path: of for path, of in RULES.items() if set(of) & {"POST", "PUT"}}


async def test_odd_bodies_are_refused_and_change_nothing(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    bodies = [
        b"", b"{", b"[" * 50_000, b'{"a":' * 20_000, b"null", b"NaN", b'"x"', b"\xff\xfe{}", b"\xef\xbb\xbf{}",
        b'{"name": "\\ud800"}', b'{"name": "x", "name": ["y"]}', b'{"id": 1e400}', b'{"id": NaN}',
        b'{"expires_in": NaN}',
        b'{"query": "x", "expires_in": Infinity}', b'{"query": "x", "viewers": 1.5}',
        b'{"collection": true, "query": "x"}',
        b'{"chat_id": "1", "message_id": {}}', b'{"position": NaN}', b'{"__proto__": {"role": "owner"}}', b"x" * 70_000,
    ]  # fmt: skip
    before = {key for key in site.records.stored if key[0] != "login"}
    for path, of in BODIES.items():
        for method in sorted(set(of) & {"POST", "PUT"}):
            if path in ("/api/logout", "/api/login/start", "/login/{once}") or "{chat_id" in path:
                continue
            for body in bodies:
                answer = await owner.ask(
                    method, filled(path), content=body, headers={"Content-Type": "application/json"}
                )
                assert answer.status_code in (400, 403, 404, 409, 422), f"{method} {path}: {body[:40]!r}"
                assert answer.headers["content-type"] == "application/problem+json"
                assert len(answer.content) < 5_000
    assert {key for key in site.records.stored if key[0] != "login"} == before


async def test_a_token_that_many_make_at_once_stays_within_the_bound(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    bearer = await api_token(site, OWNER, "read", "people")
    asked = [
        nobody(site).ask("POST", "/api/tokens", headers=bearer, json={"name": "x", "can": ["read"]}) for _ in range(120)
    ]
    answers = [one.status_code for one in await asyncio.gather(*asked)]
    assert (answers.count(201), answers.count(409)) == (99, 21)
    assert len((await owner.get("/api/tokens?limit=500")).json()["items"]) == 100


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="?#"), max_size=30),
    st.sampled_from(["/api/", "/api/people/", "/stream/", "/s/", "/watch/", "/", "//", "/api/links/"]),
)
@example("", "/")
def test_no_odd_path_is_an_error_or_open_to_strangers(text: str, before: str) -> None:
    async def ask() -> None:
        async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
            path = f"{before}{text}"
            page = (
                {200, 503} if RuleTable().find("GET", path).rule.ui else set()
            )  # the web UI's, the same for everybody
            for browser, expected in ((nobody(site), {401, 404}), (await logged_in(site, OWNER), {200, 404, 405, 422})):
                assert await ask_path(browser, path) in expected | page

    asyncio.run(ask())


async def ask_path(browser: Browser, path: str) -> int:
    """The answer to exactly this path, as a server passes it on when it has decoded it."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = [(b"host", b"tv.example.org"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers, "scheme": "https",
        "client": ("203.0.113.9", 1), "server": ("tv.example.org", 443), "state": {},
    }  # fmt: skip
    said: list[int] = []

    async def send(message: Any) -> None:
        said.extend([message["status"]] if message["type"] == "http.response.start" else [])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app_of(browser.site)(scope, receive, send)
    return said[0]
