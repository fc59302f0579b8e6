"""The tests that every Probes passes.

A test module subclasses ProbesContract and provides the fixtures `catalog` and `probes` (open and empty, of one
database).
"""

import pytest

from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.probes import MOST_KEYS, MOST_LISTED, Probes, StoredProbe
from streamvault.media.model import FileKey
from tests.support.files import media_file

SAME = FileKey("same")
PROBE = StoredProbe(1, '{"container": "matroska"}', b"\0\1\2" * 100)


def newer(probe: StoredProbe, version: int) -> StoredProbe:
    return StoredProbe(version, f'{{"version": {version}}}', probe.keys)


class ProbesContract:
    """To be subclassed."""

    async def test_what_was_read_of_a_file_is_stored(self, catalog: Catalog, probes: Probes) -> None:
        file = media_file(1)
        await catalog.put(file)
        assert await probes.get(file.key.file_unique_id) is None
        await probes.put(file.key.file_unique_id, PROBE)
        assert await probes.get(file.key.file_unique_id) == PROBE
        await catalog.put(file)
        assert await probes.get(file.key.file_unique_id) == PROBE

    async def test_only_a_newer_version_replaces_it(self, catalog: Catalog, probes: Probes) -> None:
        file = media_file(1)
        await catalog.put(file)
        for version in (2, 3, 1):
            await probes.put(file.key.file_unique_id, newer(PROBE, version))
        assert await probes.get(file.key.file_unique_id) == newer(PROBE, 3)

    async def test_nothing_is_stored_of_a_file_that_no_message_holds(self, catalog: Catalog, probes: Probes) -> None:
        await catalog.put(media_file(1))
        await probes.put("unknown", PROBE)
        assert await probes.get("unknown") is None

    async def test_it_goes_with_the_last_message_of_the_file(self, catalog: Catalog, probes: Probes) -> None:
        first, other = media_file(1, key=SAME), media_file(2, key=SAME)
        await catalog.apply(Change(put=(first, other)))
        await probes.put(first.key.file_unique_id, PROBE)
        await catalog.remove(first.origin)
        assert await probes.get(first.key.file_unique_id) == PROBE
        await catalog.remove(other.origin)
        assert await probes.get(first.key.file_unique_id) is None

    async def test_it_goes_when_another_file_takes_the_place(self, catalog: Catalog, probes: Probes) -> None:
        before = media_file(1)
        after = media_file(1, key=FileKey("another"), edit_date=before.date + 1000)
        await catalog.put(before)
        await probes.put(before.key.file_unique_id, PROBE)
        await catalog.put(after)
        assert await probes.get(before.key.file_unique_id) is None

    async def test_the_facts_of_many_files_are_read_at_once(self, catalog: Catalog, probes: Probes) -> None:
        files = [media_file(number) for number in range(1, 6)]
        keys = [file.key.file_unique_id for file in files]
        await catalog.apply(Change(put=files))
        for key, version, facts in zip(keys, (2, 2, 1, 3), ("{}", '{"é": 1}', "{}", "{}"), strict=False):
            await probes.put(key, StoredProbe(version, facts, b""))
        assert await probes.facts([*keys, "unknown"], version=2) == {keys[0]: "{}", keys[1]: '{"é": 1}'}
        assert await probes.facts(keys[1:3], version=1) == {keys[2]: "{}"}
        assert await probes.facts((), version=2) == {}

    async def test_facts_that_are_long_are_left_out_of_lists(self, catalog: Catalog, probes: Probes) -> None:
        files = [media_file(1), media_file(2)]
        keys = [file.key.file_unique_id for file in files]
        await catalog.apply(Change(put=files))
        for key, length in zip(keys, (MOST_LISTED, MOST_LISTED + 1), strict=True):
            await probes.put(key, StoredProbe(2, "é" * length, b""))
        assert set(await probes.facts(keys, version=2)) == {keys[0]}

    def test_what_is_stored_is_bounded(self) -> None:
        with pytest.raises(ValueError, match="too large"):
            StoredProbe(1, "{}", bytes(MOST_KEYS + 1))
