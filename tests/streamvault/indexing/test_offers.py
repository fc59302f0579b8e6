"""Chats that others than owners added the bot to."""

import pytest

from streamvault.indexing.offers import MOST, MOST_OF_PERSON, Offer, Offers
from streamvault.media.events import Person, SeenChat
from tests.support.access_records import MemoryAccessRecords

EVE = Person(66, "Eve")


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.records = MemoryAccessRecords()
        self.offers = Offers(self.records, lambda: self.now)
        self.new: list[int] = []
        self.offers.on_new = self._note

    async def _note(self, offer: Offer) -> None:
        self.new.append(offer.chat_id)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_offer_is_kept_once_the_latest_first_until_it_is_removed(bench: Bench) -> None:
    for chat_id in (-1001, -1002, -1001):
        await bench.offers.add(SeenChat(chat_id, f"Chat {chat_id}"), [EVE])
        bench.now += 1
    assert await bench.offers.listed() == [
        Offer(-1002, "Chat -1002", EVE, 1001.0),
        Offer(-1001, "Chat -1001", EVE, 1000.0),
    ]
    assert bench.new == [-1001, -1002]
    await bench.offers.remove(-1002)
    await bench.offers.remove(-1002)
    assert [one.chat_id for one in await bench.offers.listed()] == [-1001]


async def test_it_may_be_unknown_who_added_the_bot(bench: Bench) -> None:
    await bench.offers.add(SeenChat(-1001, ""), [])
    assert await bench.offers.listed() == [Offer(-1001, "", None, 1000.0)]


async def test_offers_of_one_person_are_bounded_and_push_out_no_others(bench: Bench) -> None:
    await bench.offers.add(SeenChat(-1, "Mia's"), [Person(7, "Mia")])
    for number in range(3 * MOST):
        await bench.offers.add(SeenChat(-1000 - number, "spam"), [EVE])
    assert len(await bench.offers.listed()) == MOST_OF_PERSON + 1
    assert len(bench.new) == MOST_OF_PERSON + 1


async def test_offers_are_bounded_in_all(bench: Bench) -> None:
    for number in range(MOST + 50):
        bench.now += 1
        await bench.offers.add(SeenChat(-1000 - number, "spam"), [Person(number + 1, "")])
    found = await bench.offers.listed()
    assert [one.chat_id for one in found] == [-1000 - number for number in reversed(range(50, MOST + 50))]
    assert len(bench.records.stored) == MOST
