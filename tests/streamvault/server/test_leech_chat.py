"""Who may leech in a chat, and which links the end of a job brings, over what is stored."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from streamvault.access.identity import Person
from streamvault.access.links import LinkSigner, is_of_person
from streamvault.access.people import People
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.access.urls import Urls
from streamvault.catalog.base import Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.indexing.finder import FileFinder
from streamvault.leech.model import Described, Job, Options, Piece, State, Transfer
from streamvault.leech.unpacking.progress import Progress
from streamvault.media.model import Origin
from streamvault.metrics import Metrics
from streamvault.server.leech_chat import LeechDesk, job_file, job_links
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.history.messages import TelegramMessages
from tests.support.files import media_file

OWNER, MIA = 11, 22
VAULT, ELSEWHERE = -1_001_000_000_001, -1_001_000_000_002


@dataclass
class Office:
    """What is stored of people, and the links that it leads to."""

    people: People
    finder: FileFinder
    signer: LinkSigner
    urls: Urls
    catalog: SqliteCatalog

    async def role(self, person: int, target: int | None = VAULT) -> str:
        return await LeechDesk(self.people, lambda: target).role_of(Person(person, ""))

    async def links(self, job: Job) -> Any:
        return await job_links(self.finder, self.urls, self.people, job)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    values: dict[str, Any] = {
        "_env_file": None, "api_id": 1, "api_hash": "0" * 32, "bot_token": "700000009:x" + "y" * 34,
        "vault_channel": VAULT, "owner_ids": frozenset({OWNER}), "data_dir": tmp_path,
        "public_url": "https://tv.example.org",
    }  # fmt: skip
    settings = Settings(**values)
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(SqliteAccessRecords(tmp_path / "s.db"))
        catalog = await stack.enter_async_context(SqliteCatalog(tmp_path / "s.db"))
        messages = TelegramMessages(AccountPool(settings, Metrics()))
        finder = FileFinder(settings=settings, catalog=catalog, messages=messages)
        signer = LinkSigner(b"a secret of the tests")
        yield Office(People(records, owners={OWNER}), finder, signer, Urls(settings, signer), catalog)


def done(person: int | None, chat_id: int = VAULT) -> Job:
    pieces = (Piece(0, 1, size=1, message_id=42), Piece(1, 2, size=1, message_id=43))
    return Job(
        "0" * 16, "https://example.org/x", chat_id, 1.0, person=person, state=State.DONE,
        transfer=Transfer(Described("a film.mkv", 2), pieces, complete=True),
    )  # fmt: skip


async def test_owners_and_who_has_the_right_may_leech(office: Office) -> None:
    assert (await office.role(OWNER), await office.role(MIA)) == ("owner", "none")
    await office.people.invite(MIA, "Mia")
    assert await office.role(MIA) == "none", "members may not unless an owner says so"
    await office.people.invite(MIA, can=["read", "leech"])
    assert await office.role(MIA) == "member"
    await office.people.invite(MIA, chats=[ELSEWHERE])
    assert await office.role(MIA) == "none"
    await office.people.invite(MIA, chats=[ELSEWHERE, VAULT])
    assert (await office.role(MIA), await office.role(MIA, None)) == ("member", "none")
    await office.people.remove(MIA)
    assert await office.role(MIA) == "none"


async def test_the_links_of_owners_last(office: Office) -> None:
    for person in (OWNER, None):
        links = await office.links(done(person))
        [token] = parse_qs(urlsplit(links.watch).query)["token"]
        assert urlsplit(links.watch).path == f"/watch/{VAULT}/42"
        office.signer.check(token, Origin(VAULT, 42))


async def test_the_links_of_members_end_with_what_they_may(office: Office) -> None:
    await office.people.invite(MIA, "Mia", can=["read", "leech"])
    links = await office.links(done(MIA))
    [token] = parse_qs(urlsplit(links.download).query)["token"]
    grant = office.signer.claims(token, Origin(VAULT, 42)).grant
    assert grant is not None
    assert is_of_person(grant, MIA, removals=0)
    await office.people.invite(MIA, can=["leech"])
    assert await office.links(done(MIA)) is None
    await office.people.invite(MIA, can=["read", "leech"], chats=[ELSEWHERE])
    assert await office.links(done(MIA)) is None
    await office.people.remove(MIA)
    assert await office.links(done(MIA)) is None


async def test_the_file_is_that_of_the_library(office: Office) -> None:
    catalog = office.catalog
    await catalog.apply(Change(put=(media_file(42, chat_id=VAULT),)))
    job = done(OWNER)
    one = replace(job, transfer=replace(job.transfer, pieces=job.transfer.pieces[:1]))
    found = await job_file(catalog, one)
    assert found is not None
    assert found.origin == Origin(VAULT, 42)
    assert await job_file(catalog, job) is None, "in several messages"
    assert await job_file(catalog, replace(one, chat_id=ELSEWHERE)) is None


async def test_what_this_server_does_not_serve_has_no_links(office: Office) -> None:
    assert await office.links(done(OWNER, ELSEWHERE)) is None
    assert await office.links(replace(done(OWNER), transfer=Transfer())) is None


async def test_the_files_of_an_archive_have_no_link_under_its_name(office: Office) -> None:
    assert await office.links(done(OWNER)) is not None
    assert await office.links(replace(done(OWNER), options=Options(unzip=True))) is None
    for count, linked in ((1, True), (2, False)):
        torrent = replace(done(OWNER).transfer, complete=True, source={"unpacked": asdict(Progress("x", done=count))})
        assert (await office.links(replace(done(OWNER), transfer=torrent)) is not None) is linked
