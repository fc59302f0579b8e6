"""Opens connections to Telegram: directly or through proxies, over IPv4 or IPv6, whichever connects first.

Nothing goes past a proxy: once one is configured, no direct attempt is made, whatever fails.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pyrogram import raw
from pyrogram.connection import Connection
from pyrogram.connection.proxy import client_proxy_address
from python_socks import ProxyError

from streamvault.errors import SourceUnavailable
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.network.proxies import parse_proxies, proxy_name
from streamvault.telegram.network.transport import notifying_transport

ATTEMPT_TIMEOUT = 5.0
STAGGER_FAMILY, STAGGER_ROUTE = 0.25, 1.5
"""Seconds after which the next address family, or the next proxy, is tried in parallel with an attempt that has not
finished; RFC 8305 section 5 recommends 250 ms for the former.
"""
CLOSE_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Route:
    """A proxy, or None for a direct connection. `name` contains no credentials."""

    name: str
    proxy: Any = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    route: Route
    dc_id: int
    address: DcAddress
    media: bool


class Network:
    """The routes of one server, shared by all its accounts. `on_route_worked(name)` is called when one has worked."""

    def __init__(self, proxy_url: SecretStr | None, *, ip_version: str) -> None:
        """ConfigError for a PROXY_URL that cannot be parsed."""
        proxies = parse_proxies(proxy_url)
        self.on_route_worked: Callable[[str], None] = lambda _: None
        self._routes = [Route(proxy_name(proxy), proxy) for proxy in proxies] or [Route("direct")]
        self._ipv6_first = ip_version == "6"

    def describe(self) -> list[str]:
        """The proxies' names, in the order in which they are tried; empty without proxies."""
        return [route.name for route in self._routes if route.proxy is not None]

    def prefer(self, name: str | None) -> None:
        """Try the route with this name first, if there is one: it worked last."""
        self._routes.sort(key=lambda route: route.name != name)

    async def dial(self, dc_id: int, addresses: Sequence[DcAddress], *, media: bool, timeout: float) -> Any:
        """One of Kurigram's connections to a data centre, over the first route and address that connect.

        Its attribute `client_proxy` is the InputClientProxy for initConnection, or None. SourceUnavailable, within
        `timeout` seconds, lists what failed where.
        """
        attempts = self._attempts(dc_id, addresses, media=media)
        if not attempts:
            raise SourceUnavailable(f"no address of data centre {dc_id} is known")
        failures: dict[str, None] = {}
        try:
            async with asyncio.timeout(timeout):
                return await _race(attempts, failures)
        except TimeoutError:
            failures.setdefault(f"no connection within {timeout:.0f} s")
        raise SourceUnavailable("; ".join(failures))

    def worked(self, connection: Any) -> None:
        """A packet came over `connection`: its route and its address family are tried first from now on."""
        self._ipv6_first = connection.ipv6
        if self._routes[0] != connection.route:
            self.prefer(connection.route.name)
        self.on_route_worked(connection.route.name)

    def failed(self, connection: Any) -> None:
        """`connection` was lost before any packet came: its route is tried last from now on."""
        self._routes.sort(key=lambda route: route == connection.route)

    def _attempts(self, dc_id: int, addresses: Sequence[DcAddress], *, media: bool) -> list[_Attempt]:
        ordered = _interleaved(addresses, ipv6_first=self._ipv6_first)
        attempts = []
        for route in self._routes:
            # an MTProxy connects to the data centre by itself: one attempt, whatever the addresses
            targets = ordered if not _is_mtproxy(route) else ordered[:1] or [DcAddress(dc_id, "", 0)]
            attempts += [_Attempt(route, dc_id, address, media) for address in targets]
        return attempts


async def close_connection(connection: Any) -> None:
    """Close the socket and end the cipher thread, which Kurigram does not do."""
    protocol = connection.protocol
    if protocol is None:
        return
    if protocol.writer is not None:
        protocol.writer.transport.abort()
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await protocol.close()
    except TimeoutError:
        pass  # the socket is aborted; the task that still holds the protocol's lock will end
    finally:
        protocol.crypto_executor.shutdown(wait=False, cancel_futures=True)


def _interleaved(addresses: Sequence[DcAddress], *, ipv6_first: bool) -> list[DcAddress]:
    """Addresses of both families in turn, so that a broken family costs one stagger at most (RFC 8305 section 4)."""
    first = [address for address in addresses if address.ipv6 == ipv6_first]
    second = [address for address in addresses if address.ipv6 != ipv6_first]
    pairs = itertools.zip_longest(first, second)
    return [address for pair in pairs for address in pair if address is not None]


def _is_mtproxy(route: Route) -> bool:
    return client_proxy_address(route.proxy) is not None


async def _race(attempts: list[_Attempt], failures: dict[str, None]) -> Any:
    """The first connection that opens. The next attempt starts when one fails, or after the stagger."""
    waiting, running = attempts[:], dict[asyncio.Task[Any], _Attempt]()
    winner: asyncio.Task[Any] | None = None
    try:
        while waiting or running:
            stagger: float | None = None
            if waiting:
                attempt = waiting.pop(0)
                running[asyncio.create_task(_connect(attempt))] = attempt
                if waiting:
                    stagger = STAGGER_FAMILY if waiting[0].address.ipv6 != attempt.address.ipv6 else STAGGER_ROUTE
            done, _ = await asyncio.wait(running, timeout=stagger, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                attempt = running.pop(task)
                if task.exception() is not None:
                    failures.setdefault(_reason(attempt, task.exception()))
                elif winner is None:
                    winner = task
                else:
                    running[task] = attempt
            if winner is not None:
                break
    except BaseException:
        await _abandon(running)
        raise
    try:
        await _abandon(running)
    except BaseException:
        await _abandon([winner] if winner is not None else [])
        raise
    if winner is not None:
        return winner.result()
    raise SourceUnavailable("; ".join(failures))


async def _abandon(running: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the other attempts, and close what they opened."""
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if not isinstance(result, BaseException):
            await close_connection(result)


async def _connect(attempt: _Attempt) -> Any:
    address, route = attempt.address, attempt.route
    connection = Connection(
        attempt.dc_id,
        address.host,
        address.port,
        False,
        proxy=route.proxy,
        media=attempt.media,
        loop=asyncio.get_running_loop(),
    )
    connection.ipv6, connection.route, connection.client_proxy = address.ipv6, route, _client_proxy(route)
    connection.protocol = notifying_transport(connection.protocol_factory)(
        ipv6=address.ipv6, proxy=route.proxy, loop=connection.loop, dc_id=connection._protocol_dc_id
    )
    try:
        async with asyncio.timeout(ATTEMPT_TIMEOUT):
            await connection.protocol.connect((address.host, address.port))
    except BaseException:
        with contextlib.suppress(OSError):
            await close_connection(connection)
        raise
    return connection


def _client_proxy(route: Route) -> Any:
    address = client_proxy_address(route.proxy)
    return None if address is None else raw.types.InputClientProxy(address=address.hostname, port=address.port)


def _reason(attempt: _Attempt, error: BaseException | None) -> str:
    """A text for a failed attempt, without credentials. Errors of another kind are raised."""
    if not isinstance(error, OSError | ProxyError):
        raise error or RuntimeError("a connection vanished")
    target = f"{attempt.address.host}:{attempt.address.port}" if attempt.route.proxy is None else attempt.route.name
    text = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
    return f"{target}: {text}"
