"""One-time links over HTTP and their page, QR codes, and waits that hang up or are too many."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator

import pytest

from streamvault.access.identity import Person
from streamvault.access.login import FETCH_SECONDS, LOGIN_SECONDS
from streamvault.http.cookies import SECURE_LOGIN, SECURE_SESSION
from streamvault.http.qr import QUIET, qr_code
from streamvault.http.slots import SharedSlots
from tests.support.serving import Bench, serving
from tests.support.site import HOME, Site, open_site
from tests.support.site_people import OWNER, nobody
from tests.support.waiting import until

ANN = Person(OWNER, "Ann")
HTML = {"Accept": "text/html,application/xhtml+xml", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        yield site


async def once_link(site: Site, name: str = "Ann") -> str:
    return await site.once_links.new(Person(OWNER, name))


# The page


async def test_the_policy_allows_the_pages_own_style_and_no_script(site: Site) -> None:
    for path in (f"/login/{await once_link(site)}", "/login/x"):
        answer = await nobody(site).get(path, headers=HTML)
        policy = answer.headers["content-security-policy"]
        [text] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert f"style-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
        assert policy.startswith("default-src 'none'; ")
        assert "script" not in policy + answer.text
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.findall(r" on[a-z]+=| style=|@[A-Z]+@|/\*S", answer.text)


# One-time links


async def test_a_one_time_link_asks_and_logs_in_once(site: Site) -> None:
    token = await once_link(site, "<script>Ann</script> @BROWSER@ \u202e")
    browser = nobody(site)
    for method in ("HEAD", "GET", "GET"):
        shown = await browser.ask(method, f"/login/{token}", headers=HTML)
        assert shown.status_code == 200
    assert "Log in as &lt;script&gt;Ann&lt;/script&gt;" in shown.text
    assert "<b>Firefox on Linux</b>" in shown.text
    assert "\u202e" not in shown.text
    assert (await browser.get("/api/me")).json()["person"] is None
    done = await browser.ask("POST", f"/login/{token}", headers={**HTML, "Origin": HOME})
    assert (done.status_code, done.headers["location"]) == (303, "../")
    assert (await browser.get("/api/me")).json()["role"] == "owner"
    for method in ("GET", "POST"):
        again = await nobody(site).ask(method, f"/login/{token}", headers=HTML)
        assert again.status_code == 410
        assert "used up" in again.text


async def test_of_many_clicks_one_logs_in(site: Site) -> None:
    token = await once_link(site)
    answers = await asyncio.gather(*(site.client.post(f"/login/{token}") for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [303, *[410] * 9]


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "..%2f..%2fetc", "ä" * 43])
async def test_a_made_up_link_logs_nobody_in(site: Site, token: str) -> None:
    for method in ("GET", "POST"):
        answer = await nobody(site).ask(method, f"/login/{token}")
        assert answer.status_code in (401, 404, 410)
        assert SECURE_SESSION not in answer.cookies


async def test_other_origins_redeem_nothing(site: Site) -> None:
    token = await once_link(site)
    answer = await nobody(site).ask("POST", f"/login/{token}", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await site.once_links.peek(token) == ANN


# Waiting


async def test_each_log_in_of_a_browser_has_its_own_secret(site: Site) -> None:
    browser = nobody(site)
    first = (await browser.ask("POST", "/api/login/start")).json()
    second = (await browser.ask("POST", "/api/login/start")).json()
    secrets = {name: value for name, value in browser.cookies.items() if name.startswith(f"{SECURE_LOGIN}_")}
    assert len(set(secrets.values())) == 2
    for login in (first, second):
        pending = await site.logins.asked(login["code"], ANN)
        assert pending is not None
        await site.logins.answer(pending.code, ANN, key=pending.key, number=login["number"])
        answer = await browser.get("/api/login/wait", params={"code": login["code"]})
        assert answer.json()["state"] == "confirmed"
        [field] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{SECURE_LOGIN}_")]
        name, _, rest = field.partition("=")
        assert name in secrets
        assert rest.startswith("; Max-Age=0;"), "it is taken away"


async def test_the_secret_is_kept_from_scripts_and_forgotten_in_time(site: Site) -> None:
    answer = await nobody(site).ask("POST", "/api/login/start")
    [field] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{SECURE_LOGIN}_")]
    assert {"HttpOnly", "SameSite=Lax", "Secure", f"Max-Age={int(LOGIN_SECONDS + FETCH_SECONDS)}"} <= set(
        field.split("; ")
    )


async def test_a_browser_that_hangs_up_gets_the_confirmation_when_it_comes_back() -> None:
    """A phone that changes its network while it waits."""
    bench = Bench(public_access=True, owner_ids=frozenset({OWNER}))
    started = await bench.logins.start(user_agent="", address="127.0.0.1")
    request = (
        f"GET /api/login/wait?code={started.code} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: sv_login_{started.code.lower()}={started.secret}\r\nConnection: close\r\n\r\n"
    )
    async with serving(bench):
        _, writer = await asyncio.open_connection(*bench.address)
        writer.write(request.encode())
        await until(lambda: bench.logins._waiters)
        writer.close()
        await until(lambda: not bench.logins._waiters)
        pending = await bench.logins.asked(started.code, ANN)
        assert pending is not None
        await bench.logins.answer(pending.code, ANN, key=pending.key, number=started.number)
        reader, writer = await asyncio.open_connection(*bench.address)
        writer.write(request.encode())
        assert b'"state":"confirmed"' in await reader.read()
        writer.close()


async def test_waits_of_an_address_are_bounded() -> None:
    bench = Bench(public_access=True)
    bench.login_slots = SharedSlots(2, 1)
    async with serving(bench):
        started = await bench.logins.start(user_agent="", address="127.0.0.1")
        request = (
            f"GET /api/login/wait?code={started.code} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: sv_login_{started.code.lower()}={started.secret}\r\nConnection: close\r\n\r\n"
        ).encode()
        connections = [await asyncio.open_connection(*bench.address) for _ in range(2)]
        connections[0][1].write(request)
        await until(lambda: bench.logins._waiters)
        connections[1][1].write(request)
        refused = await connections[1][0].read()
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 5" in refused.lower()
        bench.logins.end_waits()
        assert b'"state":"waiting"' in await connections[0][0].read()
        assert len(bench.login_slots) == 0
        for _, writer in connections:
            writer.close()


# The QR code


async def test_the_picture_is_that_of_the_link(site: Site) -> None:
    site.bot_username = "examplebot"
    login = (await nobody(site).ask("POST", "/api/login/start")).json()
    code = qr_code(login["bot_url"])
    assert login["bot_url"].startswith("https://t.me/examplebot?start=login_")
    assert login["qr"] == {"size": code.size, "path": code.path}
    site.bot_username = None
    login = (await nobody(site).ask("POST", "/api/login/start")).json()
    assert (login["bot_url"], login["qr"]) == (None, None)


@pytest.mark.parametrize("text", ["https://t.me/vault_bot?start=login_7K3M9QRT", "x", "ä" * 200])
def test_the_path_of_a_code_fills_its_dark_modules(text: str) -> None:
    code = qr_code(text)
    dark = set()
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path):
        assert length == back
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    assert all(QUIET <= x < code.size - QUIET and QUIET <= y < code.size - QUIET for x, y in dark)
    finder = {(x, y) for x in range(7) for y in range(7) if max(abs(x - 3), abs(y - 3)) != 2}
    for left, top in ((QUIET, QUIET), (code.size - QUIET - 7, QUIET), (QUIET, code.size - QUIET - 7)):
        assert {(x - left, y - top) for x, y in dark if left <= x < left + 7 and top <= y < top + 7} == finder


async def test_a_program_that_opens_a_one_time_link_is_logged_in_at_once(site: Site) -> None:
    """curl has no page to click on; what looks at links to describe them uses nothing up."""
    link = f"/login/{await once_link(site)}"
    preview = await nobody(site).get(link, headers={"User-Agent": "TelegramBot (like TwitterBot)", "Accept": "*/*"})
    assert preview.status_code == 200
    assert (await nobody(site).ask("HEAD", link, headers={"Accept": "*/*"})).status_code == 200
    curl = nobody(site)
    answer = await curl.get(link, headers={"User-Agent": "curl/8.5", "Accept": "*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, "../")
    assert (await curl.get("/api/me")).json()["role"] == "owner"
    assert (await nobody(site).get(link, headers={"Accept": "*/*"})).status_code == 410
