"""The RSA keys and addresses of CDN data centres, requested from the home data centre (core.telegram.org/cdn)."""

from collections.abc import Mapping
from typing import Any, Protocol

from pyrogram import raw

from streamvault.errors import SourceError
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.mtproto.rsa_keys import public_key
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.sessions.stored_session import StoredSession


class CdnAccount(Protocol):
    """What is needed of an account."""

    data_centres: DataCentres
    session: StoredSession

    async def call(self, query: Any) -> Any: ...


async def cdn_keys(account: CdnAccount, dc_id: int) -> Mapping[int, Any]:
    """The RSA keys of a CDN data centre by fingerprint. `account.data_centres` knows its addresses afterwards.

    The keys change, so they are requested for every new auth key. SourceError when Telegram returns none; else as
    Account.call.
    """
    if not account.data_centres.find(dc_id, cdn=True):
        await refresh_addresses(account, account.session, data_centres=account.data_centres)
    config = await account.call(raw.functions.help.GetCdnConfig())
    try:
        keys = dict(public_key(key.public_key.encode()) for key in config.public_keys if key.dc_id == dc_id)
    except (AttributeError, ValueError) as error:
        raise SourceError(f"the keys of the CDN data centre {dc_id} cannot be read: {error}") from error
    if not keys:
        raise SourceError(f"Telegram returned no key of the CDN data centre {dc_id}")
    return keys
