"""Stored sessions in databases after SECRET_KEY was changed: nothing is lost, and the old key is needed once only."""

import pytest

from streamvault.errors import CatalogError, ConfigError
from streamvault.telegram.sessions.backend import Changes, Records, SessionHeld, StoreUnavailable
from streamvault.telegram.sessions.database import Rows
from streamvault.telegram.sessions.record_cipher import RecordCipher
from tests.contracts.session_backend import taken_over
from tests.streamvault.telegram.sessions.test_database import SECRET, UnreliableRows, backend_over
from tests.streamvault.telegram.sessions.test_database import rows as rows
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets

OLDER, OLDEST = b"an older key of enough characters", b"the oldest key of enough characters"
STORED = {"identity": b"{}", "key:2": b"precious" * 32, "peer:-1001": b""}
rotated = RecordCipher(SECRET, old=(OLDER, OLDEST))


async def stored_under(rows: Rows, *secrets: bytes) -> None:
    """STORED, its records encrypted under these secrets in turn."""
    ciphers = [RecordCipher(secret) for secret in secrets]
    assert await rows.claim(1, after=0, holder="before", ttl=0.0)
    records = {
        name: ciphers[number % len(ciphers)].encrypt("bot", name, value=value)
        for number, (name, value) in enumerate(STORED.items())
    }
    assert await rows.write(1, records)


async def opened_with_the_present_key_alone(rows: Rows) -> Records:
    return await taken_over(backend_over(rows))


@pytest.mark.parametrize("secrets", [(OLDER,), (OLDEST,), (OLDER, SECRET), (SECRET, OLDEST, OLDER)])
async def test_opening_encrypts_what_is_under_old_keys_under_the_present_one(
    rows: Rows, secrets: tuple[bytes, ...]
) -> None:
    await stored_under(rows, *secrets)
    backend = backend_over(rows, cipher=rotated)
    assert await backend.peek() == STORED
    assert await backend.open() == STORED
    await backend.close()
    assert await opened_with_the_present_key_alone(rows) == STORED


async def test_peeking_changes_nothing(rows: Rows) -> None:
    await stored_under(rows, OLDER)
    before = await rows.read()
    assert await backend_over(rows, cipher=rotated).peek() == STORED
    assert await rows.read() == before


async def test_a_session_under_the_present_key_is_not_written(rows: Rows) -> None:
    await stored_under(rows, SECRET)
    before = await rows.read()
    backend = backend_over(rows, cipher=rotated)
    assert await backend.open() == STORED
    await backend.close()
    assert await rows.read() == before


async def test_one_record_that_no_key_opens_leaves_all_as_they_are(rows: Rows) -> None:
    await stored_under(rows, OLDER, b"a key that was lost, of enough characters")
    before = await rows.read()
    with pytest.raises(ConfigError, match="OLD_SECRET_KEYS"):
        await backend_over(rows, cipher=rotated).open()
    assert await rows.read() == before


class FailingWrites(UnreliableRows):
    """The process, or the database, ends at the first write: before or after it is applied."""

    applied = False
    writes = 0

    async def write(self, token: int, changes: Changes) -> bool:
        self.writes += 1
        if self.applied:
            await super().write(token, changes)
        raise CatalogError("the database failed: no answer")


@pytest.mark.parametrize("applied", [False, True])
async def test_an_end_in_between_loses_nothing(rows: Rows, applied: bool) -> None:
    await stored_under(rows, OLDER, OLDEST)
    failing = FailingWrites(rows)
    failing.applied = applied
    with pytest.raises(StoreUnavailable):
        await backend_over(failing, cipher=rotated).open()
    assert failing.writes == 1
    assert await taken_over(backend_over(rows, cipher=rotated)) == STORED


class TakenOver(UnreliableRows):
    """Another process takes the lease just after the records were read."""

    async def read(self) -> Records:
        found = await super().read()
        assert await self.rows.claim(9, after=2, holder="another", ttl=60.0)
        assert await self.rows.write(9, {"key:2": RecordCipher(SECRET).encrypt("bot", "key:2", value=b"newer")})
        return found


async def test_a_holder_that_lost_the_lease_meanwhile_writes_nothing(rows: Rows) -> None:
    await stored_under(rows, OLDER)
    with pytest.raises(SessionHeld):
        await backend_over(TakenOver(rows), cipher=rotated).open()
    assert await backend_over(rows, cipher=rotated).peek() == {**STORED, "key:2": b"newer"}
