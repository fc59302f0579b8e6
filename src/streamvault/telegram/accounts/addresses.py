"""The addresses of the data centres, as help.getConfig lists them."""

from typing import Any, Protocol

from pyrogram import raw

from streamvault.telegram.network.data_centres import DataCentres, from_config
from streamvault.telegram.sessions.stored_session import StoredSession


class Invoker(Protocol):
    """An open connection, or an account."""

    async def call(self, query: Any) -> Any: ...


async def refresh_addresses(invoker: Invoker, session: StoredSession, *, data_centres: DataCentres) -> None:
    """Call help.getConfig and store the addresses that it returns. Raises what `invoker.call` raises."""
    config = await invoker.call(raw.functions.help.GetConfig())
    addresses = from_config(config.dc_options)
    data_centres.learn(addresses)
    await session.set_addresses(addresses)
