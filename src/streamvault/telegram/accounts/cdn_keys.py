"""What it takes to speak to a CDN data centre: its RSA keys and its addresses, which the account's home tells."""

from collections.abc import Mapping
from typing import Any, Protocol

from pyrogram import raw

from streamvault.errors import SourceError
from streamvault.telegram.accounts.bot_login import learn_addresses
from streamvault.telegram.mtproto.rsa_keys import public_key
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.sessions.stored_session import StoredSession


class Home(Protocol):
    """What is needed of an account."""

    directory: DataCentres
    session: StoredSession

    async def call(self, query: Any) -> Any: ...


async def cdn_keys(account: Home, dc_id: int) -> Mapping[int, Any]:
    """The RSA keys of a CDN data centre by fingerprint; its addresses are in the directory then.

    Keys change, so they are asked for whenever an auth key is to be made. SourceError when Telegram tells none;
    else as Account.call.
    """
    if not account.directory.find(dc_id, cdn=True):
        await learn_addresses(account, account.session, directory=account.directory)
    config = await account.call(raw.functions.help.GetCdnConfig())
    try:
        keys = dict(public_key(key.public_key.encode()) for key in config.public_keys if key.dc_id == dc_id)
    except (AttributeError, ValueError) as error:
        raise SourceError(f"the keys of the CDN data centre {dc_id} cannot be read: {error}") from error
    if not keys:
        raise SourceError(f"Telegram tells no key of the CDN data centre {dc_id}")
    return keys
