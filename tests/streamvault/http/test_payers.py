"""Whose limits count for the addresses in lists, which carry tokens of their own."""

import pytest

from streamvault.access.limits import Limits
from tests.support.files import media_file
from tests.support.site import Site, open_site
from tests.support.site_people import MEMBER, OWNER, logged_in

RATE = 20


async def addresses(site: Site, person: int | None, how: str) -> tuple[str, ...]:
    """The addresses of a file as a list shows them to this person: of their browser, or of their API token."""
    if person is not None and how == "session":
        answer = await (await logged_in(site, person)).get("/api/catalog")
    else:
        if person is not None:
            await site.access.people.seen(person, "Ann")
        _, secret = await site.access.tokens.create(person, name="kodi", can=frozenset({"read"}))
        answer = await site.client.get("/api/catalog", headers={"Authorization": f"Bearer {secret}"})
    [item] = answer.json()["items"]
    return item["stream_url"], item["stream_url"].replace("/stream/", "/api/catalog/").replace("/film%201.mp4", "")


def in_one_minute() -> Limits:
    return Limits(rate=RATE, clock=lambda: 1e9)


async def passed(site: Site, address: str, *, count: int = 2 * RATE) -> int:
    return [(await site.client.head(address)).status_code for _ in range(count)].count(200)


@pytest.mark.parametrize("how", ["session", "token"])
async def test_the_addresses_of_a_member_count_for_the_member(how: str) -> None:
    """The address of this client has no limit, and the member has used some of theirs for the list."""
    async with open_site(public_access=False, owner_ids=(OWNER,), limits=in_one_minute()) as site:
        await site.access.people.invite(MEMBER, "Ben")
        await site.put(media_file(1))
        stream, item = await addresses(site, MEMBER, how)
        assert await passed(site, stream, count=RATE - 4) == RATE - 4
        assert await passed(site, item) == 3
        assert await passed(site, stream) == 0
        again = await (await logged_in(site, MEMBER)).get("/api/me")
        assert again.status_code == 429


@pytest.mark.parametrize("how", ["session", "token"])
@pytest.mark.parametrize("person", [OWNER, None])
async def test_the_addresses_of_an_owner_have_no_limit(person: int | None, how: str) -> None:
    """Also of a token made at the terminal."""
    async with open_site(public_access=False, owner_ids=(OWNER,), limits=in_one_minute()) as site:
        await site.put(media_file(1))
        for address in await addresses(site, person, how):
            assert await passed(site, address) == 2 * RATE
