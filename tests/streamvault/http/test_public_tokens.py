"""With PUBLIC_ACCESS no credential takes away what everybody may do."""

from collections.abc import AsyncIterator

import pytest

from streamvault.access.identity import Media, Target
from streamvault.access.links import Grant
from streamvault.media.model import Origin
from tests.support.files import CHANNEL, media_file
from tests.support.site import OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, logged_in, nobody

FILE = Origin(CHANNEL, 1)
PATHS = (
    "/", f"/watch/{CHANNEL}/2", f"/stream/{CHANNEL}/2", f"/stream/{CHANNEL}/2?download=1", f"/stream/{OTHER}/3",
    f"/api/catalog/{CHANNEL}/2", "/api/works", "/api/favourites", "/metrics", "/nothing",
)  # fmt: skip


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(owner_ids=(OWNER,)) as site:
        await site.put(media_file(1), media_file(2), media_file(3, chat_id=OTHER))
        yield site


async def link(site: Site, target: Target, media: Media) -> str:
    made = await site.access.links.create(None, target, media=media)
    return site.links.sign(None, scope="link", expires_at=None, grant=Grant("link", int(made.id, 16)))


async def answers(site: Site, headers: dict[str, str]) -> list[int]:
    browser = nobody(site)
    return [(await browser.ask("HEAD", path, headers=headers)).status_code for path in PATHS]


async def test_what_a_token_does_not_open_is_open_as_without_it(site: Site) -> None:
    file = media_file(1)
    tokens = [
        site.token(file),
        site.links.sign(None, scope="index", expires_at=None),
        await link(site, Target(origin=FILE), "watch"),
        await link(site, Target(origin=FILE), "download"),
        await link(site, Target(query="film 1"), "watch"),
        (await site.access.tokens.create(None, "an indexer", can={"index"}))[1],
    ]
    plain = await answers(site, {})
    assert plain == [200] * (len(PATHS) - 1) + [404]
    for token in tokens:
        assert await answers(site, {"Authorization": f"Bearer {token}"}) == plain, token


async def test_a_member_of_one_channel_sees_what_everybody_sees(site: Site) -> None:
    await site.access.people.invite(MEMBER, "Ben", chats=[CHANNEL], can=["read"])
    member = await logged_in(site, MEMBER)
    for path in PATHS[:-1]:
        assert (await member.ask("HEAD", path)).status_code == 200, path


async def test_a_narrow_token_opens_nothing_more_than_everybody_has(site: Site) -> None:
    token = {"Authorization": f"Bearer {site.token(media_file(1))}"}
    for method, path in (
        ("POST", "/api/links"),
        ("GET", "/api/people"),
        ("POST", "/api/index"),
        ("GET", "/api/tokens"),
    ):
        answer = await nobody(site).ask(method, path, headers=token, json={} if method == "POST" else None)
        assert answer.status_code in (401, 403), path
