"""What a write has done to lists: of one change, and of several as one."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import CatalogQuery, Change
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.stored import Stored, together
from streamvault.media.model import Origin
from streamvault.media.name_facts import NameFacts
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.pieces import MIB, pieces


def of(*numbers: int) -> frozenset[Origin]:
    return frozenset(Origin(CHANNEL, number) for number in numbers)


async def test_each_write_says_what_it_has_changed() -> None:
    said: list[Stored] = []
    catalog = JoiningCatalog(MemoryCatalog(), on_stored=said.append)
    await catalog.apply(Change(put=[media_file(1), media_file(2)]))
    await catalog.apply(Change(put=[media_file(2, name="new", edit_date=5), media_file(3)], gone=[Origin(CHANNEL, 1)]))
    await catalog.put(media_file(2, name="older", edit_date=4))
    await catalog.remove(Origin(CHANNEL, 9))
    await catalog.apply(Change(marks={"place": "7"}))
    await catalog.store_facts({media_file(2).key.file_unique_id: NameFacts(1)})
    await catalog.store_facts({})
    assert said == [
        Stored(added=of(1, 2)),
        Stored(added=of(3), changed=of(2), removed=of(1)),
        Stored(more=True),
    ]


async def test_pieces_leave_the_lists_when_they_are_joined_and_come_back() -> None:
    said: list[Stored] = []
    catalog = JoiningCatalog(MemoryCatalog(), on_stored=said.append)
    first, second = pieces("film.mkv.{:03}", [MIB, 5])
    await catalog.put(first)
    await catalog.put(second)
    await catalog.remove(second.origin)
    assert said[0] == Stored(added=of(1))
    assert of(1) == said[1].changed
    assert of(2) & (said[1].added | said[1].changed) == frozenset()
    assert said[2] == Stored(changed=of(1)), "a piece was in no list"


async def test_what_comes_into_lists_is_added_and_what_leaves_them_removed() -> None:
    """Four more ways of a piece in and out of lists; each is told against what the lists themselves show."""
    said: list[Stored] = []
    store = MemoryCatalog()
    catalog = JoiningCatalog(store, on_stored=said.append)
    first, second, third = pieces("film.mkv.{:03}", [MIB, MIB, 5])
    for change in (
        Change(put=[third, first]),  # not complete: two files
        Change(put=[second]),  # complete: the pieces leave the lists
        Change(put=[second]),  # the same piece once more
        Change(gone=[second.origin]),  # the others come back
        Change(put=[second], gone=[Origin(CHANNEL, 99)]),
        Change(gone=[first.origin]),
    ):
        said.append(Stored())
        before = await shown(store)
        await catalog.apply(change)
        after, told = await shown(store), said[-1]
        assert (told.added, told.removed) == (after - before, before - after)
        assert told.changed <= before & after


async def shown(store: MemoryCatalog) -> frozenset[Origin]:
    return frozenset(entry.file.origin for entry in (await store.page(CatalogQuery())).items)


async def test_chats_that_come_and_go_are_told() -> None:
    said: list[Stored] = []
    catalog = JoiningCatalog(MemoryCatalog(), on_stored=said.append)
    await catalog.remember_chat(CHANNEL, "Films")
    await catalog.forget_chat(CHANNEL)
    assert said == [Stored(chats=frozenset({CHANNEL}))] * 2
    assert together([*said, Stored(added=of(1))]) == Stored(added=of(1), chats=frozenset({CHANNEL}))


STEPS = st.lists(st.tuples(st.sampled_from(("add", "change", "remove")), st.integers(1, 3)), max_size=8)


@given(before=st.frozensets(st.integers(1, 3)), steps=STEPS)
def test_several_changes_are_as_one(before: frozenset[int], steps: list[tuple[str, int]]) -> None:
    there, changes = set(before), list[Stored]()
    for what, number in steps:
        if what == "add" and number not in there:
            there.add(number)
            changes.append(Stored(added=of(number)))
        elif what == "change" and number in there:
            changes.append(Stored(changed=of(number)))
        elif what == "remove" and number in there:
            there.discard(number)
            changes.append(Stored(removed=of(number)))
    found = together(changes)
    assert found.added == of(*(there - before))
    assert found.removed == of(*(before - there))
    touched = {origin for one in changes for origin in (*one.added, *one.changed, *one.removed)}
    assert found.changed == touched - found.added - found.removed - (of(1, 2, 3) - of(*before) - of(*there))
