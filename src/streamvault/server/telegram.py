"""Connects the Telegram accounts, with the bot on top, for as long as the server runs.

An account that Telegram has logged out does not end the server: it is closed, reported in /readyz, and logged in again
when that is allowed.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from streamvault.access.once import invitations
from streamvault.access.urls import Urls
from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.health.channels import ChannelHealth
from streamvault.health.conditions import Cause
from streamvault.health.telegram import HELD, LATE, LOGIN_FLOOD, LOST, STORE_AWAY, UNREACHABLE, UNSTORED, TelegramHealth
from streamvault.server.people import PeopleDesk
from streamvault.server.services import Services
from streamvault.server.voice_desk import PeopleVoice
from streamvault.settings import Settings
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.bot.desk import BotAccess
from streamvault.telegram.bot.handlers import VaultBot, register
from streamvault.telegram.bot.membership import ChannelMembership
from streamvault.telegram.errors import AccountLost
from streamvault.telegram.sessions.backend import StoreUnavailable
from streamvault.telegram.updates.index_queue import STORING
from streamvault.voice.rights import Control

log = logging.getLogger(__name__)


async def serve_telegram(
    services: Services, channels: ChannelHealth, *, ready: Callable[[], None], voice_missing: Callable[[], str]
) -> None:
    """Connect the accounts as soon as Telegram allows it, report that, and watch them; again when they are lost.

    `ready` is called once, when streams can be served. `voice_missing`: what is missing for playing in calls, as a
    sentence; "" for nothing. Raises ConfigError.
    """
    accounts, readiness = services.accounts, services.readiness
    bot = VaultBot(
        settings=services.settings,
        index=services.indexing.live,
        finder=services.finder,
        urls=Urls(services.settings, services.admission.links),
        access=_bot_access(services),
        voice=PeopleVoice(
            services.calls,
            services.admission.access,
            services.catalog,
            services.finder,
            control=Control(services.settings.voice_control),
            missing=voice_missing,
        ),
    )
    services.admission.access.people.membership = ChannelMembership(
        services.settings.member_channels, lambda: bot.client
    )
    conditions = readiness.conditions
    conditions.add_observer(TelegramHealth(accounts, conditions).observe)

    def on_failing(name: str, fails: bool) -> None:
        if fails:
            conditions.begin("updates", Cause(UNSTORED if name == STORING else LATE), subject=name)
        else:
            conditions.end("updates", subject=name)

    services.indexing.live.on_membership = channels.check_soon
    accounts.prepare = lambda client: register(client, bot, on_failing=on_failing)
    accounts.on_session_held = lambda until: readiness.waiting("lease", until, reason=HELD)
    try:
        await _keep_connected(services, bot, channels, ready=ready)
    finally:
        await bot.close()


def _bot_access(services: Services) -> BotAccess:
    chats, walks = services.finder.chats, services.indexing.walks
    return BotAccess(
        PeopleDesk(services.admission.access),
        services.admission.logins,
        services.admission.once_links,
        invitations(services.admission.records),
        chats.offers if chats.learns else None,
        lambda chat_id: walks.start(chat_id, again=False),
    )


async def _keep_connected(
    services: Services, bot: VaultBot, channels: ChannelHealth, *, ready: Callable[[], None]
) -> None:
    """See serve_telegram."""
    accounts, readiness = services.accounts, services.readiness
    backoff, reported = Backoff(), False
    readiness.waiting("telegram")
    while True:
        try:
            readiness.conditions.replace("updates", {})
            async with accounts:
                await bot.start(accounts.main.client)
                readiness.ready()
                channels.check_soon()
                services.mirrors.worker.look()
                log.info("ready: %s", services.settings.public_url)
                if not reported:
                    _log_next_steps(services.settings)
                    ready()
                    reported = True
                backoff.reset()
                await accounts.watch()
        except SourceBusy as error:
            readiness.waiting("flood", time.time() + error.retry_after, reason=LOGIN_FLOOD)
            await asyncio.sleep(error.retry_after)
            readiness.waiting("telegram")
        except (SourceUnavailable, AccountLost) as error:
            if isinstance(error, StoreUnavailable):
                readiness.waiting("database", reason=STORE_AWAY)
            else:
                reason = LOST if isinstance(error, AccountLost) else UNREACHABLE
                readiness.waiting("telegram", reason=reason, detail=_of_server(reason, services.settings))
            log.debug("not connected: %s", error)
            await asyncio.sleep(backoff.next())


def _of_server(reason: str, settings: Settings) -> str:
    """The reason for the log, with the server where that is not Telegram."""
    server = settings.telegram_server
    return reason if server is None else f"{reason} (TELEGRAM_SERVER is {server})"


def _log_next_steps(settings: Settings) -> None:
    """How the owner gets in, and what is missing for that there is something to see."""
    if not settings.public_access:
        log.info("`streamvault link --everything`, with these settings, prints a link to the whole library")
    if not settings.owner_ids and not settings.channels:
        log.warning(
            "neither OWNER_IDS nor CHANNELS is set: no channels are served but those that were served before; "
            "send the bot any message, it answers with your id for OWNER_IDS"
        )
