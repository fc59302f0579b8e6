"""Translation of pymongo's errors, and how MongoDatabase runs and cancels work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from bson.errors import InvalidDocument
from pydantic import SecretStr
from pymongo import ReadPreference
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from streamvault.errors import CatalogError, ConfigError
from streamvault.storage.mongo import CALL_TIMEOUT, MongoDatabase, translated
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets


class LifetimeTimeout(Exception):
    """Stands for dnspython's error."""

    __module__ = "dns.resolver"


class LabelTooLong(Exception):
    """Stands for dnspython's error."""

    __module__ = "dns.name"


def _lookup(cause: Exception) -> ConfigurationError:
    error = ConfigurationError("a name with a secret")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationFailure("bad auth", 18), ConfigError),
        (OperationFailure("over the quota", 11601), CatalogError),
        (ServerSelectionTimeoutError("nobody"), CatalogError),
        (AutoReconnect("lost"), CatalogError),
        (NetworkTimeout("slow"), CatalogError),
        (PyMongoError("anything"), CatalogError),
        (InvalidDocument("no"), CatalogError),
        (OverflowError("too large"), CatalogError),
        (ConfigurationError("server too old"), ConfigError),
        (_lookup(LabelTooLong()), ConfigError),
        (_lookup(LifetimeTimeout()), CatalogError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_pymongos_errors_are_translated_without_their_texts(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, translated():
        raise error
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is error


async def test_credentials_refused_after_the_first_success_raise_catalog_error() -> None:
    """A database user that loses its rights while the server runs must not end the server."""

    async def refused() -> None:
        raise OperationFailure("bad auth", 18)

    async with MongoDatabase(SecretStr("mongodb://127.0.0.1:9/x"), connect=False) as database:
        with pytest.raises(ConfigError):
            await database.run(refused())
        database._reached = True
        with pytest.raises(CatalogError):
            await database.run(refused())


async def test_reads_go_to_the_primary_whatever_the_url_prefers() -> None:
    url = SecretStr("mongodb://127.0.0.1:9/x?readPreference=secondaryPreferred")
    async with MongoDatabase(url, connect=False) as database:
        assert database.database["files"].read_preference == ReadPreference.PRIMARY


async def test_a_call_of_a_server_that_never_answers_ends_in_time() -> None:
    """The server accepts connections; measured on the loop's clock, which counts what it waited for."""
    loop = asyncio.get_running_loop()
    held: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    url = SecretStr(f"mongodb://127.0.0.1:{silent.sockets[0].getsockname()[1]}/x")
    async with MongoDatabase(url, connect=False) as database:
        began = loop.time()
        with pytest.raises(CatalogError, match="does not answer"):
            await database.run(database.database["files"].find_one())
        assert loop.time() - began < CALL_TIMEOUT + 0.5
    assert held
    silent.close()
    for writer in held:
        writer.close()


async def test_work_with_one_lock_runs_one_after_the_other() -> None:
    running, most, turn = 0, 0, asyncio.Lock()

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    async with MongoDatabase(SecretStr("mongodb://127.0.0.1:9/x"), connect=False) as database:
        await asyncio.gather(*(database.run(work(), lock=turn) for _ in range(5)))
    assert most == 1


async def test_closing_does_not_wait_for_endless_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamvault.storage.mongo._DRAIN_TIMEOUT", 0.01)
    turn, never = asyncio.Lock(), asyncio.Event()
    async with MongoDatabase(SecretStr("mongodb://127.0.0.1:9/x"), connect=False) as database:
        first = asyncio.create_task(database.run(_wait(never), lock=turn))
        second = asyncio.create_task(database.run(_wait(never), lock=turn))
        await asyncio.sleep(0)
    for task in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await task


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


Answering = Callable[[dns.message.Message], bytes | None]


@asynccontextmanager
async def name_server(monkeypatch: pytest.MonkeyPatch, answer: Answering) -> AsyncIterator[None]:
    """All names are asked of a server on loopback that `answer` answers for; None is silence."""

    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            if (reply := answer(dns.message.from_wire(data))) is not None:
                self.transport.sendto(reply, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], transport.get_extra_info("sockname")[1]
    monkeypatch.setattr(dns.asyncresolver, "default_resolver", resolver)
    try:
        yield
    finally:
        transport.close()


def _reply(query: dns.message.Message, rcode: int = dns.rcode.NOERROR, *records: str) -> bytes:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    reply.set_rcode(dns.rcode.Rcode(rcode))
    question = query.question[0]
    if records:
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "SRV", *records))
    return reply.to_wire()


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (lambda _: None, CatalogError, "the name cluster.example.net cannot be resolved"),
        (lambda query: _reply(query, dns.rcode.SERVFAIL), CatalogError, "the name cluster.example.net cannot be"),
        (lambda query: _reply(query, dns.rcode.REFUSED), CatalogError, "the name cluster.example.net cannot be"),
        (lambda query: _reply(query, dns.rcode.NXDOMAIN), CatalogError, r"cannot be resolved \(NXDOMAIN\)"),
        (_reply, ConfigError, "cluster.example.net has no SRV record"),
    ],
    ids=["silent", "SERVFAIL", "REFUSED", "NXDOMAIN", "no SRV record"],
)
async def test_a_name_that_cannot_be_looked_up_may_be_later(
    monkeypatch: pytest.MonkeyPatch, answer: Answering, expected: type[Exception], words: str
) -> None:
    """1: a host may start before its name service does; only an answer that the name has no SRV record is final."""
    monkeypatch.setattr("streamvault.storage.mongo.CALL_TIMEOUT", 0.2)
    async with name_server(monkeypatch, answer):
        with pytest.raises(expected, match=words) as caught:
            async with MongoDatabase(SecretStr("mongodb+srv://u:hidden-word@cluster.example.net/x")):
                pass
    assert "hidden-word" not in str(caught.value)


async def test_a_name_is_looked_up_again_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """1: the second attempt gets past the lookup, to a server that nobody can reach."""
    asked: list[str] = []

    def answer(query: dns.message.Message) -> bytes:
        asked.append(str(query.question[0].name))
        if len(asked) == 1:
            return _reply(query, dns.rcode.SERVFAIL)
        return _reply(query, dns.rcode.NOERROR, *(["0 0 9 db.example.net."] if asked[-1].startswith("_") else []))

    monkeypatch.setattr("streamvault.storage.mongo.CALL_TIMEOUT", 0.2)
    url = SecretStr("mongodb+srv://u:p@cluster.example.net/x")
    async with name_server(monkeypatch, answer), MongoDatabase(url, connect=False) as database:
        with pytest.raises(CatalogError, match="cannot be resolved"):
            await database.connect()
        with pytest.raises(CatalogError, match="does not answer"):
            await database.connect()
