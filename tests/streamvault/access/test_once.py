"""Single-use tokens: log-in links of the bot, and invitations."""

import asyncio

import pytest

from streamvault.access.identity import Person
from streamvault.access.once import INVITATION_SECONDS, MOST_OF_PERSON, ONCE_SECONDS, invitations, once_links
from streamvault.access.people import CREDENTIALS
from streamvault.errors import TooManyTries
from tests.support.access_records import MemoryAccessRecords

ADA, EVE = Person(11, "Ada"), Person(66, "Eve")


class Bench:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.records = MemoryAccessRecords()
        self.links = once_links(self.records, lambda: self.now)
        self.invitations = invitations(self.records, lambda: self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_token_is_looked_at_as_often_as_wanted_and_redeemed_once(bench: Bench) -> None:
    token = await bench.links.new(ADA)
    assert [await bench.links.peek(token) for _ in range(3)] == [ADA, ADA, ADA]
    assert await bench.links.redeem(token) == ADA
    assert await bench.links.redeem(token) is None
    assert await bench.links.peek(token) is None


async def test_of_many_at_once_one_redeems_it(bench: Bench) -> None:
    token = await bench.links.new(ADA)
    got = await asyncio.gather(*(bench.links.redeem(token) for _ in range(20)))
    assert [one for one in got if one] == [ADA]


async def test_it_expires_and_is_stored_hashed(bench: Bench) -> None:
    token = await bench.links.new(ADA)
    assert token not in repr(bench.records.stored)
    bench.now += ONCE_SECONDS - 0.5
    assert await bench.links.peek(token) == ADA
    bench.now += 0.5
    assert await bench.links.peek(token) is None
    assert await bench.links.redeem(token) is None


async def test_tokens_of_one_purpose_do_not_serve_another(bench: Bench) -> None:
    link, invitation = await bench.links.new(ADA), await bench.invitations.new(ADA)
    assert await bench.invitations.redeem(link) is None
    assert await bench.links.redeem(invitation) is None
    bench.now += INVITATION_SECONDS - 1
    assert await bench.invitations.redeem(invitation) == ADA


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 43, "a" * 44, "ä" * 43, "a" * 42 + "\n", "../" * 14 + "a", "a" * 9999]
)
async def test_what_is_no_token_opens_nothing(bench: Bench, token: str) -> None:
    await bench.links.new(ADA)
    assert await bench.links.peek(token) is None
    assert await bench.links.redeem(token) is None


async def test_unused_tokens_of_a_person_are_bounded(bench: Bench) -> None:
    for _ in range(MOST_OF_PERSON):
        await bench.links.new(ADA)
    with pytest.raises(TooManyTries):
        await bench.links.new(ADA)
    assert await bench.links.new(EVE)
    bench.now += ONCE_SECONDS + 1
    assert await bench.links.new(ADA), "expired ones are removed when they are in the way"


async def test_unused_invitations_leave_room_for_log_in_links(bench: Bench) -> None:
    for _ in range(MOST_OF_PERSON):
        await bench.invitations.new(ADA)
    with pytest.raises(TooManyTries):
        await bench.invitations.new(ADA)
    assert await bench.links.new(ADA)


async def test_a_claimed_token_is_its_claimants_alone(bench: Bench) -> None:
    token = await bench.invitations.new(ADA)
    got = await asyncio.gather(*(bench.invitations.claim(token, person) for person in (7, 8, 7, 9)))
    assert [one for one in got if one] == [ADA, ADA]
    assert got[0] == got[2] == ADA
    assert await bench.invitations.claim(token, 8) is None
    bench.now += INVITATION_SECONDS
    assert await bench.invitations.claim(token, 7) is None, "it has expired"
    other = await bench.invitations.new(ADA)
    assert await bench.invitations.redeem(other) == ADA
    assert await bench.invitations.claim(other, 7) is None
    assert await bench.invitations.claim("x", 7) is None


async def test_tokens_go_with_their_person(bench: Bench) -> None:
    link, invitation = await bench.links.new(ADA), await bench.invitations.new(ADA)
    await bench.records.delete_of(ADA.id, CREDENTIALS)
    assert await bench.links.redeem(link) is None
    assert await bench.invitations.redeem(invitation) is None
