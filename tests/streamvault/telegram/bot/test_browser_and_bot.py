"""A browser over HTTP and its person in the emulated Telegram: both ways to log in, from the page to the library."""

import asyncio
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from streamvault.telegram.bot.desk import BotAccess
from tests.support.bot_people import buttons
from tests.support.bot_stage import bot_stage
from tests.support.people import Door
from tests.support.site import open_site
from tests.support.site_people import nobody
from tests.support.waiting import until

OWNER = 500_000_001


async def test_a_browser_is_in_as_soon_as_its_number_is_pressed(tmp_path: Path) -> None:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        site.bot_username = "vault_bot"
        door = Door()
        access = BotAccess(door.desk, site.logins, site.once_links, door.access.invitations)
        async with bot_stage(tmp_path, access=access) as stage:
            assert stage.telegram.owner.id == OWNER
            browser, other = nobody(site), nobody(site)
            started = (await browser.ask("POST", "/api/login/start")).json()
            theirs = (await other.ask("POST", "/api/login/start")).json()
            waits = [
                asyncio.create_task(one.get("/api/login/wait", params={"code": login["code"]}))
                for one, login in ((browser, started), (other, theirs))
            ]
            await until(lambda: len(site.logins._waiters) == 2)
            [parameter] = parse_qs(urlsplit(started["bot_url"]).query)["start"]
            await stage.world.start_bot(stage.telegram.owner, stage.telegram.bot, parameter)
            asked = await stage.answer()
            await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started["number"])])
            assert (await waits[0]).json()["state"] == "confirmed"
            assert (await browser.get("/api/me")).json()["person"] == {"id": OWNER, "name": "Owner"}
            assert not waits[1].done()
            site.logins.end_waits()
            assert (await waits[1]).json()["state"] == "waiting"
            assert (await other.get("/api/me")).json()["person"] is None
            await stage.write(text="/login")
            [url] = re.findall(r"https://\S+", (await stage.answer(2)).text)
            assert (await other.ask("POST", urlsplit(url).path)).status_code == 303
            assert (await other.get("/api/me")).json()["role"] == "owner"
