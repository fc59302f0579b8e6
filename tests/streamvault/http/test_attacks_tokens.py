"""Attacks with credentials: forged, cut, changed, of others, of another file, replayed, and at the wrong moment."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from streamvault.access.identity import Person
from streamvault.access.links import Grant, LinkSigner, grant_of_person
from streamvault.access.once import OnceTokens
from streamvault.access.service import Access, Credentials
from streamvault.access.store.base import Kind, Record
from streamvault.http.cookies import SECURE_SESSION
from streamvault.media.model import Origin
from tests.support.access_table import app_of
from tests.support.files import CHANNEL, media_file
from tests.support.site import HOME, OTHER, SECRET, Site, open_site
from tests.support.site_people import MEMBER, OWNER, STRANGER, Browser, logged_in, nobody

GARTEN, DORF = Origin(CHANNEL, 1), Origin(OTHER, 2)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,), members=str(MEMBER)) as site:
        await site.put(media_file(1, name="Garten.mp4"), media_file(2, chat_id=OTHER, name="Dorf.mp4"))
        yield site


def details(origin: Origin) -> str:
    return f"/api/catalog/{origin.chat_id}/{origin.message_id}"


async def status(site: Site, path: str, token: str, *, how: str = "query") -> int:
    """The answer to a request with a token in its query, its path or its Authorization field."""
    if how == "header":
        return (await nobody(site).get(path, headers={"Authorization": f"Bearer {token}"})).status_code
    return (await nobody(site).get(path, params={"token": token})).status_code


async def link(browser: Browser, **asked: Any) -> tuple[str, str]:
    """Id and token of a new link."""
    answer = await browser.ask("POST", "/api/links", json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer.json()["url"].removeprefix(f"{HOME}/s/").partition("/")[0]


async def credentials(site: Site) -> dict[str, str]:
    """One of each kind that opens Garten.mp4."""
    owner = await logged_in(site, OWNER)
    _, shared = await link(owner, chat_id=CHANNEL, message_id=1)
    _, text = await site.access.tokens.create(OWNER, "Kodi", can=["read"])
    return {
        "file": site.token(media_file(1)),
        "server": site.token(),
        "link": shared,
        "person": site.links.sign(GARTEN, scope="file", expires_at=None, grant=grant_of_person(OWNER, removals=0)),
        "api": text,
        "bearer": await site.access.sessions.begin(OWNER, browser="Firefox", address="", bearer=True),
    }


def changed(token: str) -> set[str]:
    """Texts near a token: cut, longer, one sign changed, in other letters, and halves exchanged."""
    near = {token[:length] for length in (0, 1, 3, 4, 16, 31, len(token) - 1)} | {
        token + "A",
        token + token,
        token + "=",
    }
    for place in range(0, len(token), 5):
        other = ALPHABET[ALPHABET.index(token[place]) ^ 1] if token[place] in ALPHABET else "x"
        near.add(token[:place] + other + token[place + 1 :])
    near |= {token.swapcase(), token[::-1], f" {token} x", f"{token}\n", token.replace("_", "-") + "."}
    half = len(token) // 2
    return (near | {token[half:] + token[:half]}) - {token, ""}


async def test_nothing_near_a_credential_opens_anything(site: Site) -> None:
    for kind, good in (await credentials(site)).items():
        how = "header" if kind == "bearer" else "query"
        assert await status(site, details(GARTEN), good, how=how) == 200, kind
        for wrong in changed(good):
            assert await status(site, details(GARTEN), wrong) in (401, 403), (kind, wrong)
        raw = base64.urlsafe_b64encode(bytes(33)).decode()
        assert await status(site, details(GARTEN), raw) in (401, 403)


async def test_no_credential_of_one_kind_or_place_counts_as_another(site: Site) -> None:
    given = await credentials(site)
    cookie = (await logged_in(site, OWNER)).cookies[SECURE_SESSION]
    assert await status(site, details(GARTEN), given["bearer"]) == 403, "kept out of addresses"
    for value in (cookie, f"svs_{cookie}", f"sv_{cookie.partition('.')[2]}"):
        for how in ("query", "header"):
            assert await status(site, details(GARTEN), value, how=how) == 403
    for value in (*given.values(), given["bearer"].removeprefix("svs_"), f"{given['api']}"):
        assert (await Browser(site, {SECURE_SESSION: value}).get("/api/catalog")).status_code == 401


async def test_what_opens_one_file_opens_no_other(site: Site) -> None:
    given = await credentials(site)
    await site.put(media_file(3, name="Stadt.mp4"))
    for kind in ("file", "link", "person"):
        for other in (DORF, Origin(CHANNEL, 3), Origin(1, CHANNEL), Origin(-CHANNEL, 1), Origin(CHANNEL, 1 << 40)):
            assert await status(site, details(other), given[kind]) == 403, (kind, other)
        for path in ("/api/catalog", "/api/works", "/api/people", "/api/tokens", "/api/collections"):
            assert await status(site, path, given[kind]) in (401, 403), (kind, path)
    number, _ = await link(await logged_in(site, OWNER), chat_id=OTHER, message_id=2)
    crossed = site.links.sign(GARTEN, scope="file", expires_at=None, grant=Grant("link", int(number, 16)))
    assert await status(site, details(DORF), crossed) == 403


async def test_ids_of_other_records_are_no_grants(site: Site) -> None:
    """The id of a session, person or login in a signed token is no link and no API token."""
    session = (await logged_in(site, OWNER)).cookies[SECURE_SESSION][:16]
    for number in (int(session, 16), OWNER, STRANGER, 0, -1, (1 << 63) - 1, -(1 << 63)):
        for kind in ("link", "token"):
            token = site.links.sign(GARTEN, scope="file", expires_at=None, grant=Grant(kind, number))
            assert await status(site, details(GARTEN), token) == 403
    for person in (STRANGER, 0, -OWNER, OWNER | 1 << 52, -(1 << 63)):
        token = site.links.sign(GARTEN, scope="file", expires_at=None, grant=Grant("person", person))
        assert await status(site, details(GARTEN), token) == 403, person


async def test_a_file_that_somebody_found_in_a_list_makes_nobody_a_person(site: Site) -> None:
    """Addresses of lists get into players, histories and messages."""
    owner = await logged_in(site, OWNER)
    [item] = (await owner.get("/api/catalog", params={"q": "garten"})).json()["items"]
    token = item["stream_url"].partition("token=")[2]
    assert await status(site, details(GARTEN), token) == 200
    me = (await nobody(site).get("/api/me", params={"token": token})).json()
    assert me["person"] is None
    for path in ("/api/people", "/api/tokens", "/api/sessions", "/api/audit", "/api/links"):
        for method in ("GET", "POST"):
            answer = await nobody(site).ask(method, path, params={"token": token}, json={})
            assert answer.status_code in (401, 403, 405), path


async def test_old_tokens_last_as_long_as_the_old_secret_does(site: Site) -> None:
    given = await credentials(site)
    settings = app_of(site).state.services.settings
    signed = ("file", "server", "link", "person")
    for signer, alive in ((LinkSigner(b"new", old=(SECRET,)), True), (LinkSigner(b"new"), False)):
        access = Access(settings, site.records, signer)
        for kind in signed:
            found = await access.identify(Credentials(token=given[kind]), GARTEN)
            assert ("read" in found.identity.can) is alive, kind
        for kind in ("api", "bearer"):
            found = await access.identify(Credentials(token=given[kind], in_header=True), GARTEN)
            assert "read" in found.identity.can, "the secret signs nothing of these"


async def test_a_member_who_lost_a_channel_has_shared_nothing_of_it_any_more(site: Site) -> None:
    await site.access.people.invite(MEMBER)
    member = await logged_in(site, MEMBER)
    _, file = await link(member, chat_id=CHANNEL, message_id=1)
    _, search = await link(member, query="mp4")
    [item] = (await nobody(site).get("/api/catalog", params={"token": search, "chat_id": CHANNEL})).json()["items"]
    found = item["stream_url"].partition("token=")[2]
    opened = ((details(GARTEN), file), (details(GARTEN), found))
    assert [await status(site, *one) for one in opened] == [200, 200]
    owner = await logged_in(site, OWNER)
    assert (await owner.ask("PUT", f"/api/people/{MEMBER}", json={"chats": [OTHER]})).status_code == 200
    assert [await status(site, *one) for one in opened] == [403, 403]
    names = [one["name"] for one in (await nobody(site).get(f"/api/catalog?token={search}")).json()["items"]]
    assert names == ["Dorf.mp4"]


async def test_a_single_use_token_is_used_once_by_one_of_many(site: Site) -> None:
    once: OnceTokens = app_of(site).state.services.once_links
    token = await once.new(Person(MEMBER, "Ann"))
    found = await asyncio.gather(*(once.redeem(token) for _ in range(50)))
    assert [one for one in found if one is not None] == [Person(MEMBER, "Ann")]
    assert await once.redeem(token) is None
    assert await once.peek(token) is None
    for wrong in ("", token[:-1], token + "A", token.swapcase(), f"once:{token}", "é" * 43, "\x00" * 43):
        assert await once.redeem(wrong) is None


async def test_a_link_of_the_bot_logs_one_browser_in_and_no_foreign_page_uses_it(site: Site) -> None:
    once: OnceTokens = app_of(site).state.services.once_links
    token = await once.new(Person(MEMBER, "Ann"))
    page = {"Accept": "text/html", "Origin": "https://evil.example.org"}
    assert (await nobody(site).ask("POST", f"/login/{token}", headers=page)).status_code == 403
    for method in ("GET", "HEAD"):
        answer = await nobody(site).ask(method, f"/login/{token}", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get_list("set-cookie")) == (200, [])
    planted = (await logged_in(site, OWNER)).cookies[SECURE_SESSION]
    transport = site.client._transport

    async def redeem() -> list[str]:
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            cookie = {"Cookie": f"{SECURE_SESSION}={planted}"}
            return (await client.post(f"/login/{token}", headers=cookie)).headers.get_list("set-cookie")

    [[field]] = [fields for fields in await asyncio.gather(*(redeem() for _ in range(10))) if fields]
    assert field.startswith(f"{SECURE_SESSION}=")
    assert planted not in field
    stranger = await once.new(Person(STRANGER, "Eve"))
    assert (await nobody(site).ask("POST", f"/login/{stranger}")).status_code == 403


async def test_an_invitation_is_no_log_in_link_and_the_other_way_round(site: Site) -> None:
    once: OnceTokens = app_of(site).state.services.once_links
    invite = OnceTokens(site.records, kind="invitation", purpose="invite", seconds=60)
    for one, other in ((once, invite), (invite, once)):
        token = await one.new(Person(MEMBER, "Ann"))
        assert await other.redeem(token) is None
        assert await one.redeem(token) is not None


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("headers", [{"User-Agent": "VLC/%d"}, {"Accept": "text/html", "Sec-Fetch-Site": "none"}])
async def test_of_many_first_viewers_at_once_no_more_than_the_bound_get_in(
    site: Site, most: int, headers: dict[str, str]
) -> None:
    number, token = await link(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=most)

    async def first(viewer: int) -> int:
        fields = {name: value.replace("%d", str(viewer)) for name, value in headers.items()}
        async with httpx.AsyncClient(transport=site.client._transport, base_url=HOME) as client:
            return (await client.get(f"{details(GARTEN)}?token={token}", headers=fields)).status_code

    answers = await asyncio.gather(*(first(viewer) for viewer in range(20)))
    assert answers.count(200) == most
    assert answers.count(403) == 20 - most
    [stored] = [one for one in site.records.stored.values() if one.id == number]
    assert stored.members == most


async def test_a_viewer_is_not_made_up_by_a_cookie_that_was_not_given(site: Site) -> None:
    _, token = await link(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    page = {"Accept": "text/html", "Sec-Fetch-Site": "none"}
    first = nobody(site)
    assert (await first.get(f"{details(GARTEN)}?token={token}", headers=page)).status_code == 200
    good = first.cookies["sv_user"]
    for made_up in ("x" * 52, good.swapcase(), good[:-1] + ("A" if good[-1] != "A" else "B"), good[:40]):
        other = Browser(site, {"sv_user": made_up})
        assert (await other.get(f"{details(GARTEN)}?token={token}", headers=page)).status_code == 403


@pytest.mark.parametrize("kind", ["session", "token", "link"])
async def test_what_is_revoked_while_it_is_read_is_not_remembered(site: Site, kind: Kind) -> None:
    """The record was read before the revocation and arrives after it: only that one request may still pass."""
    owner = await logged_in(site, OWNER)
    bearer = await site.access.sessions.begin(OWNER, browser="Kodi", address="", bearer=True)
    made, text = await site.access.tokens.create(OWNER, "Kodi", can=["read"])
    number, shared = await link(owner, chat_id=CHANNEL, message_id=1)
    path, token = {
        "session": (f"/api/sessions/{bearer[4:20]}", bearer),
        "token": (f"/api/tokens/{made.id}", text),
        "link": (f"/api/links/{number}", shared),
    }[kind]
    get, reading, go_on = site.records.get, asyncio.Event(), asyncio.Event()

    async def slowly(what: Kind, id: str) -> Record | None:
        found = await get(what, id)
        if what == kind and not reading.is_set() and id != owner.cookies[SECURE_SESSION][:16]:
            reading.set()
            await go_on.wait()
        return found

    site.records.get = slowly  # type: ignore[method-assign, assignment]
    given = Credentials(token=token, in_header=True)
    late = asyncio.ensure_future(site.access.identify(given, GARTEN))
    await reading.wait()
    assert (await owner.ask("DELETE", path)).status_code == 204
    go_on.set()
    await late
    assert (await site.access.identify(given, GARTEN)).identity.role == "none"
    assert await status(site, details(GARTEN), token, how="header") == 403
