"""Logging in: the page that waits, the person who confirms, and the browser that gets the session."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from streamvault.access.identity import Person
from streamvault.access.login import Answer, Logins
from streamvault.http.cookies import PLAIN_SESSION, SECURE_SESSION
from tests.support.files import CHANNEL
from tests.support.site import HOME, Site, open_site
from tests.support.site_people import OWNER, Browser, nobody

ANN = Person(OWNER, "Ann")
UI = "https://ui.example.net"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,), cors_origins=(UI,)) as site:
        yield site


async def started(browser: Browser, **headers: str) -> dict[str, Any]:
    answer = await browser.ask("POST", "/api/login/start", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def confirm(site: Site, login: dict[str, Any], *, person: Person = ANN, number: int | None = None) -> Answer:
    """The person's answer in the bot, in another process; `number`: as the page shows it by default."""
    bot = Logins(site.records)
    asked = await bot.asked(login["code"], person)
    assert asked is not None
    return await bot.answer(asked.code, person, key=asked.key, number=login["number"] if number is None else number)


async def waited(browser: Browser, login: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await browser.get("/api/login/wait", params={"code": login["code"]}, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_confirmed_log_in_gives_the_browser_that_started_it_a_session(site: Site) -> None:
    browser = nobody(site)
    login = await started(browser)
    assert login["secret"] is None
    assert await confirm(site, login) == "confirmed"
    assert await waited(browser, login) == {"state": "confirmed", "token": None}
    assert set(browser.cookies) >= {SECURE_SESSION}
    assert (await browser.get("/api/me")).json()["person"] == {"id": OWNER, "name": "Ann"}
    assert (await waited(browser, login))["state"] == "expired", "it is told once"


async def test_who_only_reads_the_code_off_the_screen_gets_nothing(site: Site) -> None:
    browser, thief = nobody(site), nobody(site)
    login = await started(browser)
    await started(thief)
    assert await confirm(site, login) == "confirmed"
    assert (await waited(thief, login))["state"] == "expired"
    assert SECURE_SESSION not in thief.cookies
    assert (await waited(browser, login))["state"] == "confirmed"


async def test_clients_of_a_proxy_here_are_told_apart(site: Site) -> None:
    """Though TRUSTED_PROXIES names none: nobody's log-ins end those of others."""
    browser = nobody(site)
    login = await started(browser, **{"X-Forwarded-For": "203.0.113.7"})
    for number in range(12):
        await started(nobody(site), **{"X-Forwarded-For": f"198.51.100.{number % 2}"})
    assert (await confirm(site, login)) == "confirmed"
    assert (await waited(browser, login))["state"] == "confirmed"


async def test_a_wrong_number_ends_the_log_in(site: Site) -> None:
    browser = nobody(site)
    login = await started(browser)
    assert await confirm(site, login, number=(login["number"] + 1) % 100) == "wrong"
    assert (await waited(browser, login))["state"] == "refused"
    assert SECURE_SESSION not in browser.cookies


async def test_a_page_of_another_origin_gets_a_bearer_token_and_no_cookie(site: Site) -> None:
    browser = nobody(site)
    login = await started(browser, Origin=UI)
    assert login["secret"]
    assert await confirm(site, login) == "confirmed"
    told = await waited(browser, login, Origin=UI, Authorization=f"Bearer {login['secret']}")
    assert told["state"] == "confirmed"
    assert SECURE_SESSION not in browser.cookies
    bearer = {"Authorization": f"Bearer {told['token']}", "Origin": UI}
    me = await nobody(site).get("/api/me", headers=bearer)
    assert me.json()["role"] == "owner"
    assert me.headers["access-control-allow-origin"] == UI


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({"Origin": HOME}, False),
        ({"Origin": "http://192.168.1.20:8080", "Host": "192.168.1.20:8080"}, False),
        ({"Origin": UI, "Sec-Fetch-Site": "same-origin"}, False),
        ({}, False),
        ({"Origin": UI, "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "http://192.168.1.20:8080"}, True),
    ],
)
async def test_a_page_of_the_server_itself_gets_a_cookie_though_its_origin_is_allowed(
    headers: dict[str, str], elsewhere: bool
) -> None:
    origins = (UI, HOME, "http://192.168.1.20:8080")
    async with open_site(public_access=False, owner_ids=(OWNER,), cors_origins=origins) as site:
        answer = await nobody(site).ask("POST", "/api/login/start", headers=headers)
        assert (answer.json()["secret"] is not None, "set-cookie" not in answer.headers) == (elsewhere, elsewhere)


async def test_without_https_the_cookie_works_on_a_home_network() -> None:
    home = "http://192.168.1.20:8080"
    async with open_site(public_access=False, owner_ids=(OWNER,), public_url=home, base_url=home) as site:
        browser = nobody(site)
        login = await started(browser)
        await confirm(site, login)
        answer = await browser.get("/api/login/wait", params={"code": login["code"]})
        [field] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(PLAIN_SESSION)]
        assert "HttpOnly" in field
        assert "SameSite=Lax" in field
        assert "Secure" not in field
        assert (await browser.get("/api/me")).json()["role"] == "owner"


async def test_the_cookie_over_https_is_for_this_host_alone(site: Site) -> None:
    browser = nobody(site)
    login = await started(browser)
    await confirm(site, login)
    answer = await browser.get("/api/login/wait", params={"code": login["code"]})
    [field] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(SECURE_SESSION)]
    assert {"Secure", "Path=/", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in field.split(";")}
    assert "Domain" not in field


