"""Checks the accounts while the server runs, and reports what cannot be done: connections, floods, data centres."""

import asyncio
import time
from collections.abc import Callable

from streamvault.health.conditions import Cause, Conditions
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.accounts.supervisor import AccountSupervisor

CHECK_EVERY = 1.0
"""Seconds between two checks."""
LOST_AFTER = 3.0
"""Seconds for which a connection has to be lost before that is a condition: Telegram closes some, to move accounts."""
LEAST_FLOOD = 5.0
"""Seconds of a flood wait below which it is no condition: whoever asked waits for it."""

UNREACHABLE = (
    "Telegram cannot be reached; it is tried again until it answers: if that lasts, check the network and PROXY_URL "
    "with `streamvault doctor`"
)
LOST = "Telegram has ended the bot's session, or another process uses it: the bot logs in again as soon as it may"
HELD = "another process holds the bot's session: end it, or wait until it has ended"
LOGIN_FLOOD = "Telegram allows the bot's next login only later: wait until then, restarting does not help"
STORE_AWAY = "the database with the sessions does not answer: start it, or correct DATABASE_URL"
LATE = "Telegram does not tell what was posted, so posts are listed late; it is asked again until it does"
UNSTORED = "posts cannot be stored and are listed late: make room on the disk of the database, or start the database"

_DATA_CENTRE = (
    "files of a data centre cannot be read, but for what is in the cache, as it cannot be reached; it is tried again: "
    "if that lasts, `streamvault doctor` checks the way to it"
)
_FLOODED = {
    "file": "Telegram sends no files, and only what is in the cache is served: wait, restarting does not help",
    "messages": "files that were not opened lately cannot be opened, but for what is in the cache: wait, restarting "
    "does not help",
    "export": "files of data centres that were not used so far cannot be read: wait, restarting does not help",
    "upload": "Telegram brakes uploads: what is on its way goes on after the wait, restarting does not help",
    "login": LOGIN_FLOOD,
}
_OTHER_FLOOD = "Telegram answers one kind of request only later: wait, restarting does not help"
_ACCOUNT = {
    "held": "another process holds the session of an account beside the bot: end it, or wait until it has ended",
    "refused": "an account beside the bot is not used: it is logged out or banned, or its settings are wrong; "
    "`streamvault doctor` says which",
    "flooded": "an account beside the bot may not log in yet: wait until then",
    "away": "an account beside the bot cannot be connected: it is tried again until it can",
}


class TelegramHealth:
    """Reports the conditions of connected accounts. `clock` returns Unix seconds."""

    def __init__(
        self, accounts: AccountPool, conditions: Conditions, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._accounts = accounts
        self._conditions = conditions
        self._clock = clock

    def observe(self) -> None:
        """Report what is the case now."""
        accounts, conditions = self._accounts.all, self._conditions
        conditions.replace("telegram", dict(filter(None, map(self._connection, accounts))))
        conditions.replace("flood", {k: v for account in accounts for k, v in self._floods(account).items()})
        conditions.replace("data_centre", self._data_centres(accounts))
        conditions.replace("account", dict(filter(None, map(self._supervised, self._accounts.supervisors))))

    def _connection(self, account: Account) -> tuple[str, Cause] | None:
        lost_for = account.lost_for
        if lost_for is None or lost_for < LOST_AFTER:
            return None
        return account.name, Cause(UNREACHABLE, since=self._clock() - lost_for)

    def _floods(self, account: Account) -> dict[str, Cause]:
        return {
            f"{account.name} {family}": Cause(_FLOODED.get(family, _OTHER_FLOOD), until=until)
            for family, until in account.floods.closed(least=LEAST_FLOOD).items()
        }

    def _data_centres(self, accounts: list[Account]) -> dict[str, Cause]:
        """Those that no account can reach that has tried."""
        tries: dict[int, list[float]] = {}
        for account in accounts:
            for dc_id, failing_for in account.media_sessions.failing_for.items():
                tries.setdefault(dc_id, []).append(failing_for or 0.0)
        return {
            str(dc_id): Cause(_DATA_CENTRE, since=self._clock() - min(lengths))
            for dc_id, lengths in sorted(tries.items())
            if min(lengths) >= LOST_AFTER
        }

    def _supervised(self, supervisor: AccountSupervisor) -> tuple[str, Cause] | None:
        reason = _ACCOUNT.get(supervisor.state)
        if reason is None or (supervisor.state == "away" and self._away_for(supervisor) < LOST_AFTER):
            return None
        flooded = supervisor.state == "flooded"
        return supervisor.name, Cause(reason, supervisor.problem, until=supervisor.until if flooded else None)

    def _away_for(self, supervisor: AccountSupervisor) -> float:
        return 0.0 if supervisor.away_since is None else asyncio.get_running_loop().time() - supervisor.away_since


async def watch_conditions(conditions: Conditions) -> None:
    """Check until cancelled, so that the log tells of conditions that nobody asks for."""
    while True:
        conditions.refresh()
        await asyncio.sleep(CHECK_EVERY)
