"""The feeds in memory, which tests use."""

import pytest

from streamvault.errors import CatalogError
from streamvault.leech.feeds.store.base import FeedStore
from tests.contracts.leech_feeds import FeedStoreContract, feed
from tests.support.feeds import MemoryFeeds


@pytest.fixture
def feeds() -> FeedStore:
    return MemoryFeeds()


@pytest.fixture
def elsewhere(feeds: FeedStore) -> FeedStore:
    return feeds


class TestMemoryFeeds(FeedStoreContract):
    pass


async def test_it_fails_where_it_is_told_to() -> None:
    feeds = MemoryFeeds()
    feeds.failing = True
    with pytest.raises(CatalogError):
        await feeds.add(feed("a"))
