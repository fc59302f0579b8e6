"""What a catalog stores of files, in whichever messages they are."""

import dataclasses

from streamvault.catalog.base import Catalog, CatalogQuery, Change, Entry
from streamvault.indexing.joining import JoiningCatalog
from streamvault.media.classification import classify, posted
from streamvault.media.model import FileKey, Part, Sent
from streamvault.media.name_facts import NameFacts
from streamvault.media.parts import piece
from tests.support.files import CHANNEL, media_file
from tests.support.walking import names

OTHER = CHANNEL - 1


class FilesContract:
    async def test_a_tiny_picture_is_kept_with_its_file(self, catalog: Catalog) -> None:
        file, other = media_file(1, name="a"), media_file(2)
        assert await catalog.entry(file.origin) is None
        await catalog.store_tiny({file.key.file_unique_id: b"unknown"})
        await catalog.apply(Change(put=[file, other]))
        await catalog.store_facts({file.key.file_unique_id: NameFacts(1, title="A")})
        edited = dataclasses.replace(file, name="b", edit_date=300)
        await catalog.put(edited)
        await catalog.store_tiny({file.key.file_unique_id: b"\x01\x00", "unknown": b"x"})
        await catalog.store_tiny({file.key.file_unique_id: b"later"})
        await catalog.store_tiny({})
        shown = Entry(edited, NameFacts(0, title="A"), (), b"\x01\x00")
        assert await catalog.entry(file.origin) == shown
        assert (await catalog.dump(None, 9)) == (shown, Entry(other))
        assert await names(catalog, CatalogQuery(text="b")) == ["b"]

        again = dataclasses.replace(file, name="c", edit_date=400, caption="walked")
        elsewhere = media_file(9, chat_id=OTHER, key=file.key)
        await catalog.apply(Change(put=[again, elsewhere]))
        await catalog.store_facts({file.key.file_unique_id: NameFacts(2, title="B")})
        for one in (again, elsewhere):
            found = await catalog.entry(one.origin)
            assert found == Entry(one, NameFacts(2, title="B"), (), b"\x01\x00")
        await catalog.remove(file.origin)
        [kept, _] = (await catalog.page(CatalogQuery())).items
        assert kept == Entry(elsewhere, NameFacts(2, title="B"), (), b"\x01\x00")

    async def test_a_tiny_picture_is_deleted_with_the_last_message_of_the_file(self, catalog: Catalog) -> None:
        file = media_file(1)
        await catalog.put(file)
        await catalog.store_tiny({file.key.file_unique_id: b"x"})
        await catalog.put(dataclasses.replace(file, key=FileKey("new"), edit_date=300))
        assert await catalog.entry(file.origin) == Entry(dataclasses.replace(file, key=FileKey("new"), edit_date=300))
        await catalog.put(dataclasses.replace(file, edit_date=400))
        assert await catalog.entry(file.origin) == Entry(dataclasses.replace(file, edit_date=400))

    async def test_held_returns_the_files_that_messages_of_the_chats_hold(self, catalog: Catalog) -> None:
        both, here = frozenset({CHANNEL, OTHER}), frozenset({CHANNEL})
        first = Part(FileKey("first"), media_file(5).origin, 2, "x.001", 10)
        await catalog.apply(Change(put=[
            media_file(1, key=FileKey("a")),
            media_file(2, key=FileKey("b"), chat_id=OTHER),
            media_file(3, key=FileKey("twice")),
            media_file(4, key=FileKey("twice"), chat_id=OTHER),
            media_file(5, key=FileKey("whole"), parts=(first, dataclasses.replace(first, key=FileKey("second")))),
            media_file(6, key=FileKey("second"), part_of=media_file(5).origin),
        ]))  # fmt: skip
        asked = ["none", "twice", "a", "b", "whole", "first", "second", "a"]
        assert await catalog.held(asked, both) == {"a", "b", "twice", "whole", "first", "second"}
        assert await catalog.held(asked, here) == {"a", "twice", "whole", "first", "second"}
        assert await catalog.held(asked, frozenset()) == frozenset()
        assert await catalog.held([], both) == frozenset()
        await catalog.remove(media_file(3).origin)
        await catalog.remove(media_file(1).origin)
        assert await catalog.held(asked, here) == {"whole", "first", "second"}
        assert await catalog.held(asked, both) == {"b", "twice", "whole", "first", "second"}
        await catalog.put(media_file(9, key=FileKey("a")))
        assert await catalog.held(["a"], here) == {"a"}

    async def test_held_takes_many_files(self, catalog: Catalog) -> None:
        every = [f"{number}" for number in range(1_200)]
        await catalog.apply(Change(put=[media_file(n + 1, key=FileKey(every[n])) for n in range(0, 1_200, 2)]))
        assert await catalog.held(every, frozenset({CHANNEL})) == frozenset(every[::2])

    async def test_tags_that_telegram_marked_are_those_of_a_joined_file(self, catalog: Catalog) -> None:
        """R: the whole has the text of its first piece, and gives its pieces back as they were sent."""
        joining, marked = JoiningCatalog(catalog), {10: ("Größe",), 20: (), 30: None}
        pieces = [
            classify(media_file(
                number + n, kind="document", name=f"film {number}.mkv.{n:03}", size=1000, duration=None,
                caption="#include #größe" if n == 1 else "#other",
                sent=Sent("document", f"film {number}.mkv.{n:03}", "video/mp4", tags if n == 1 else ("other",)),
            ))
            for number, tags in marked.items() for n in (1, 2, 3)
        ]  # fmt: skip
        await joining.apply(Change(put=pieces))
        wholes = [entry for entry in await catalog.dump(None, 9) if entry.file.parts]
        assert [one.tags for one in wholes] == [("Größe",), (), ("include", "größe")]
        assert [posted(one.file) for one in wholes] == pieces[::3]
        assert [piece(one.file, 1).sent for one in wholes] == [one.sent for one in pieces[1::3]]
        assert await names(catalog, CatalogQuery(tag="GRÖẞE")) == ["film 30.mkv", "film 10.mkv"]
        assert await names(catalog, CatalogQuery(tag="other")) == []
        await joining.apply(Change(gone=[one.origin for one in pieces[1::3]]))
        left = [one for one in pieces if one not in pieces[1::3]]
        assert [one.file for one in await catalog.dump(None, 9)] == left
