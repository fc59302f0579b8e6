"""Locations: their accounts and expiry, and files in TL form for an account."""

from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from tests.support import films
from tests.support.offline import SetClock
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.errors import RpcError
from tgemulator.world.content import BytesContent, SyntheticContent
from tgemulator.world.files import FileStore
from tgemulator.world.images import image_size
from tgemulator.world.model import User
from tgemulator.world.stored_file import StoredFile, Thumb

ALICE, BOB = User(1, "Alice", 2), User(2, "Bob", 2)
ORIGIN = ("channel", 5, 9)


@pytest.fixture
def files(clock: SetClock) -> FileStore:
    return FileStore(EmulatorConfig(clock=clock))


@pytest.fixture
def film(files: FileStore) -> StoredFile:
    thumb = Thumb("m", 320, 180, BytesContent(b"thumbnail"))
    video = raw.types.DocumentAttributeVideo(duration=3.5, w=640, h=360)
    return files.add(
        SyntheticContent(3 << 30, 1),
        dc_id=4,
        name="film.mp4",
        mime_type="video/mp4",
        attributes=[video],
        thumbs=[thumb],
    )


def location(files: FileStore, file: StoredFile, *, account: User = ALICE, thumb: str = "", **changes: Any) -> Any:
    """A location as a client makes it from a message of this account."""
    document = files.media_for(file, account_id=account.id, origin=ORIGIN).document
    parts = {"id": document.id, "access_hash": document.access_hash, "file_reference": document.file_reference}
    return raw.types.InputDocumentFileLocation(**{**parts, "thumb_size": thumb, **changes})


def refused(files: FileStore, asked: Any, *, account: User = ALICE) -> str:
    """The error text of locate."""
    with pytest.raises(RpcError) as error:
        files.locate(asked, account.id)
    assert error.value.code == 400
    return error.value.text


def test_a_document_looks_like_telegrams(files: FileStore, film: StoredFile) -> None:
    media = files.media_for(film, account_id=ALICE.id, origin=ORIGIN)
    document = media.document
    assert media.video is True
    assert media.round is None
    assert (document.size, document.dc_id, document.mime_type) == (3 << 30, 4, "video/mp4")
    assert document.attributes[-1] == raw.types.DocumentAttributeFilename(file_name="film.mp4")
    [thumb] = document.thumbs
    assert (thumb.type, thumb.w, thumb.h, thumb.size) == ("m", 320, 180, 9)
    assert int.from_bytes(media.write()[:4], "little") == raw.types.MessageMediaDocument.ID


def test_a_name_that_is_an_attribute_already_is_not_added_twice(files: FileStore) -> None:
    given = raw.types.DocumentAttributeFilename(file_name="given")
    file = files.add(BytesContent(b""), dc_id=1, name="other", attributes=[given])
    assert file.attributes == [given]


def test_a_location_is_found_by_its_account(files: FileStore, film: StoredFile) -> None:
    assert files.locate(location(files, film), ALICE.id) == (film, film.content)
    assert files.locate(location(files, film, thumb="m"), ALICE.id) == (film, film.thumbs[0].content)


def test_the_id_is_the_same_for_all_accounts_and_the_rest_is_not(files: FileStore, film: StoredFile) -> None:
    mine, theirs = location(files, film), location(files, film, account=BOB)
    assert mine.id == theirs.id
    assert mine.access_hash != theirs.access_hash
    assert mine.file_reference != theirs.file_reference


def test_the_error_names_what_is_wrong_with_a_location(files: FileStore, film: StoredFile) -> None:
    bob = location(files, film, account=BOB)
    assert refused(files, location(files, film, id=film.id + 1)) == "FILE_ID_INVALID"
    assert refused(files, location(files, film, access_hash=bob.access_hash)) == "LOCATION_INVALID"
    assert refused(files, location(files, film, file_reference=bob.file_reference)) == "FILE_REFERENCE_INVALID"
    assert refused(files, location(files, film, file_reference=b"")) == "FILE_REFERENCE_EMPTY"
    assert refused(files, location(files, film, file_reference=b"x")) == "FILE_REFERENCE_INVALID"
    assert refused(files, location(files, film, thumb="y")) == "LOCATION_INVALID"
    assert refused(files, raw.types.InputTakeoutFileLocation()) == "LOCATION_INVALID"
    photo = {"id": film.id, "access_hash": files.access_hash(film, ALICE.id), "file_reference": b"x"}
    assert refused(files, raw.types.InputPhotoFileLocation(**photo, thumb_size="y")) == "LOCATION_INVALID"


def test_a_reference_belongs_to_its_file(files: FileStore, film: StoredFile) -> None:
    other = files.add(BytesContent(b"x"), dc_id=4)
    reference = location(files, other).file_reference
    assert refused(files, location(files, film, file_reference=reference)) == "FILE_REFERENCE_INVALID"


@pytest.mark.parametrize("every", [True, False])
def test_expire_references_expires_one_or_all(files: FileStore, film: StoredFile, every: bool) -> None:
    other = files.add(BytesContent(b"x"), dc_id=4)
    old, old_other = location(files, film), location(files, other)
    files.expire_references(None if every else film)
    assert refused(files, old) == "FILE_REFERENCE_EXPIRED"
    assert files.locate(location(files, film), ALICE.id)[0] is film
    if every:
        assert refused(files, old_other) == "FILE_REFERENCE_EXPIRED"
    else:
        assert files.locate(old_other, ALICE.id)[0] is other


