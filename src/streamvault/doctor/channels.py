"""Whether the bot may do in CHANNELS and VAULT_CHANNEL what a server needs."""

from collections.abc import AsyncIterator

from streamvault.doctor.finding import Finding, from_reason
from streamvault.errors import SourceError
from streamvault.health.channels import NO_SUCH_NAME, lacking
from streamvault.settings import Settings
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.history.rights import channel_by_name, rights_in


async def check_channels(settings: Settings, account: Account) -> AsyncIterator[Finding]:
    """One finding for each channel that the settings name."""
    for named in settings.channels:
        yield await _check(account, named, name=f"channel {named}", vault=False)
    if settings.vault_channel is None:
        detail = "VAULT_CHANNEL is not set, so the bot cannot keep files that are sent to it"
        yield Finding("vault", "warning", detail, "set it to a channel where the bot is an administrator who may post")
    else:
        yield await _check(account, settings.vault_channel, name="vault", vault=True)


async def _check(account: Account, named: int | str, *, name: str, vault: bool) -> Finding:
    try:
        chat_id = await channel_by_name(account, named) if isinstance(named, str) else named
        if chat_id is None:
            return from_reason(name, NO_SUCH_NAME)
        reason = lacking(await rights_in(account, chat_id), vault=vault)
    except SourceError:
        return Finding(name, "warning", "Telegram does not say now what the bot may do there", "try again later")
    if reason is not None:
        return from_reason(name, reason)
    return Finding(name, "ok", f"{named}: the bot may post there" if vault else "the bot sees every message there")
