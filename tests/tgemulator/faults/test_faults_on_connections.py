"""Faults on a real connection, as a client sees them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from tests.support.rawclient import Identity, RawClient, TransportFailure
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.world.content import SyntheticContent, sha256_of
from tgemulator.world.stored_file import StoredFile

MIB = 1 << 20
TOKEN = "4242:a-bot"


@pytest.fixture
async def emulator(folder: Path) -> AsyncIterator[Emulator]:
    async with Emulator(EmulatorConfig(dcs=(DcConfig(2),), folder=folder)) as emulator:
        emulator.world.add_bot(TOKEN, home_dc=2)
        yield emulator


@pytest.fixture
async def identity(emulator: Emulator) -> Identity:
    """An auth key that the bot is logged in with."""
    async with await RawClient.connect(emulator.address(2)) as client:
        await client.make_key(emulator.public_key_pem)
        await client.init()
        await client.call(
            raw.functions.auth.ImportBotAuthorization(flags=0, api_id=1, api_hash="hash", bot_auth_token=TOKEN)
        )
        return client.me


@pytest.fixture
def film(emulator: Emulator) -> StoredFile:
    return emulator.files.add(SyntheticContent(2 * MIB + 777, 5), dc_id=2)


@asynccontextmanager
async def media(emulator: Emulator, identity: Identity) -> AsyncIterator[RawClient]:
    """A connection to the media-only address with a session of its own."""
    mine = Identity(key=identity.key, salt=identity.salt)
    async with await RawClient.connect(emulator.address(2, media_only=True), identity=mine) as client:
        yield client


def chunk(emulator: Emulator, file: StoredFile, offset: int, *, limit: int = MIB) -> Any:
    document = emulator.files.media_for(file, account_id=4242, origin=1).document
    location = raw.types.InputDocumentFileLocation(
        id=document.id, access_hash=document.access_hash, file_reference=document.file_reference, thumb_size=""
    )
    return raw.functions.upload.GetFile(location=location, offset=offset, limit=limit)


async def test_a_file_arrives_whole(emulator: Emulator, identity: Identity, film: StoredFile) -> None:
    digest = hashlib.sha256()
    async with media(emulator, identity) as client:
        for offset in range(0, film.size, MIB):
            digest.update((await client.call(chunk(emulator, film, offset))).bytes)
    assert digest.hexdigest() == sha256_of(film.content)


async def test_a_flood_wait_reaches_the_client(emulator: Emulator, identity: Identity, film: StoredFile) -> None:
    emulator.faults.flood_wait(30, method="upload.getFile", times=1)
    async with media(emulator, identity) as client:
        answer = await client.call(chunk(emulator, film, 0))
    assert (answer.error_code, answer.error_message) == (420, "FLOOD_WAIT_30")
    assert emulator.counters.value("errors", code=420, method="upload.getFile") == 1


async def test_a_dead_key_is_refused_by_the_transport_and_others_are_not(
    emulator: Emulator, identity: Identity, film: StoredFile
) -> None:
    emulator.faults.dead_key(user=4242)
    async with media(emulator, identity) as client:
        with pytest.raises(TransportFailure, match="-404"):
            await client.call(chunk(emulator, film, 0))
    async with await RawClient.connect(emulator.address(2)) as client:
        await client.make_key(emulator.public_key_pem)
        assert isinstance(await client.init(), raw.types.Config)


async def test_a_transport_error_ends_the_connection(emulator: Emulator, identity: Identity, film: StoredFile) -> None:
    with emulator.faults.transport_error(-429, method="upload.getFile"):
        async with media(emulator, identity) as client:
            with pytest.raises(TransportFailure, match="-429"):
                await client.call(chunk(emulator, film, 0))


async def test_a_dropped_connection_closes_without_an_answer(
    emulator: Emulator, identity: Identity, film: StoredFile
) -> None:
    emulator.faults.drop(after=1, times=1)
    async with media(emulator, identity) as client:
        assert (await client.call(chunk(emulator, film, 0, limit=4096))).bytes == film.content.read(0, 4096)
        with pytest.raises((ConnectionError, EOFError)):
            await client.call(chunk(emulator, film, 4096, limit=4096))
    async with media(emulator, identity) as client:
        assert (await client.call(chunk(emulator, film, 4096, limit=4096))).bytes == film.content.read(4096, 4096)


async def test_a_stalled_connection_continues_when_the_fault_is_lifted(
    emulator: Emulator, identity: Identity, film: StoredFile
) -> None:
    async with media(emulator, identity) as client:
        await client.call(chunk(emulator, film, 0, limit=4096))
        stall = emulator.faults.stall(dc=2)
        waiting = asyncio.create_task(client.call(chunk(emulator, film, 4096, limit=4096)))
        await asyncio.wait({waiting}, timeout=0.1)
        assert not waiting.done()
        stall.lift()
        assert (await waiting).bytes == film.content.read(4096, 4096)


async def test_a_half_open_connection_never_answers_again(
    emulator: Emulator, identity: Identity, film: StoredFile
) -> None:
    async with media(emulator, identity) as client, media(emulator, identity) as other:
        await client.call(chunk(emulator, film, 0, limit=4096))
        with emulator.faults.half_open(dc=2, media=True):
            waiting = asyncio.create_task(client.call(chunk(emulator, film, 4096, limit=4096)))
            await asyncio.wait({waiting}, timeout=0.1)
        assert (await other.call(chunk(emulator, film, 0, limit=4096))).bytes == film.content.read(0, 4096)
        assert not waiting.done(), "what the server has not heard stays unanswered"
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


@pytest.mark.parametrize("name", ["stall", "half_open"])
async def test_a_limited_fault_silences_one_connection_of_two(
    emulator: Emulator, identity: Identity, film: StoredFile, name: str
) -> None:
    async with media(emulator, identity) as first, media(emulator, identity) as second:
        for client in (first, second):
            await client.call(chunk(emulator, film, 0, limit=4096))
        with getattr(emulator.faults, name)(dc=2, media=True, connections=1):
            waiting = asyncio.create_task(first.call(chunk(emulator, film, 4096, limit=4096)))
            await asyncio.wait({waiting}, timeout=0.1)
            assert not waiting.done()
            assert (await second.call(chunk(emulator, film, 0, limit=4096))).bytes == film.content.read(0, 4096)
            async with media(emulator, identity) as third:
                assert (await third.call(chunk(emulator, film, 0, limit=4096))).bytes == film.content.read(0, 4096)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_latency_and_bandwidth_delay_answers(emulator: Emulator, identity: Identity, film: StoredFile) -> None:
    loop = asyncio.get_running_loop()
    async with media(emulator, identity) as client:
        await client.call(chunk(emulator, film, 0, limit=4096))
        with emulator.faults.latency(0.05, dc=2):
            began = loop.time()
            await client.call(chunk(emulator, film, 0, limit=4096))
            assert loop.time() - began >= 0.09
        with emulator.faults.bandwidth(512 * 1024, dc=2, media=True):
            began = loop.time()
            await client.call(chunk(emulator, film, 0, limit=128 * 1024))
            assert loop.time() - began >= 0.2