def test_references_expire_with_time_when_they_have_a_lifetime(
    files: FileStore, film: StoredFile, clock: SetClock
) -> None:
    files.reference_lifetime = 3600
    old = location(files, film)
    clock.now += 3600
    assert files.locate(old, ALICE.id)[0] is film
    clock.now += 1
    assert refused(files, old) == "FILE_REFERENCE_EXPIRED"
    assert files.locate(location(files, film), ALICE.id)[0] is film


def test_a_reference_differs_per_origin(files: FileStore, film: StoredFile) -> None:
    first = files.file_reference(film, ALICE.id, origin=ORIGIN)
    assert first == files.file_reference(film, ALICE.id, origin=ORIGIN)
    assert first != files.file_reference(film, ALICE.id, origin=("channel", 5, 10))


def test_locations_stay_valid_after_a_restart_with_a_folder(tmp_path: Path) -> None:
    config = EmulatorConfig(folder=tmp_path / "emulator")
    asked = [
        location(store, store.add(BytesContent(b"x"), dc_id=1)) for store in (FileStore(config), FileStore(config))
    ]
    assert asked[0] == asked[1]
    assert (tmp_path / "emulator" / "files_secret").stat().st_mode & 0o777 == 0o600


def test_a_photo_has_sizes_and_is_found_by_their_letters(files: FileStore, jpeg: bytes) -> None:
    thumbs = [Thumb("i", 0, 0, BytesContent(b"\1\2\3")), Thumb("m", 320, 180, BytesContent(b"small"))]
    file = files.add(BytesContent(jpeg), dc_id=2, kind="photo", thumbs=thumbs)
    photo = files.media_for(file, account_id=ALICE.id, origin=ORIGIN).photo
    stripped, small, large = photo.sizes
    assert stripped == raw.types.PhotoStrippedSize(type="i", bytes=b"\1\2\3")
    assert (small.type, small.size) == ("m", 5)
    assert (large.type, large.w, large.h, large.size) == ("x", 640, 360, len(jpeg))
    parts = {"id": photo.id, "access_hash": photo.access_hash, "file_reference": photo.file_reference}
    found = [
        files.locate(raw.types.InputPhotoFileLocation(**parts, thumb_size=letter), ALICE.id)[1] for letter in ("m", "x")
    ]
    assert found == [thumbs[1].content, file.content]
    assert refused(files, raw.types.InputPhotoFileLocation(**parts, thumb_size="")) == "LOCATION_INVALID"


def test_an_upload_becomes_a_file(files: FileStore) -> None:
    files.uploads.save((ALICE.id, 5, False), 0, data=b"content", total=None, most=4000)
    files.uploads.save((ALICE.id, 6, False), 0, data=films.jpeg((320, 180)), total=None, most=4000)
    named = raw.types.InputFile(id=5, parts=1, name="note.txt", md5_checksum="")
    picture = raw.types.InputFile(id=6, parts=1, name="thumb.jpg", md5_checksum="")
    file = files.from_upload(ALICE, named, dc_id=2, mime_type="text/plain", thumb=picture)
    assert (file.name, file.dc_id, file.content.read(0, 99)) == ("note.txt", 2, b"content")
    assert [(thumb.type, thumb.width, thumb.height) for thumb in file.thumbs] == [("i", 320, 180), ("m", 320, 180)]
    assert files.locate(location(files, file), ALICE.id)[0] is file


def test_an_upload_that_is_no_picture_is_refused_as_a_photo(files: FileStore) -> None:
    files.uploads.save((ALICE.id, 5, False), 0, data=b"content", total=None, most=4000)
    named = raw.types.InputFile(id=5, parts=1, name="x.jpg", md5_checksum="")
    with pytest.raises(RpcError, match="IMAGE_PROCESS_FAILED"):
        files.from_upload(ALICE, named, dc_id=2, kind="photo")


def test_a_file_is_sent_again_by_its_input_document(files: FileStore, film: StoredFile) -> None:
    document = files.media_for(film, account_id=ALICE.id, origin=ORIGIN).document
    parts = {"id": document.id, "access_hash": document.access_hash, "file_reference": document.file_reference}
    assert files.from_input(ALICE, raw.types.InputDocument(**parts)) is film
    with pytest.raises(RpcError, match="MEDIA_EMPTY"):
        files.from_input(BOB, raw.types.InputDocument(**parts))
    with pytest.raises(RpcError, match="MEDIA_EMPTY"):
        files.from_input(ALICE, raw.types.InputPhoto(**parts))
    files.expire_references()
    with pytest.raises(RpcError, match="FILE_REFERENCE_EXPIRED"):
        files.from_input(ALICE, raw.types.InputDocument(**parts))


def test_the_cdn_dc_is_known() -> None:
    assert FileStore(EmulatorConfig(dcs=(DcConfig(1), DcConfig(203, cdn=True)))).cdn_dc == 203
    assert FileStore(EmulatorConfig()).cdn_dc is None


def test_picture_sizes_come_from_their_headers(jpeg: bytes) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (30).to_bytes(4, "big") + (20).to_bytes(4, "big")
    gif = b"GIF89a" + (7).to_bytes(2, "little") + (9).to_bytes(2, "little")
    assert [image_size(data) for data in (jpeg, png, gif)] == [(640, 360), (30, 20), (7, 9)]
    assert [image_size(data) for data in (b"", b"text", jpeg[:20], b"\xff\xd8\xff", png[:20])] == [None] * 5
