"""What is put into a catalog is stored: files, their messages, marks, chats."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import MAX_ORIGINS, Catalog, CatalogQuery, Change, Counts
from streamvault.media.classification import in_album
from streamvault.media.model import FileKey, MediaFile, Origin, Part, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.walking import everything, names

OTHER = CHANNEL - 1
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
TEXTS = st.text(max_size=40)
KINDS = st.sampled_from(("video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"))
ORIGINS = st.builds(Origin, st.integers(-(1 << 52), 1 << 52), st.integers(1, (1 << 31) - 1))
IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
"""Telegram's are base64; some servers of MongoDB's protocol stop comparing at a NUL."""
FILES = st.builds(
    MediaFile,
    key=st.builds(FileKey, IDS),
    origin=ORIGINS,
    dc_id=st.integers(1, 5),
    kind=KINDS,
    name=TEXTS,
    size=st.integers(0, 4 << 40),
    mime_type=TEXTS,
    date=st.integers(0, 1 << 31),
    edit_date=st.none() | st.integers(0, 1 << 31),
    caption=TEXTS,
    duration=st.none() | st.floats(0, 1e6),
    width=st.none() | st.integers(0, 20_000),
    height=st.none() | st.integers(0, 20_000),
    title=TEXTS,
    performer=TEXTS,
    thumb_sizes=st.lists(st.text(max_size=2), max_size=4).map(tuple),
    stripped=st.binary(max_size=40),
    album=st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    views=st.none() | st.integers(0, 1 << 31),
    forwarded_from=st.none() | st.integers(-(1 << 52), 1 << 52),
    parts=st.lists(
        st.builds(
            Part,
            st.builds(FileKey, IDS),
            ORIGINS,
            st.integers(1, 5),
            TEXTS,
            st.integers(0, 4 << 30),
            kind=st.sampled_from(["document", "video"]),
            mime_type=TEXTS,
            modified=st.integers(0, 1 << 31),
        ),
        max_size=3,
    ).map(tuple),
    part_of=st.none() | ORIGINS,
    sent=st.none() | st.builds(Sent, KINDS, TEXTS, TEXTS, st.none() | st.lists(TEXTS, max_size=3).map(tuple)),
    in_group=st.booleans(),
).map(lambda file: in_album(file, ""))
FACTS = st.builds(
    NameFacts,
    version=st.integers(0, 1000),
    title=TEXTS,
    year=st.none() | st.integers(1900, 2100),
    season=st.none() | st.integers(0, 99),
    episode=st.none() | st.integers(0, 9999),
    resolution=TEXTS,
    codec=TEXTS,
    languages=st.lists(TEXTS, max_size=4).map(tuple),
    work=TEXTS,
    last_episode=st.none() | st.integers(0, 9999),
)


class StoringContract:
    async def test_an_unknown_message_has_no_file(self, catalog: Catalog) -> None:
        assert await catalog.get(Origin(CHANNEL, 1)) is None
        assert await catalog.entry(Origin(CHANNEL, 1)) is None

    # One test function for several catalogs, so that an example found in one of them is run in the others too.
    @settings(max_examples=60 if full() else 15, deadline=None, suppress_health_check=SHARED)
    @given(file=FILES, facts=FACTS)
    async def test_every_field_is_stored(self, catalog: Catalog, file: MediaFile, facts: NameFacts) -> None:
        await catalog.remove(file.origin)
        await catalog.put(file)
        assert await catalog.get(file.origin) == file
        await catalog.store_facts({file.key.file_unique_id: facts})
        found = await catalog.entry(file.origin)
        assert found is not None
        assert (found.file, found.facts) == (file, facts)
        assert await catalog.dump(None, 10) == (found,)
        await catalog.remove(file.origin)

    async def test_what_was_sent_is_kept_beside_what_was_decided(self, catalog: Catalog) -> None:
        """A: Telegram's kind, name and type, equal to the decided ones or not."""
        for sent in (
            Sent("video", "film 1.mp4", "video/mp4"),
            Sent("document", "film 1.mp4", "application/octet-stream"),
            Sent("video", "", "video/mp4"),
            Sent("video", "film 1.mp4", ""),
            Sent("document", "", ""),
            Sent("video", "film 1.mp4", "video/mp4", ()),
            Sent("document", "", "", ("Größe", "b")),
        ):
            file = media_file(1, sent=sent)
            await catalog.put(file)
            assert await catalog.get(file.origin) == file
            await catalog.put(dataclasses.replace(file, sent=None))
            assert await catalog.get(file.origin) == media_file(1)

    async def test_the_same_message_id_in_two_chats_is_two_files(self, catalog: Catalog) -> None:
        here, there = media_file(7), media_file(7, chat_id=OTHER)
        await catalog.put(here)
        await catalog.put(there)
        assert await catalog.get(here.origin) == here
        assert await catalog.get(there.origin) == there

    async def test_the_messages_of_a_file_come_newest_first_up_to_a_limit(self, catalog: Catalog) -> None:
        key = FileKey("wanted")
        assert await catalog.origins("wanted") == ()
        await catalog.put(media_file(900))
        for number in range(1, MAX_ORIGINS + 6):
            await catalog.put(media_file(number, key=key, date=1000 + number % 7))
        await catalog.put(media_file(3, chat_id=OTHER, key=key, date=5000))
        found = await catalog.origins("wanted")
        assert found[0] == Origin(OTHER, 3)
        assert [origin.message_id for origin in found[1:5]] == [20, 13, 6, 19]
        assert len(found) == MAX_ORIGINS
        await catalog.remove(Origin(OTHER, 3))
        await catalog.put(media_file(20, key=FileKey("another"), edit_date=6000))
        assert [origin.message_id for origin in (await catalog.origins("wanted"))[:3]] == [13, 6, 19]

    async def test_an_edit_replaces_the_media_and_keeps_the_date(self, catalog: Catalog) -> None:
        old = media_file(1, date=100, album=7, caption="#tag", title="old")
        await catalog.put(old)
        new = media_file(
            1, date=999, edit_date=200, key=FileKey("new"), name="new.mkv", thumb_sizes=(), stripped=b"\1\2"
        )
        await catalog.put(new)
        assert await catalog.get(old.origin) == dataclasses.replace(new, date=100)
        assert await catalog.origins(old.key.file_unique_id) == ()

    async def test_a_version_older_than_the_stored_one_is_dropped(self, catalog: Catalog) -> None:
        new = media_file(1, edit_date=200, name="new.mp4")
        await catalog.put(new)
        await catalog.put(media_file(1, edit_date=150, name="old.mp4"))
        await catalog.put(media_file(1, name="oldest.mp4"))
        assert await catalog.get(new.origin) == new
        await catalog.put(media_file(1, edit_date=200, name="again.mp4"))
        assert await names(catalog, CatalogQuery()) == ["again.mp4"]

    async def test_putting_the_same_file_twice_changes_nothing(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1))
        await catalog.put(media_file(1))
        assert await everything(catalog, CatalogQuery()) == [media_file(1)]

    async def test_removing_deletes_only_that_message(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1))
        await catalog.put(media_file(2))
        await catalog.remove(media_file(1).origin)
        await catalog.remove(media_file(3).origin)
        assert await everything(catalog, CatalogQuery()) == [media_file(2)]

    async def test_putting_a_thumbnail_raises_value_error(self, catalog: Catalog) -> None:
        thumbnail = media_file(1, key=FileKey("unique", "m"))
        with pytest.raises(ValueError, match="thumbnail"):
            await catalog.put(thumbnail)
        with pytest.raises(ValueError, match="thumbnail"):
            await catalog.apply(Change(put=[media_file(2), thumbnail], marks={"pts": "1"}))
        assert await everything(catalog, CatalogQuery()) == []
        assert await catalog.mark("pts") is None

    async def test_a_change_is_stored_as_a_whole(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[media_file(1), media_file(2)], marks={"pts": "5", "walk": "300"}))
        assert len(await everything(catalog, CatalogQuery())) == 2
        assert (await catalog.mark("pts"), await catalog.mark("walk"), await catalog.mark("x")) == ("5", "300", None)
        change = Change(
            put=[media_file(3), media_file(2), media_file(4)],
            gone=[media_file(1).origin, media_file(4).origin, media_file(9).origin],
            marks={"pts": "6", "walk": None, "x": None},
        )
        await catalog.apply(change)
        assert [file.origin.message_id for file in await everything(catalog, CatalogQuery())] == [3, 2]
        assert (await catalog.mark("pts"), await catalog.mark("walk")) == ("6", None)
        assert await catalog.marks() == {"pts": "6"}

    async def test_several_versions_in_one_change_are_applied_in_order(self, catalog: Catalog) -> None:
        versions = [
            media_file(1, date=100, name="first.mp4"),
            media_file(1, date=200, edit_date=300, name="latest.mp4", key=FileKey("another")),
            media_file(1, date=100, edit_date=250, name="late.mp4"),
        ]
        await catalog.apply(Change(put=versions))
        assert await catalog.get(versions[0].origin) == dataclasses.replace(versions[1], date=100)
        assert await catalog.origins(versions[0].key.file_unique_id) == ()

    async def test_messages_with_the_same_key_are_all_stored(self, catalog: Catalog) -> None:
        # these would get the same key, as it has only 16 bits of the message id
        files = [media_file(1 + (number << 16), date=7) for number in range(5)]
        await catalog.put(files[0])
        await catalog.apply(Change(put=files))
        await catalog.put(media_file(1 + (5 << 16), date=7))
        found = await everything(catalog, CatalogQuery(limit=1))
        assert {file.origin.message_id for file in found} == {1 + (number << 16) for number in range(6)}
        assert len(found) == 6

    async def test_counts(self, catalog: Catalog) -> None:
        assert await catalog.counts() == Counts()
        await catalog.put(media_file(1, kind="video", size=10))
        await catalog.put(media_file(2, kind="audio", size=3 << 30))
        await catalog.put(media_file(3, kind="audio", size=5, chat_id=OTHER))
        assert await catalog.counts() == Counts(3, (3 << 30) + 15, {"audio": 2, "video": 1})
        assert await catalog.counts(frozenset({OTHER})) == Counts(1, 5, {"audio": 1})
        assert await catalog.counts(frozenset()) == Counts()
        await catalog.put(media_file(1, kind="document", size=20))
        await catalog.remove(media_file(2).origin)
        assert await catalog.counts() == Counts(2, 25, {"audio": 1, "document": 1})

    async def test_the_messages_of_a_range(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[media_file(number) for number in (9, 3, 5, 20)]))
        await catalog.put(media_file(4, chat_id=OTHER))
        assert await catalog.messages(CHANNEL, first=3, last=9) == (3, 5, 9)
        assert await catalog.messages(CHANNEL, first=4, last=4) == ()
        assert await catalog.messages(OTHER, first=1, last=1 << 31) == (4,)

    async def test_the_newest_message_of_a_chat(self, catalog: Catalog) -> None:
        assert await catalog.newest(CHANNEL) == 0
        await catalog.apply(Change(put=[media_file(number) for number in (9, 20, 5)]))
        await catalog.put(media_file(30, chat_id=OTHER))
        assert (await catalog.newest(CHANNEL), await catalog.newest(OTHER)) == (20, 30)
        await catalog.remove(media_file(20).origin)
        assert await catalog.newest(CHANNEL) == 9

    async def test_chats_are_stored_renamed_and_deleted(self, catalog: Catalog) -> None:
        assert await catalog.chats() == {}
        await catalog.remember_chat(CHANNEL, "Films")
        await catalog.remember_chat(OTHER, "Música 🎵")
        await catalog.remember_chat(CHANNEL, "Фильмы")
        assert await catalog.chats() == {CHANNEL: "Фильмы", OTHER: "Música 🎵"}
        await catalog.forget_chat(CHANNEL)
        await catalog.forget_chat(CHANNEL)
        assert await catalog.chats() == {OTHER: "Música 🎵"}

    async def test_deleting_a_chat_keeps_its_files(self, catalog: Catalog) -> None:
        await catalog.remember_chat(CHANNEL, "Films")
        await catalog.put(media_file(1))
        await catalog.forget_chat(CHANNEL)
        assert await catalog.get(media_file(1).origin) == media_file(1)

    async def test_the_first_piece_of_a_joined_file_is_found_at_its_message(self, catalog: Catalog) -> None:
        pieces = [media_file(20 + n, name=f"film.mkv.{n:03}") for n in range(3)]
        parts = tuple(Part(one.key, one.origin, one.dc_id, one.name, one.size) for one in pieces)
        whole = media_file(20, name="film.mkv", key=FileKey("whole"), parts=parts)
        again = media_file(50, key=pieces[0].key)
        await catalog.apply(Change(put=[whole, *pieces[1:], again]))
        assert await catalog.origins(pieces[0].key.file_unique_id) == (again.origin, whole.origin)
        assert await catalog.origins("whole") == (whole.origin,)
        assert await catalog.origins(pieces[1].key.file_unique_id) == (pieces[1].origin,)

    async def test_pieces_of_a_joined_file_are_found_by_their_names(self, catalog: Catalog) -> None:
        pieces = [media_file(20 + n, name=f"film.mkv.{n:03}", part_of=Origin(CHANNEL, 20)) for n in range(1, 4)]
        parts = tuple(Part(one.key, one.origin, one.dc_id, one.name, one.size) for one in pieces)
        whole = media_file(20, name="film.mkv", key=FileKey("whole"), parts=parts)
        stray = [media_file(1, name="other.mkv.001"), media_file(2, name="film.mkv"),
                 media_file(3, name="film.mkv.001", chat_id=OTHER), media_file(4, name="film.mkv.part2")]  # fmt: skip
        await catalog.apply(Change(put=[*pieces, whole, *stray]))
        assert await catalog.pieces(CHANNEL, "film.mkv") == (stray[3], whole, *pieces)
        assert await catalog.pieces(CHANNEL, "") == ()
        assert await names(catalog, CatalogQuery(text="film.mkv", order="asc", sort="name")) == [
            "film.mkv", "film.mkv", "film.mkv.001", "film.mkv.part2",
        ]  # fmt: skip
        renamed = dataclasses.replace(whole, name="The whole name.mkv")
        await catalog.put(renamed)
        assert await catalog.pieces(CHANNEL, "film.mkv") == (stray[3], renamed, *pieces)
        await catalog.put(dataclasses.replace(pieces[0], part_of=None))
        assert len(await names(catalog, CatalogQuery(text="film.mkv.001"))) == 2

    async def test_dump_returns_everything_by_message(self, catalog: Catalog) -> None:
        files = [media_file(n, chat_id=c, date=100 - n) for c in (OTHER, CHANNEL) for n in (1, 2, 3)]
        files.append(media_file(4, key=files[0].key, part_of=Origin(CHANNEL, 3)))
        await catalog.apply(Change(put=files[::-1]))
        found, after = [], None
        while rows := await catalog.dump(after, 2):
            found += [entry.file for entry in rows]
            after = rows[-1].file.origin
        assert found == files