async def test_over_https_a_plain_cookie_is_no_session(site: Site) -> None:
    """Another host of the same domain, or a page without https, could have set it."""
    value = await site.access.sessions.begin(OWNER, browser="Firefox", address="")
    assert (await Browser(site, {SECURE_SESSION: value}).get("/api/me")).json()["role"] == "owner"
    assert (await Browser(site, {PLAIN_SESSION: value}).get("/api/me")).json()["role"] == "none"


async def test_what_the_browser_had_before_goes_along_at_the_log_in(site: Site) -> None:
    from tests.support.files import media_file

    await site.put(media_file(1))
    async with open_site(owner_ids=(OWNER,)) as public:
        await public.put(media_file(1))
        browser = nobody(public)
        assert (await browser.ask("PUT", f"/api/favourites/{CHANNEL}/1")).status_code == 204
        login = await started(browser)
        await confirm(public, login)
        assert (await waited(browser, login))["state"] == "confirmed"
        assert len((await browser.get("/api/favourites")).json()["items"]) == 1
        elsewhere = nobody(public)
        login = await started(elsewhere)
        await confirm(public, login)
        await waited(elsewhere, login)
        assert len((await elsewhere.get("/api/favourites")).json()["items"]) == 1


async def test_who_has_no_rights_any_more_when_the_browser_comes_gets_no_session(site: Site) -> None:
    """The bot does not ask strangers; somebody may be removed between question and answer."""
    browser = nobody(site)
    login = await started(browser)
    await confirm(site, login, person=Person(33333333, "Eve"))
    answer = await browser.get("/api/login/wait", params={"code": login["code"]})
    assert answer.status_code == 403
    assert SECURE_SESSION not in browser.cookies


@pytest.mark.parametrize("bearer", [False, True])
async def test_who_logs_out_while_the_database_is_away_is_told(site: Site, bearer: bool) -> None:
    """And is logged in still; afterwards it works."""
    value = await site.access.sessions.begin(OWNER, browser="Firefox", address="", bearer=bearer)
    cookies = {} if bearer else {SECURE_SESSION: value}
    headers = {"Authorization": f"Bearer {value}"} if bearer else {}
    site.records.failing = True
    answer = await Browser(site, dict(cookies)).ask("POST", "/api/logout", headers=headers)
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers
    assert (await nobody(site).ask("POST", "/api/logout")).status_code == 204
    site.records.failing = False
    assert (await Browser(site, dict(cookies)).ask("POST", "/api/logout", headers=headers)).status_code == 204
    assert (await Browser(site, dict(cookies)).get("/api/me", headers=headers)).json()["role"] == "none"
