"""Which message stands for a file that several messages hold."""

import dataclasses
from typing import Any

import pytest

from streamvault.catalog.base import Catalog, CatalogQuery, Change, Facets
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.walking import ORDERS, everything, names

GROUP = CHANNEL - 1
KEY = FileKey("same")
POST: dict[str, Any] = {"key": KEY, "name": "post.mkv", "caption": "Harbour Lights #sea"}
COPY: dict[str, Any] = POST | {"name": "copy.mkv", "chat_id": GROUP, "in_group": True, "forwarded_from": CHANNEL}
COMMENT: dict[str, Any] = {"key": KEY, "name": "comment.mkv", "caption": "lol", "chat_id": GROUP, "in_group": True}
FORWARD: dict[str, Any] = {"key": KEY, "name": "forward.mkv", "chat_id": CHANNEL - 2, "forwarded_from": CHANNEL}


class FrontsContract:
    @pytest.mark.parametrize(
        ("messages", "shown"),
        [
            ([POST, COPY, COMMENT], "post.mkv"),
            ([COMMENT, POST, COPY], "post.mkv"),
            ([FORWARD, COMMENT, COPY], "forward.mkv"),
            ([POST, FORWARD], "post.mkv"),
            ([COMMENT, FORWARD, POST, COMMENT, FORWARD], "post.mkv"),
            ([COMMENT, COMMENT | {"name": "again.mkv"}], "again.mkv"),
            ([POST, POST | {"name": "again.mkv"}], "again.mkv"),
        ],
    )
    async def test_a_channels_own_post_stands_in_front(
        self, catalog: Catalog, messages: list[dict[str, Any]], shown: str
    ) -> None:
        """P: not the newest, but the post; the others are found where it is not asked for."""
        files = [media_file(number, **message) for number, message in enumerate(messages, 1)]
        await catalog.apply(Change(put=[*files, media_file(99, name="other.mkv")]))
        assert {one.name for one in await catalog.unparsed_names(1, 9)} == {shown, "other.mkv"}
        for sort, order in ORDERS:
            for limit in (1, 5):
                found = await names(catalog, CatalogQuery(sort=sort, order=order, limit=limit))
                assert sorted(found) == sorted(["other.mkv", shown])
            for file in files:
                query = CatalogQuery(text=f'"{file.name}"', sort=sort, order=order)
                assert await names(catalog, query) == [file.name]
        for file in files:
            assert (await catalog.facets(CatalogQuery(text=f'"{file.name}"'))).chats == {file.origin.chat_id: 1}

    async def test_facets_and_works_count_the_message_in_front(self, catalog: Catalog) -> None:
        post, comment = media_file(1, **POST), media_file(2, **COMMENT, kind="document")
        await catalog.apply(Change(put=[post, comment]))
        await catalog.store_facts({"same": NameFacts(1, title="Harbour Lights", work="f:harbour-lights")})
        counted = Facets(total=1, kinds={"video": 1}, chats={CHANNEL: 1}, tags={"sea": 1})
        assert await catalog.facets(CatalogQuery()) == counted
        [work] = (await catalog.works(CatalogQuery())).items
        assert work.newest == post.origin
        only = await catalog.facets(CatalogQuery(chat_ids=frozenset({GROUP})))
        assert (only.kinds, only.chats) == ({"document": 1}, {GROUP: 1})

    async def test_the_next_one_takes_the_place_of_one_that_is_deleted(self, catalog: Catalog) -> None:
        files = [media_file(n, **message) for n, message in enumerate((POST, FORWARD, COMMENT, COPY), 1)]
        await catalog.apply(Change(put=files))
        expected = ["post.mkv", "forward.mkv", "comment.mkv", "copy.mkv"]
        for file, name in zip(files, expected, strict=True):
            assert await names(catalog, CatalogQuery()) == [name]
            await catalog.remove(file.origin)
        await catalog.put(files[3])
        await catalog.put(dataclasses.replace(files[0], edit_date=1))
        assert await names(catalog, CatalogQuery()) == ["post.mkv"]

    async def test_its_messages_are_in_the_order_in_which_they_stand(self, catalog: Catalog) -> None:
        kinds = (COMMENT, POST, COPY, FORWARD, POST, COMMENT)
        await catalog.apply(Change(put=[media_file(n, **message) for n, message in enumerate(kinds, 1)]))
        assert [origin.message_id for origin in await catalog.origins("same")] == [5, 2, 4, 6, 1, 3]

    async def test_a_hidden_piece_never_stands_in_front(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, **POST, part_of=Origin(CHANNEL, 9)))
        comment = media_file(2, **COMMENT)
        await catalog.put(comment)
        assert await everything(catalog, CatalogQuery()) == [comment]

    async def test_many_copies_are_one_item_of_every_list(self, catalog: Catalog) -> None:
        copies = [media_file(number, **COPY) for number in range(2, 120)]
        others = [media_file(number, chat_id=CHANNEL - 3) for number in range(200, 230)]
        post = media_file(1, **POST)
        await catalog.apply(Change(put=[post, *copies, *others]))
        found: list[MediaFile] = await everything(catalog, CatalogQuery(limit=7))
        assert found == [*reversed(others), post]
        assert (await catalog.facets(CatalogQuery())).total == 31
