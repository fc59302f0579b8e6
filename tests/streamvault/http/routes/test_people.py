"""People, their sessions, and API tokens, over the routes."""

import dataclasses
from collections.abc import AsyncIterator

import pytest

from streamvault.access.store.base import Kind
from tests.support.site import Site, open_site
from tests.support.site_people import MEMBER, OWNER, STRANGER, logged_in, nobody


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        yield site


async def test_who_asks(site: Site) -> None:
    owner = (await (await logged_in(site, OWNER)).get("/api/me")).json()
    assert owner["person"] == {"id": OWNER, "name": "Ann"}
    assert owner["role"] == "owner"
    assert owner["can"] == ["read", "index", "links", "people", "leech", "voice", "playback"]
    assert owner["limits"] == {"requests_per_minute": None, "streams": None, "bytes_per_day": None}
    stranger = await nobody(site).get("/api/me")
    assert stranger.status_code == 200
    assert (stranger.json()["role"], stranger.json()["person"], stranger.json()["can"]) == ("none", None, [])


async def test_with_public_access_nobody_may_read_and_nothing_else() -> None:
    async with open_site(owner_ids=(OWNER,)) as site:
        me = (await nobody(site).get("/api/me")).json()
        assert (me["role"], me["can"]) == ("none", ["read", "playback"])
        for method, path in (("POST", "/api/index"), ("GET", "/api/people"), ("POST", "/api/links")):
            answer = await nobody(site).ask(method, path, json={})
            assert answer.status_code == 401, path


