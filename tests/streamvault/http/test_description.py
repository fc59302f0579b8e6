"""The server conforms to its OpenAPI description for generated requests (schemathesis)."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig

from streamvault.access.identity import OWNER_RIGHTS
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.http.openapi import describe
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
from tests.support.serving import Bench, serving
from tests.support.walks import ScriptedHistory, channel

# A cursor is a text that only an earlier page knows: a made-up one is a 400.
ACCEPTED = {"expected-statuses": ["2xx", "3xx", "400", "404", "409", "429"]}
# Whether a film can be repackaged only its bytes tell.
OF_FILMS = {"expected-statuses": [*ACCEPTED["expected-statuses"], "422"]}
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {"positive_data_acceptance": ACCEPTED},
        "operations": [
            {"include-path-regex": "^/(?:hls|subtitles|api/facts)/", "checks": {"positive_data_acceptance": OF_FILMS}}
        ],
    }
)

schema = schemathesis.openapi.from_dict(describe(), config=CONFIG)


@schema.hook
def map_path_parameters(_: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Let every other request name an existing message."""
    message = (path_parameters or {}).get("message_id")
    if path_parameters is None or not isinstance(message, int) or message % 2:
        return path_parameters
    return {**path_parameters, "chat_id": CHANNEL, "message_id": message % 3 + 1}


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
        bench = Bench(owner_ids=frozenset({OWNER}))
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


OPERATIONS: list[Any] = [cast(Any, found).ok() for found in schema.get_all_operations()]
OWNER = 11111111


@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
def test_every_operation_conforms_to_its_description(operation: Any, server: tuple[str, str]) -> None:
    # not schema.parametrize: failures of its subtests are lost under pytest-xdist

    @given(case=operation.as_strategy())
    @settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url=server[0], headers={"Authorization": f"Bearer {server[1]}"})

    check()
