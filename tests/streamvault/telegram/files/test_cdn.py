"""Chunks from a CDN: redirects are followed, chunks decrypted and verified; any CDN failure still gives right bytes."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import pytest
from pyrogram import raw
from pyrogram.crypto import rsa

from streamvault.media.model import MediaFile
from streamvault.telegram.files import cdn
from streamvault.telegram.mtproto.rsa_keys import public_key
from tests.streamvault.telegram.conftest import Connect, Online, calls, counted, exports, keys, right
from tests.support.proof import sample
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, emulator_world
from tests.support.waiting import until
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.world.content import SyntheticContent, synthetic_bytes
from tgemulator.world.stored_file import StoredFile

CDN_DC = 203
GET_FILE, GET_CDN, REUPLOAD = "upload.getFile", "upload.getCdnFile", "upload.reuploadCdnFile"
SIZE = 8 * MIB + 5


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    """An emulator with a CDN DC, 203, beside the others."""
    dcs = (DcConfig(1), DcConfig(HOME_DC), DcConfig(FOREIGN_DC), DcConfig(CDN_DC, media_port=None, cdn=True))
    async with emulator_world(EmulatorConfig(dcs=dcs)) as made:
        yield made


@pytest.fixture
async def online(connect: Connect) -> AsyncIterator[Online]:
    """The bot, with CDN."""
    async with connect(cdn=True) as made:
        yield made


async def post(world: EmulatedWorld, *, dc_id: int = FOREIGN_DC) -> tuple[int, int]:
    """A file of 8 MiB and 5 bytes, seed 1, that Telegram serves from the CDN."""
    return await world.post_file(SyntheticContent(SIZE, 1), dc_id=dc_id, cdn=True)


@pytest.fixture
async def popular(world: EmulatedWorld, online: Online) -> MediaFile:
    return await online.file(await post(world))


def stored(world: EmulatedWorld) -> StoredFile:
    [file] = world.emulator.files.files.values()
    return file


def from_cdn(world: EmulatedWorld) -> int:
    """Chunks that the CDN has sent."""
    return world.emulator.counters.value("getcdnfile")


def uploads(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("cdn_reuploads")


async def read(online: Online, file: MediaFile, *, limit: int = MIB) -> bytes:
    offsets = range(0, file.size, limit)
    return b"".join(await asyncio.gather(*(online.source.fetch(file, offset, limit) for offset in offsets)))


@pytest.mark.parametrize(
    ("limit", "dc_id"),
    sample(list(product([MIB, MIB // 8, MIB // 16], [HOME_DC, FOREIGN_DC])), every=3),
    ids=lambda value: f"{value >> 10}-KiB" if value > FOREIGN_DC else f"{value}",
)
async def test_every_byte_comes_from_the_cdn_and_is_right(
    world: EmulatedWorld, online: Online, dc_id: int, limit: int
) -> None:
    file = await online.file(await post(world, dc_id=dc_id))
    assert await read(online, file, limit=limit) == synthetic_bytes(1, 0, SIZE)
    assert from_cdn(world) == -(-SIZE // limit)
    assert world.emulator.counters.value("getfile_bytes") == 0
    assert (keys(world, CDN_DC), uploads(world)) == (1, 1)
    assert world.emulator.counters.value("imports", dc=CDN_DC) == 0
    assert counted(online, "failovers_total", reason="cdn") == 0


async def test_later_chunks_are_requested_from_the_cdn_alone(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    await online.source.fetch(popular, 0, MIB)
    asked = calls(world, GET_FILE)
    assert await online.source.fetch(popular, 0, MIB // 8) == synthetic_bytes(1, 0, MIB // 8)
    assert await online.source.fetch(popular, MIB, MIB) == right(1)
    assert calls(world, GET_FILE) == asked
    assert calls(world, "upload.getCdnFileHashes") == 1  # those of the first window came with the redirect


async def test_without_the_setting_and_for_other_files_no_cdn_is_used(world: EmulatedWorld, connect: Connect) -> None:
    async with connect() as online:
        file = await online.file(await post(world))
        assert await online.source.fetch(file, 0, MIB) == right()
    async with connect(cdn=True) as online:
        stored(world).cdn = False
        assert await online.source.fetch(file, 0, MIB) == right()
        assert calls(world, "help.getCdnConfig") == 0
    assert (from_cdn(world), keys(world, CDN_DC)) == (0, 0)


async def test_a_cdn_key_is_stored_and_no_authorization_is_imported_with_it(
    world: EmulatedWorld, connect: Connect
) -> None:
    origin = await post(world)
    for _ in range(2):
        async with connect(cdn=True) as online:
            assert await online.source.fetch(await online.file(origin), 0, MIB) == right()
            session = online.accounts.main.session
            kept = session.key(CDN_DC)
            assert kept is not None
            assert (kept.confirmed, kept.imported) == (True, False)
            assert len(session.spent("key")) == 3  # those of the home DC, the file's DC and the CDN
            number, _ = public_key(world.emulator.cdn_public_key_pem.encode())
            assert number not in rsa.server_public_keys  # it is trusted for CDNs only
    assert (keys(world, CDN_DC), exports(world)) == (1, 1)
    assert from_cdn(world) == 2


async def test_wrong_bytes_from_a_cdn_are_never_returned(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    await online.source.fetch(popular, 0, MIB)
    with world.emulator.faults.wrong_bytes(at=700_001, dc=CDN_DC):
        assert await online.source.fetch(popular, MIB, MIB) == right(1)
        assert await online.source.fetch(popular, 2 * MIB, MIB) == right(2)
    assert counted(online, "failovers_total", reason="corrupt") == 1
    assert counted(online, "failovers_total", reason="cdn") == 1
    assert from_cdn(world) == 2  # no CDN is used for a while


@pytest.mark.parametrize("keep", [0, 4096, MIB - 1])
async def test_a_short_chunk_from_a_cdn_is_never_returned(
    world: EmulatedWorld, online: Online, popular: MediaFile, keep: int
) -> None:
    with world.emulator.faults.short_chunk(keep, dc=CDN_DC):
        assert await online.source.fetch(popular, 0, MIB) == right()


@pytest.mark.parametrize(
    ("code", "text", "method"),
    [
        (400, "CDN_METHOD_INVALID", GET_CDN),
        (500, "INTERNAL", GET_CDN),
        (500, "CDN_UPLOAD_TIMEOUT", REUPLOAD),
        (400, "RSA_DECRYPT_FAILED", REUPLOAD),
        (400, "RSA_DECRYPT_FAILED", "upload.getCdnFileHashes"),
        (500, "INTERNAL", "help.getCdnConfig"),
    ],
)
async def test_when_the_cdn_fails_the_files_own_data_centre_sends_the_chunk(
    world: EmulatedWorld, online: Online, popular: MediaFile, code: int, text: str, method: str
) -> None:
    with world.emulator.faults.error(code, text, method=method):
        assert await read(online, popular) == synthetic_bytes(1, 0, SIZE)
    assert counted(online, "failovers_total", reason="cdn") >= 1
    assert counted(online, "chunks_total", result="ok") == 9


async def test_a_flood_wait_of_the_cdn_costs_no_chunk(world: EmulatedWorld, online: Online, popular: MediaFile) -> None:
    with world.emulator.faults.flood_wait(300, method=GET_CDN):
        assert await read(online, popular) == synthetic_bytes(1, 0, SIZE)
    assert not online.accounts.main.floods.is_closed("file")
    assert online.accounts.main.floods.is_closed("cdn")


async def test_a_cdn_that_does_not_answer_is_given_up_after_the_timeout(
    world: EmulatedWorld, online: Online, popular: MediaFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdn, "CHUNK_TIMEOUT", 0.3)
    await online.source.fetch(popular, 0, MIB)
    with world.emulator.faults.stall(dc=CDN_DC):
        assert await online.source.fetch(popular, MIB, MIB) == right(1)


async def test_concurrent_chunks_have_the_file_uploaded_once(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    await online.source.fetch(popular, 0, MIB)
    world.emulator.files.cdn_held.clear()  # the CDN has dropped the file
    assert await read(online, popular, limit=MIB // 4) == synthetic_bytes(1, 0, SIZE)
    assert uploads(world) == 2
    assert counted(online, "failovers_total", reason="cdn") == 0


async def test_an_answer_that_the_file_is_missing_after_its_upload_causes_no_second_upload(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    """The answer to the second chunk is in transit when the upload for the first one ends."""
    await online.source.fetch(popular, 0, MIB)
    world.emulator.files.cdn_held.clear()
    faults, asked = world.emulator.faults, calls(world, GET_CDN)
    with faults.latency(0.2, dc=CDN_DC), faults.latency(0.05, dc=FOREIGN_DC):
        first = asyncio.create_task(online.source.fetch(popular, MIB, 4096))
        await until(lambda: calls(world, GET_CDN) > asked)
        second = asyncio.create_task(online.source.fetch(popular, 2 * MIB, 4096))
        assert await first == right(1)[:4096]
        assert await second == right(2)[:4096]
    assert uploads(world) == 2


@pytest.mark.parametrize("held", [True, False], ids=["held", "dropped"])
async def test_expired_tokens_are_replaced(
    world: EmulatedWorld, online: Online, popular: MediaFile, held: bool
) -> None:
    await online.source.fetch(popular, 0, MIB)
    world.emulator.files.expire_cdn_tokens()
    if held:
        world.emulator.files.cdn_held.add(stored(world).id)
    asked = from_cdn(world)
    assert await read(online, popular) == synthetic_bytes(1, 0, SIZE)
    assert from_cdn(world) == asked + 9
    assert counted(online, "failovers_total", reason="cdn") == 0


@pytest.mark.parametrize(("text", "method"), [("FILE_TOKEN_INVALID", GET_CDN), ("REQUEST_TOKEN_INVALID", REUPLOAD)])
async def test_tokens_that_stay_invalid_end_the_use_of_the_cdn(
    world: EmulatedWorld, online: Online, popular: MediaFile, text: str, method: str
) -> None:
    with world.emulator.faults.error(400, text, method=method):
        assert await online.source.fetch(popular, 0, MIB) == right()
    assert calls(world, method) == 2
    assert from_cdn(world) == 0


async def test_a_lost_cdn_connection_and_a_dead_key_are_replaced(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    await online.source.fetch(popular, 0, MIB)
    await world.emulator.drop_connections(CDN_DC)
    assert await online.source.fetch(popular, MIB, MIB) == right(1)
    world.emulator.faults.dead_key(-404, dc=CDN_DC)
    assert await online.source.fetch(popular, 2 * MIB, MIB) == right(2)
    assert (from_cdn(world), keys(world, CDN_DC)) == (3, 2)


async def test_chunks_from_a_cdn_without_digests_are_refused(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    stored(world).hashed = False
    with world.emulator.faults.wrong_bytes(dc=CDN_DC):
        assert await online.source.fetch(popular, 0, MIB) == right()
    assert (from_cdn(world), counted(online, "failovers_total", reason="cdn")) == (1, 1)


async def test_a_cdn_with_an_unknown_public_key_is_refused(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    world.emulator.data_centres.cdn_public_key_pem = world.emulator.public_key_pem
    assert await online.source.fetch(popular, 0, MIB) == right()
    assert (from_cdn(world), keys(world, CDN_DC)) == (0, 0)


async def test_a_cdn_gets_no_client_details_and_its_updates_are_ignored(
    world: EmulatedWorld, online: Online, popular: MediaFile
) -> None:
    await online.source.fetch(popular, 0, MIB)
    main = online.accounts.main
    [link] = main.media_sessions.for_dc(CDN_DC, family="cdn")._pool._connections
    seen: list[Any] = []

    async def handle_updates(updates: Any) -> None:
        seen.append(updates)

    main.client.handle_updates = handle_updates
    [key] = [key for key in world.emulator.keys.all() if key.dc_id == CDN_DC]
    for session in world.emulator.keys.sessions(key):
        session.push(raw.types.UpdatesTooLong().write(), now=world.emulator.now())
    received = len(link.stored_msg_ids)
    await until(lambda: len(link.stored_msg_ids) > received)
    assert await online.source.fetch(popular, MIB, MIB) == right(1)
    assert seen == []
    query = await link.wrap(raw.functions.help.GetConfig(), init=True)
    assert (query.query.device_model, query.query.system_version) == ("n/a", "n/a")
    assert isinstance(query.query.query, raw.functions.help.GetConfig)


async def test_a_cdn_does_not_set_the_server_clock(world: EmulatedWorld, online: Online) -> None:
    """msg_ids are made from that clock: a wrong one would make Telegram reject every message."""
    file = await online.file(await post(world, dc_id=HOME_DC))
    learned: list[int] = []
    clock = online.accounts.main.client.server_clock
    clock.learn = learned.append
    assert await online.source.fetch(file, 0, MIB) == right()
    assert (from_cdn(world), keys(world, CDN_DC), learned) == (1, 1, [])


async def test_with_chunk_verification_every_byte_is_right(world: EmulatedWorld, connect: Connect) -> None:
    origin = await post(world)
    async with connect(cdn=True, verify_chunks=True) as online:
        file = await online.file(origin)
        assert await read(online, file) == synthetic_bytes(1, 0, SIZE)
        world.emulator.files.expire_cdn_tokens()
        with world.emulator.faults.error(500, "INTERNAL", method=GET_CDN):
            assert await read(online, file) == synthetic_bytes(1, 0, SIZE)
    assert from_cdn(world) == 9
