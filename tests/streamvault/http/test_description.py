"""The server conforms to its OpenAPI description for generated requests (schemathesis)."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr

from streamvault.access.identity import OWNER_RIGHTS
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.chats import OurChats
from streamvault.indexing.walks import Walks
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts
from streamvault.playback.facts import FactsService
from streamvault.playback.model import Chapter, Facts, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.reading.lanes import Lane
from tests.support.files import CHANNEL, media_file
from tests.support.probes import MemoryProbes
from tests.support.proof import full
from tests.support.serving import Bench, serving
from tests.support.walks import ScriptedHistory, channel


async def fill(bench: Bench) -> None:
    """Put a few files, some of them with facts."""
    for number in (1, 2, 3):
        file = media_file(number, size=1000, caption="#nature")
        bench.finder.add(file, message_id=number)
        await bench.catalog.put(file)
        facts = NameFacts(1, "Garden", 1999, 1, number, "1080p", "H.264", ("de",), "s:garden")
        await bench.catalog.store_facts({file.key.file_unique_id: facts})


async def look(file: MediaFile, lane: Callable[[], Lane]) -> Probed:
    """A film with a sound track, whatever the file."""
    tracks = (Track(0, "video", "h264", "avc1.64001f", width=320, height=180), Track(1, "audio", "ac3", channels=6))
    return Probed(Facts("matroska", 24.0, tracks=tracks, chapters=(Chapter(0.0, 24.0, "One"),)), NO_KEYS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server with a few files, which runs in a thread with its own event loop, and a token of its
    owner.
    """
    folder = tmp_path_factory.mktemp("described")
    address: list[str] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        bench = Bench(owner_ids=frozenset({OWNER}), leech_bot_token=SecretStr("55:leech"), leech_channel=CHANNEL)
        database = folder / "streamvault.db"
        async with SqliteCatalog(database) as bench.catalog, SqlitePersonal(database) as bench.personal:
            await fill(bench)
            history = ScriptedHistory(channel(5))
            chats = OurChats(bench.catalog, channels=(CHANNEL,))
            bench.walks = Walks(Backfill(bench.catalog, history), history, catalog=bench.catalog, chats=chats)
            bench.events.end()  # ends the event streams
            async with FactsService(look, MemoryProbes()) as bench.facts, serving(bench):
                _, token = await bench.access.tokens.create(OWNER, "tests", can=OWNER_RIGHTS)
                address.extend([f"http://127.0.0.1:{bench.address[1]}", token])
                ready.set()
                await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield address[0], address[1]
    done.set()
    thread.join(10)


OWNER = 11111111
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())["paths"].items()
    for method in methods
]


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """By their labels. Schemathesis is loaded by the process that runs these tests alone: it takes a second."""
    from tests.support import described

    found = described.operations()
    assert sorted(found) == sorted(OPERATIONS), "docs/openapi.json is written by `make docs`"
    return found


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_operation_conforms_to_its_description(
    label: str, operations: dict[str, Any], server: tuple[str, str]
) -> None:
    # not schema.parametrize: failures of its subtests are lost under pytest-xdist

    @given(case=operations[label].as_strategy())
    @settings(
        max_examples=15 if full() else 6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    def check(case: Any) -> None:
        case.call_and_validate(base_url=server[0], headers={"Authorization": f"Bearer {server[1]}"})

    check()
