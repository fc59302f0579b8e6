"""The handlers of upload.*, called without a connection."""

import hashlib
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyrogram import raw
from pyrogram.raw.core import TLObject

from tests.support.offline import ALICE, CDN, SetClock, call_of, offline_emulator
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.services.registry import METHODS, Call, Server
from tgemulator.world.content import SyntheticContent, synthetic_bytes
from tgemulator.world.stored_file import StoredFile

MIB = 1 << 20
upload = raw.functions.upload


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def emulator(clock: SetClock) -> Emulator:
    return offline_emulator(clock)


@pytest.fixture
def call(emulator: Emulator) -> Call:
    emulator.world.add_user("1000", first_name="Alice", id=ALICE, home_dc=2)
    return call_of(emulator)


@pytest.fixture
def film(emulator: Emulator) -> StoredFile:
    return emulator.files.add(SyntheticContent(3 * MIB + 1000, 9), dc_id=2, mime_type="video/mp4", cdn=True)


def location(server: Server, file: StoredFile) -> Any:
    document = server.files.media_for(file, account_id=ALICE, origin=1).document
    return raw.types.InputDocumentFileLocation(
        id=document.id, access_hash=document.access_hash, file_reference=document.file_reference, thumb_size=""
    )


async def ask(call: Call, query: Any) -> Any:
    """The handler's answer, read back if it is serialised."""
    answer = await METHODS[query.ID].handler(call, query)
    return TLObject.read(BytesIO(answer)) if isinstance(answer, bytes) else answer


async def refusal(call: Call, query: Any) -> tuple[int, str]:
    with pytest.raises(RpcError) as error:
        await ask(call, query)
    return error.value.code, error.value.text


def on_dc(call: Call, dc_id: int) -> Call:
    return Call(call.server, dc_id, False, call.key, call.session, 8, call.connection)


@pytest.mark.parametrize(
    ("offset", "limit", "precise"),
    [(0, MIB, False), (MIB, 4096, False), (3 * MIB, MIB, False), (1024, 5 * 1024, True), (4 * MIB, 4096, False)],
)
async def test_a_chunk_is_byte_exact(call: Call, film: StoredFile, offset: int, limit: int, precise: bool) -> None:
    query = upload.GetFile(location=location(call.server, film), offset=offset, limit=limit, precise=precise)
    answer = await ask(call, query)
    assert isinstance(answer, raw.types.upload.File)
    assert isinstance(answer.type, raw.types.storage.FileMp4)
    assert answer.bytes == synthetic_bytes(9, offset, max(0, min(limit, film.size - offset)))


async def test_downloads_are_counted(call: Call, film: StoredFile) -> None:
    where = location(call.server, film)
    for offset in (0, MIB, MIB):
        await ask(call, upload.GetFile(location=where, offset=offset, limit=MIB))
    counters = call.server.counters
    assert counters.value("getfile", dc=2, user=ALICE) == 3
    assert counters.by("getfile_at", "offset", file=film.id, limit=MIB) == {0: 1, MIB: 2}
    assert counters.value("getfile_bytes", dc=2) == 3 * MIB


async def test_a_file_of_another_dc_gets_file_migrate(call: Call) -> None:
    far = call.server.files.add(SyntheticContent(10, 1), dc_id=4)
    query = upload.GetFile(location=location(call.server, far), offset=0, limit=4096)
    assert await refusal(call, query) == (303, "FILE_MIGRATE_4")
    assert await refusal(call, upload.GetFileHashes(location=query.location, offset=0)) == (303, "FILE_MIGRATE_4")
    assert (await ask(on_dc(call, 4), query)).bytes == synthetic_bytes(1, 0, 10)
    assert call.server.counters.value("getfile") == 1


async def test_requests_are_checked_before_the_file_is_read(call: Call, film: StoredFile) -> None:
    where = location(call.server, film)
    assert await refusal(call, upload.GetFile(location=where, offset=1, limit=4096)) == (400, "OFFSET_INVALID")
    assert await refusal(call, upload.GetFile(location=where, offset=0, limit=5000)) == (400, "LIMIT_INVALID")
    web = raw.types.InputWebFileLocation(url="http://x", access_hash=1)
    assert await refusal(call, upload.GetWebFile(location=web, offset=0, limit=4096)) == (400, "LOCATION_INVALID")


async def test_hashes_are_those_of_the_file(call: Call, film: StoredFile) -> None:
    hashes = await ask(call, upload.GetFileHashes(location=location(call.server, film), offset=3 * MIB))
    assert [(item.offset, item.limit) for item in hashes] == [(3 * MIB, 1000)]
    assert hashes[0].hash == hashlib.sha256(synthetic_bytes(9, 3 * MIB, 1000)).digest()


async def test_a_chunk_fault_reaches_the_client(call: Call, film: StoredFile) -> None:
    query = upload.GetFile(location=location(call.server, film), offset=0, limit=MIB)
    with call.server.faults.short_chunk(100):
        assert (await ask(call, query)).bytes == synthetic_bytes(9, 0, 100)


