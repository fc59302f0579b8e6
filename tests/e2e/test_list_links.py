"""A guest with a link to a list opens the page, clicks a card, and the file's bytes come."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from streamvault.access.identity import Target
from streamvault.access.links import Grant
from streamvault.http.users import user_of_person
from streamvault.media.model import Origin
from tests.support.browser import CARDS
from tests.support.serving import Bench
from tests.support.sources import media_file
from tests.support.threaded import Threaded, in_thread
from tests.support.ui import the_built_ui

OWNER = 11111111


def bench() -> Bench:
    made = Bench(public_access=False, owner_ids=frozenset({OWNER}))
    made.ui = the_built_ui()
    return made


@pytest.fixture
def served() -> Iterator[Threaded]:
    with in_thread(bench) as served:
        yield served


async def links(bench: Bench) -> list[str]:
    """The tokens of two links, to a search and to a collection, that both open the first of two films."""
    garden = media_file(5007, name="Garten.mp4")
    village = dataclasses.replace(media_file(5008, name="Dorf.mp4"), origin=Origin(garden.origin.chat_id, 8))
    for film in (garden, village):
        bench.finder.add(film, message_id=film.origin.message_id)
        await bench.catalog.put(film)
    collection = await bench.personal.create_collection(user_of_person(OWNER), "Films")
    await bench.personal.set_member(user_of_person(OWNER), collection, garden.key.file_unique_id, member=True)
    tokens = []
    for target in (Target(query="Garten"), Target(collection=collection)):
        made = await bench.access.links.create(OWNER, target)
        grant = Grant("link", int(made.id, 16))
        tokens.append(bench.links.sign(None, scope="link", expires_at=None, grant=grant))
    return tokens


@pytest.mark.parametrize("page", [(1280, 800)], indirect=True)
def test_a_card_of_a_linked_list_opens_its_file(page: Page, served: Threaded) -> None:
    for token in served.run(links(served.bench)):
        page.goto(f"{served.url}/?token={token}")
        cards = page.locator(CARDS)
        expect(cards).to_have_count(1)
        with page.expect_response(re.compile("/stream/")) as sent:
            cards.first.click()
        assert sent.value.status in (200, 206)
        expect(page.get_by_role("heading", level=1)).to_have_text("Garten")
        assert page.url.startswith(f"{served.url}/watch/")
