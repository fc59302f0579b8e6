"""Checks that a data centre answers, without creating a key or logging in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamvault.errors import SourceUnavailable
from streamvault.telegram.errors import translated
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.handshake import Handshake
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.network.routes import Network, close_connection


@dataclass(frozen=True, slots=True)
class DataCentreAnswer:
    """Milliseconds for connecting and for one answer; seconds by which this machine's clock is behind the server's."""

    connected: float
    answered: float
    behind: float


async def probe_data_centre(
    network: Network, address: DcAddress, *, timeout: float, clock: Callable[[], float] = time.monotonic
) -> DataCentreAnswer:
    """Connect to one address and request resPQ. SourceUnavailable says what failed."""
    began = clock()
    connection = await network.dial(address.dc_id, (address,), media=address.media_only, timeout=timeout)
    connected = clock()
    server_clock = ServerClock(warn=False)
    try:
        with translated():
            await Handshake(connection, server_clock, where=f"data centre {address.dc_id}").request_pq()
            network.worked(connection)
    finally:
        await close_connection(connection)
    answered = clock()
    return DataCentreAnswer((connected - began) * 1000, (answered - connected) * 1000, server_clock.ahead)


async def probe_any(network: Network, addresses: Sequence[DcAddress], *, timeout: float) -> None:
    """Return as soon as one of the addresses answers, each within `timeout` seconds. SourceUnavailable if none does."""
    for address in addresses:
        try:
            await probe_data_centre(network, address, timeout=timeout)
        except SourceUnavailable:
            continue
        return
    raise SourceUnavailable("no address of the data centre answers")
