"""Attacks by way of somebody's browser: planted cookies, requests of foreign pages, frames, hosts and proxies."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import pytest

from streamvault.access.identity import Person
from streamvault.access.login import Logins, code_of
from streamvault.http.cookies import PLAIN_LOGIN, PLAIN_SESSION, SECURE_LOGIN, SECURE_SESSION
from streamvault.http.rules import RULES
from tests.support.access_table import app_of, filled
from tests.support.files import CHANNEL, media_file
from tests.support.site import HOME, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in, nobody

EVIL = "https://evil.example.org"
UNSAFE = [(method, path) for path, of in RULES.items() for method in of if method not in ("GET", "HEAD")]
CLOSED: dict[str, Any] = {"public_access": False, "owner_ids": (OWNER,), "members": str(MEMBER)}
ANN = Person(MEMBER, "Ann")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(**CLOSED) as site:
        await site.put(media_file(1, name="Garten.mp4"))
        yield site


@pytest.fixture
async def at_home() -> AsyncIterator[Site]:
    """A server of a home network, without https."""
    async with open_site(**CLOSED, public_url="http://192.168.1.9:8080", base_url="http://192.168.1.9:8080") as site:
        yield site


def logins_of(site: Site) -> Logins:
    logins: Logins = app_of(site).state.services.logins
    return logins


async def start(browser: Browser, **headers: str) -> dict[str, Any]:
    answer = await browser.ask("POST", "/api/login/start", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def waiting(started: dict[str, Any], *, name: str = SECURE_LOGIN) -> str:
    """The name of the cookie of a log-in that waits."""
    return f"{name}_{code_of(started['code']).lower()}"


async def confirm(site: Site, code: str, number: int, person: Person = ANN) -> None:
    asked = await logins_of(site).asked(code, person)
    assert asked is not None
    assert await logins_of(site).answer(asked.code, person, key=asked.key, number=number) == "confirmed"


async def log_in(site: Site, browser: Browser, person: Person = ANN) -> dict[str, str]:
    """Log a browser in; the cookies that it was given."""
    started = await start(browser)
    await confirm(site, started["code"], started["number"], person)
    answer = await browser.get("/api/login/wait", params={"code": started["code"]})
    assert answer.json() == {"state": "confirmed", "token": None}
    fields = answer.headers.get_list("set-cookie")
    return {field.partition("=")[0]: field for field in fields}


async def who(browser: Browser) -> int | None:
    person = (await browser.get("/api/me")).json()["person"]
    return None if person is None else int(person["id"])


async def test_a_log_in_gives_a_new_session_whatever_was_planted(site: Site) -> None:
    """Cookie fixation: the attacker knows the value that the browser had before."""
    planted = (await logged_in(site, OWNER, name="Eve")).cookies[SECURE_SESSION]
    victim = Browser(site, {SECURE_SESSION: planted, PLAIN_SESSION: planted})
    fields = await log_in(site, victim)
    assert victim.cookies[SECURE_SESSION] != planted
    assert await who(victim) == MEMBER
    assert await who(Browser(site, {SECURE_SESSION: planted})) == OWNER, "the planted one is still its owner's alone"
    assert fields[SECURE_SESSION].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert PLAIN_SESSION not in fields


async def test_over_https_cookies_that_another_host_may_have_set_do_not_count(site: Site) -> None:
    """A page of a neighbouring host, or anybody on the way of an http request, may set names without `__Host-`."""
    session = (await logged_in(site, OWNER)).cookies[SECURE_SESSION]
    assert await who(Browser(site, {PLAIN_SESSION: session})) is None
    attacker = nobody(site)
    started = await start(attacker)
    await confirm(site, started["code"], started["number"])
    victim = Browser(site, {waiting(started, name=PLAIN_LOGIN): attacker.cookies[waiting(started)]})
    answer = await victim.get("/api/login/wait", params={"code": started["code"]})
    assert answer.json()["state"] == "expired", "else the victim would be logged in as the attacker"
    assert "set-cookie" not in answer.headers


async def test_without_https_the_cookies_are_plain_and_for_no_script(at_home: Site) -> None:
    victim = nobody(at_home)
    fields = await log_in(at_home, victim)
    assert fields[PLAIN_SESSION].endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert await who(victim) == MEMBER
    [login] = [field for name, field in fields.items() if name.startswith(PLAIN_LOGIN)]
    assert "; Max-Age=0;" in login


async def test_who_reads_the_code_off_the_screen_gets_nothing(site: Site) -> None:
    """Phishing: the log-in belongs to the browser that asked, and is told once."""
    victim, thief = nobody(site), nobody(site)
    started = await start(victim)
    other = await start(thief)
    wait = {"code": started["code"]}
    name = waiting(started)
    stolen = thief.cookies[waiting(other)]
    for cookies in ({}, dict(thief.cookies), {name: ""}, {name: "x" * 43}, {name: stolen}):
        answer = await Browser(site, cookies).get("/api/login/wait", params=wait)
        assert answer.json()["state"] == "expired"
    await confirm(site, started["code"], started["number"])
    assert (await thief.get("/api/login/wait", params=wait)).json()["state"] == "expired"
    bearer = {"Authorization": f"Bearer {stolen}"}
    assert (await nobody(site).get("/api/login/wait", params=wait, headers=bearer)).json()["state"] == "expired"
    copy = Browser(site, dict(victim.cookies))
    assert (await victim.get("/api/login/wait", params=wait)).json()["state"] == "confirmed"
    again = await copy.get("/api/login/wait", params=wait)
    assert (again.json()["state"], again.headers.get("set-cookie")) == ("expired", None)
    assert await who(thief) is None
    assert other["code"] != started["code"]


async def test_codes_and_secrets_cannot_be_guessed(site: Site) -> None:
    thief = nobody(site)
    started = await start(nobody(site))
    statuses = []
    for guess in range(40):
        thief.cookies = {waiting(started): f"{guess:043}"}
        answer = await thief.get("/api/login/wait", params={"code": started["code"]})
        statuses.append(answer.status_code)
    assert statuses[:30] == [200] * 30
    assert set(statuses[30:]) == {429}
    assert int(answer.headers["retry-after"]) > 60


async def test_who_was_removed_after_confirming_gets_no_session(site: Site) -> None:
    browser = nobody(site)
    started = await start(browser)
    await confirm(site, started["code"], started["number"])
    await site.access.remove(MEMBER)
    answer = await browser.get("/api/login/wait", params={"code": started["code"]})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not [one for one in site.records.stored.values() if one.kind == "session"]


@pytest.mark.parametrize("odd", ["\n", "x" * 40, "login_", "'; DROP TABLE", "%00", "ＡＢＣＤ", "🎬" * 8])
async def test_odd_codes_are_wrong_ones(site: Site, odd: str) -> None:
    answer = await nobody(site).get("/api/login/wait", params={"code": odd})
    assert (answer.status_code, answer.json()["state"]) == (200, "expired")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"{HOME}.evil.org"},
        {"Origin": "http://tv.example.org"},
        {"Origin": f"{HOME}:8443"},
        {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-site"},
        {"Origin": EVIL, "Sec-Fetch-Site": "none"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-origin, cross-site"},
        {"Origin": EVIL, "X-Forwarded-Host": "evil.example.org"},
        {"Origin": EVIL, "X-HTTP-Method-Override": "GET"},
        {"Origin": EVIL, "Content-Type": "application/x-www-form-urlencoded"},
    ],
    ids=str,
)
async def test_a_foreign_page_changes_nothing_in_the_name_of_its_visitor(site: Site, headers: dict[str, str]) -> None:
    owner = await logged_in(site, OWNER)
    before = {key: one.value for key, one in site.records.stored.items()}
    for method, path in UNSAFE:
        answer = await owner.ask(method, filled(path), headers=headers, content=b"{}")
        assert answer.status_code == 403, f"{method} {path}"
        assert "access-control-allow-origin" not in answer.headers
    assert {key: one.value for key, one in site.records.stored.items()} == before


async def test_a_form_sends_nothing_even_where_its_browser_names_no_origin(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "*/*"):
        for method, path in UNSAFE:
            answer = await owner.ask(method, filled(path), headers={"Content-Type": kind}, content=b'{"name": "x"}')
            assert answer.status_code == 415, f"{kind}: {method} {path}"


async def test_a_server_for_pages_of_every_origin_takes_none_of_them_for_its_visitor() -> None:
    """A page of a neighbouring host is sent the cookie (SameSite compares domains); CORS_ORIGINS=* is without it."""
    async with open_site(**CLOSED, cors_origins=("*",)) as site:
        owner = await logged_in(site, OWNER)
        for origin in (EVIL, "https://other.example.org"):
            answer = await owner.ask("POST", "/api/logout", headers={"Origin": origin})
            assert answer.status_code == 403
        assert await who(owner) == OWNER
        text = (await site.access.tokens.create(OWNER, "page", can=("read", "links")))[1]
        fields = {"Origin": EVIL, "Authorization": f"Bearer {text}"}
        body = {"chat_id": CHANNEL, "message_id": 1}
        await site.put(media_file(1))
        assert (await nobody(site).ask("POST", "/api/links", headers=fields, json=body)).status_code == 201


async def test_reading_never_logs_anybody_in_or_out(site: Site) -> None:
    """An image or a link on a foreign page can only read."""
    owner = await logged_in(site, OWNER)
    records = set(site.records.stored)
    for path, of in RULES.items():
        if path not in ("/api/login/wait", "/stream/{chat_id:chat}/{message_id:message}") and "GET" in of:
            answer = await owner.ask("HEAD" if "HEAD" in of else "GET", filled(path))
            assert SECURE_SESSION not in str(answer.headers.get_list("set-cookie")), path
    assert set(site.records.stored) == records


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), (f"/watch/{CHANNEL}/1", 200), ("/docs", 200), ("/nothing", 404)]
)
async def test_no_page_is_shown_in_a_frame_or_runs_foreign_scripts(site: Site, path: str, status: int) -> None:
    for browser, expected in ((await logged_in(site, OWNER), status), (nobody(site), None)):
        answer = await browser.get(path, headers={"Accept": "text/html"})
        assert expected is None or answer.status_code == expected
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")


@pytest.mark.parametrize(
    "path",
    ["/<script>alert(1)</script>", "/watch/<img src=x onerror=alert(1)>", "/%3Cscript%3E", "/s/<svg onload=x>/y"],
)
async def test_what_a_page_says_of_a_wrong_address_is_text(site: Site, path: str) -> None:
    for browser in (await logged_in(site, OWNER), nobody(site)):
        answer = await browser.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in (200, 401, 404, 410)
        for mark in ("<script>alert", "<img", "<svg", "onload=x>"):
            assert mark not in answer.text


PROXY = (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1;proto=https;host=evil.example.org"},
        {"X-Forwarded-Scheme": "https", "X-Forwarded-Ssl": "on", "Front-End-Https": "on", "X-Url-Scheme": "https"},
        {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"},
        {"Host": "evil.example.org"},
        {"Host": "192.168.1.9:8080@evil.example.org"},
        {"Host": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("trusted", [(), PROXY], ids=["nobody", "another"])
async def test_fields_that_anybody_may_send_change_no_cookie_no_link_and_no_way_in(
    headers: dict[str, str], trusted: tuple[Any, ...]
) -> None:
    home = "http://192.168.1.9:8080"
    async with open_site(**CLOSED, public_url=home, base_url=home, trusted_proxies=trusted) as site:
        await site.put(media_file(1, name="Garten.mp4"))
        answer = await nobody(site).ask("POST", "/api/login/start", headers=headers)
        [field] = answer.headers.get_list("set-cookie")
        assert field.startswith(f"{PLAIN_LOGIN}_")
        assert "Secure" not in field
        assert "evil" not in answer.text
        for path in ("/api/catalog", "/api/people", "/metrics"):
            assert (await nobody(site).get(path, headers=headers)).status_code == 401
        owner = await logged_in(site, OWNER)
        owner.cookies = {PLAIN_SESSION: owner.cookies[SECURE_SESSION]}
        body = {"chat_id": CHANNEL, "message_id": 1}
        made = await owner.ask("POST", "/api/links", headers=headers, json=body)
        assert made.json()["url"].startswith(f"{home}/s/")
        assert "evil" not in made.text
        [link] = [one for one in site.records.stored.values() if one.kind == "link"]
        assert link.person == OWNER


async def test_the_address_of_a_log_in_is_the_connections_not_the_senders_choice(site: Site) -> None:
    """It is what the person is shown in the bot."""
    forged = {
        "X-Forwarded-For": "203.0.113.77",
        "X-Real-IP": "203.0.113.77",
        "User-Agent": "<b>Bank</b> Firefox/1",
    }
    started = await start(nobody(site), **forged)
    asked = await logins_of(site).asked(started["code"], ANN)
    assert asked is not None
    assert (asked.browser, asked.address) == ("Firefox", "127.0.0.1")
