"""Which channels the settings mean that name them by their usernames."""

import logging

from pyrogram import Client, raw, utils
from pyrogram import errors as rpc

from streamvault.errors import SourceError
from streamvault.indexing.chats import OurChats

log = logging.getLogger(__name__)


async def resolve_channels(client: Client, chats: OurChats) -> None:
    """Ask Telegram for the channels whose ids are not known yet. What it does not say now can be asked again."""
    for username in sorted(chats.unresolved):
        try:
            peer = await client.resolve_peer(username)
        except (rpc.UsernameNotOccupied, rpc.UsernameInvalid):
            continue  # health.channels reports it
        except (rpc.RPCError, SourceError, OSError) as error:
            log.warning("Telegram does not say now which channel @%s is; it is asked again", username)
            log.debug("@%s could not be resolved: %s", username, error)
            continue
        if isinstance(peer, raw.types.InputPeerChannel):
            chats.resolve(username, utils.get_channel_id(peer.channel_id))