async def test_an_invited_member_reads_and_rules_nobody(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    made = await owner.ask("POST", "/api/people", json={"id": MEMBER, "name": "Ben"})
    assert made.status_code == 201
    assert made.json()["role"] == "member"
    member = await logged_in(site, MEMBER, name="Ben")
    assert (await member.get("/api/catalog")).status_code == 200
    for method, path in (("GET", "/api/people"), ("GET", "/api/audit"), ("POST", "/api/index")):
        assert (await member.ask(method, path, json={})).status_code == 403, path
    listed = (await owner.get("/api/people")).json()["items"]
    assert [(one["id"], one["role"]) for one in listed] == [(OWNER, "owner"), (MEMBER, "member")]


async def test_a_stranger_with_a_session_gets_nothing(site: Site) -> None:
    stranger = await logged_in(site, STRANGER)
    assert (await stranger.get("/api/catalog")).status_code == 401
    assert (await stranger.get("/api/me")).json()["role"] == "none"


async def test_a_removed_member_loses_session_token_and_link_at_once(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    await owner.ask("POST", "/api/people", json={"id": MEMBER})
    member = await logged_in(site, MEMBER)
    token = (await member.ask("POST", "/api/tokens", json={"name": "Kodi"})).json()["token"]
    link = (await member.ask("POST", "/api/links", json={"query": "film"})).json()["watch_url"]
    with_token = {"Authorization": f"Bearer {token}"}
    assert (await nobody(site).get("/api/catalog", headers=with_token)).status_code == 200
    assert (await nobody(site).get(link.replace("/?", "/api/catalog?"))).status_code == 200
    assert (await owner.ask("DELETE", f"/api/people/{MEMBER}")).status_code == 204
    assert (await member.get("/api/catalog")).status_code == 401
    assert (await nobody(site).get("/api/catalog", headers=with_token)).status_code == 403
    assert (await nobody(site).get(link.replace("/?", "/api/catalog?"))).status_code == 403
    assert (await owner.ask("DELETE", f"/api/people/{MEMBER}")).status_code == 404


async def test_owners_are_not_removed_or_changed(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    assert (await owner.ask("DELETE", f"/api/people/{OWNER}")).status_code == 409
    assert (await owner.ask("PUT", f"/api/people/{OWNER}", json={})).status_code == 409


async def test_what_is_not_sent_of_a_member_stays_as_it_is(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    person = f"/api/people/{MEMBER}"
    await owner.ask("POST", "/api/people", json={"id": MEMBER, "name": "Ben", "chats": [-1005], "can": ["read"]})
    for method, path, body in (
        ("PUT", person, {"name": "Benno"}),
        ("PUT", person, {}),
        ("POST", "/api/people", {"id": MEMBER, "name": "Benno"}),
    ):
        changed = (await owner.ask(method, path, json=body)).json()
        assert (changed["chats"], changed["can"], changed["role"]) == ([-1005], ["read"], "member")
    assert changed["name"] == "Benno"
    changed = (await owner.ask("PUT", person, json={"chats": None})).json()
    assert (changed["chats"], changed["can"]) == (None, ["read"])
    changed = (await owner.ask("PUT", person, json={"can": None, "chats": [-1006]})).json()
    assert (changed["chats"], changed["can"]) == ([-1006], ["links", "playback", "read"])


async def test_a_member_cannot_have_the_rights_of_an_owner(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    answer = await owner.ask("POST", "/api/people", json={"id": MEMBER, "can": ["people"]})
    assert answer.status_code == 422
    assert "read" in answer.json()["detail"]


async def test_an_api_token_has_no_more_rights_than_its_person(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    await owner.ask("POST", "/api/people", json={"id": MEMBER})
    member = await logged_in(site, MEMBER)
    asked = {"name": "script", "can": ["read", "people"]}
    assert (await member.ask("POST", "/api/tokens", json=asked)).status_code == 422
    made = (await owner.ask("POST", "/api/tokens", json={"name": "script", "can": ["read"]})).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert (await nobody(site).get("/api/catalog", headers=bearer)).status_code == 200
    assert (await nobody(site).get("/api/people", headers=bearer)).status_code == 403
    listed = (await owner.get("/api/tokens")).json()["items"]
    assert [one["name"] for one in listed] == ["script"]
    assert "token" not in listed[0]
    assert made["token"] not in repr(site.records.stored)
    assert (await owner.ask("DELETE", f"/api/tokens/{made['id']}")).status_code == 204
    assert (await nobody(site).get("/api/catalog", headers=bearer)).status_code == 403


@pytest.mark.parametrize("what", ["token", "link"])
async def test_pages_lead_past_what_has_expired(site: Site, what: Kind) -> None:
    owner = await logged_in(site, OWNER)
    path = f"/api/{what}s"
    made = [
        (await owner.ask("POST", path, json=body)).json()["id"]
        for number in range(7)
        for body in [{"name": f"{number}"} if what == "token" else {"query": f"{number}"}]
    ]
    every = (await owner.get(path)).json()["items"]
    assert {one["id"] for one in every} == set(made)
    for place in (1, 2, 3, 6):
        key = (what, every[place]["id"])
        site.records.stored[key] = dataclasses.replace(site.records.stored[key], expires=1.0)
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await owner.get(f"{path}?limit=2{cursor and f'&cursor={cursor}'}")).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert found == [every[place]["id"] for place in (0, 4, 5)]


async def test_sessions_are_listed_and_ended(site: Site) -> None:
    first, second = await logged_in(site, OWNER), await logged_in(site, OWNER)
    listed = (await first.get("/api/sessions")).json()["items"]
    assert [one["current"] for one in listed].count(True) == 1
    other = next(one["id"] for one in listed if not one["current"])
    assert (await first.ask("DELETE", f"/api/sessions/{other}")).status_code == 204
    assert (await second.get("/api/catalog")).status_code == 401
    assert (await first.get("/api/catalog")).status_code == 200
    assert (await first.ask("POST", "/api/logout")).status_code == 204
    assert (await first.get("/api/catalog")).status_code == 401


async def test_what_people_do_is_listed_for_the_owner(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    await owner.ask("POST", "/api/people", json={"id": MEMBER})
    await owner.ask("DELETE", f"/api/people/{MEMBER}")
    assert await site.access.audit.flush()
    events = (await owner.get("/api/audit")).json()["items"]
    assert [(one["what"], one["person"], one["detail"]) for one in events] == [
        ("removed", OWNER, str(MEMBER)),
        ("invited", OWNER, str(MEMBER)),
    ]


async def test_while_the_database_is_away_a_session_costs_nobody_what_is_open_to_all() -> None:
    async with open_site(owner_ids=(OWNER,)) as public, open_site(public_access=False, owner_ids=(OWNER,)) as closed:
        for site, expected in ((public, 200), (closed, 503)):
            browser = await logged_in(site, OWNER)
            site.records.failing = True
            assert (await browser.get("/api/catalog")).status_code == expected
            assert (await browser.get("/api/me")).status_code == 200


class Silent:
    """Telegram does not say who is in the channel of MEMBERS."""

    async def holds(self, person: int) -> bool | None:
        return None


async def test_who_cannot_be_told_now_is_told_to_come_back(site: Site) -> None:
    browser = await logged_in(site, STRANGER)
    site.access.people.membership = Silent()
    for path in ("/api/catalog", "/api/people"):
        answer = await browser.get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0
    site.access.people.membership = None
    assert (await browser.get("/api/catalog")).status_code == 401
    async with open_site(owner_ids=(OWNER,)) as public:
        public.access.people.membership = Silent()
        assert (await (await logged_in(public, STRANGER)).get("/api/catalog")).status_code == 200