async def test_only_clients_that_support_it_are_sent_to_the_cdn(call: Call, film: StoredFile) -> None:
    plain = call.server.files.add(SyntheticContent(10, 1), dc_id=2)
    where = location(call.server, film)
    assert isinstance(await ask(call, upload.GetFile(location=where, offset=0, limit=4096)), raw.types.upload.File)
    query = upload.GetFile(location=location(call.server, plain), offset=0, limit=4096, cdn_supported=True)
    assert isinstance(await ask(call, query), raw.types.upload.File)
    query = upload.GetFile(location=where, offset=0, limit=4096, cdn_supported=True)
    assert (await ask(call, query)).dc_id == CDN


async def test_a_cdn_download_from_redirect_to_verified_bytes(call: Call, film: StoredFile) -> None:
    cdn = on_dc(call, CDN)
    query = upload.GetFile(location=location(call.server, film), offset=0, limit=MIB, cdn_supported=True)
    redirect = await ask(call, query)
    wanted = upload.GetCdnFile(file_token=redirect.file_token, offset=MIB, limit=MIB)
    needed = await ask(cdn, wanted)
    assert isinstance(needed, raw.types.upload.CdnFileReuploadNeeded)
    await ask(call, upload.ReuploadCdnFile(file_token=redirect.file_token, request_token=needed.request_token))
    encrypted = (await ask(cdn, wanted)).bytes
    iv = redirect.encryption_iv[:-4] + (MIB // 16).to_bytes(4, "big")
    cipher = Cipher(algorithms.AES(redirect.encryption_key), modes.CTR(iv))
    plain = cipher.decryptor().update(encrypted)
    assert plain == synthetic_bytes(9, MIB, MIB)
    hashes = await ask(call, upload.GetCdnFileHashes(file_token=redirect.file_token, offset=MIB))
    assert sum(item.limit for item in hashes) == MIB
    for item in hashes:
        piece = plain[item.offset - MIB : item.offset - MIB + item.limit]
        assert hashlib.sha256(piece).digest() == item.hash


async def test_expired_tokens_are_refused_and_the_new_ones_have_other_keys(call: Call, film: StoredFile) -> None:
    query = upload.GetFile(location=location(call.server, film), offset=0, limit=MIB, cdn_supported=True)
    before = await ask(call, query)
    call.server.files.expire_cdn_tokens()
    after = await ask(call, query)
    assert before.encryption_key != after.encryption_key
    for dc_id, old in (
        (CDN, upload.GetCdnFile(file_token=before.file_token, offset=0, limit=4096)),
        (2, upload.GetCdnFileHashes(file_token=before.file_token, offset=0)),
        (2, upload.ReuploadCdnFile(file_token=before.file_token, request_token=b"x")),
    ):
        assert await refusal(on_dc(call, dc_id), old) == (400, "FILE_TOKEN_INVALID")


async def test_a_file_may_have_no_hashes(call: Call, film: StoredFile) -> None:
    query = upload.GetFileHashes(location=location(call.server, film), offset=0)
    assert len(await ask(call, query)) == 8
    film.hashed = False
    assert await ask(call, query) == []


async def test_wrong_cdn_requests_are_refused(call: Call, film: StoredFile) -> None:
    cdn = on_dc(call, CDN)
    query = upload.GetFile(location=location(call.server, film), offset=0, limit=MIB, cdn_supported=True)
    token = (await ask(call, query)).file_token
    assert await refusal(call, upload.GetCdnFile(file_token=token, offset=0, limit=4096)) == (400, "CDN_METHOD_INVALID")
    forged = token[:-1] + bytes([token[-1] ^ 1])
    assert await refusal(cdn, upload.GetCdnFile(file_token=forged, offset=0, limit=4096)) == (400, "FILE_TOKEN_INVALID")
    assert await refusal(cdn, upload.GetCdnFile(file_token=token, offset=5, limit=4096)) == (400, "OFFSET_INVALID")
    wrong = upload.ReuploadCdnFile(file_token=token, request_token=b"no")
    assert await refusal(call, wrong) == (400, "REQUEST_TOKEN_INVALID")
    assert await refusal(on_dc(call, 4), wrong) == (303, "FILE_MIGRATE_2")


async def test_parts_are_saved_for_the_account_that_sends_them(call: Call) -> None:
    data = synthetic_bytes(3, 0, 1500)
    assert await ask(call, upload.SaveFilePart(file_id=5, file_part=0, bytes=data[:1024])) is True
    assert await ask(call, upload.SaveFilePart(file_id=5, file_part=1, bytes=data[1024:])) is True
    big = upload.SaveBigFilePart(file_id=6, file_part=0, file_total_parts=-1, bytes=data)
    assert await ask(call, big) is True
    for sent in (
        raw.types.InputFile(id=5, parts=2, name="a", md5_checksum=hashlib.md5(data).hexdigest()),
        raw.types.InputFileBig(id=6, parts=1, name="b"),
    ):
        file = call.server.files.from_upload(call.user, sent, dc_id=2)
        assert file.content.read(0, 4096) == data
    wrong = upload.SaveBigFilePart(file_id=6, file_part=3, file_total_parts=3, bytes=data)
    assert await refusal(call, wrong) == (400, "FILE_PART_INVALID")
    assert call.server.counters.value("parts_saved", user=ALICE) == 3
