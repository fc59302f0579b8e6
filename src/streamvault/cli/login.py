"""`streamvault login`: logs a user account in, and keeps it as a session of its own beside the bot's."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from streamvault.datadir import open_data_dir
from streamvault.errors import ConfigError, SourceBusy, SourceError
from streamvault.metrics import Metrics
from streamvault.settings import Settings
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.login_texts import refused
from streamvault.telegram.accounts.spec import user_spec
from streamvault.telegram.accounts.user_account import display_name, parse_user_session, session_string_digest
from streamvault.telegram.accounts.user_login import Prompt, UserLogin
from streamvault.telegram.errors import LoginRefused, SessionEnded
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.session_strings import session_string
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.stores import Stores


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is logged in, for people; `anew`: by this command. `string` is for USER_SESSION, elsewhere."""

    name: str
    anew: bool
    string: str

    def __repr__(self) -> str:
        return f"LoggedIn({self.name!r})"


async def log_in(settings: Settings, asks: Prompt) -> LoggedIn:
    """Log the user account of these settings in, unless it is. What Telegram has ended is set aside first.

    ConfigError for a wrong setting or a session in use, SourceError with one sentence for what Telegram refuses.
    """
    folder = open_data_dir(settings.data_dir)
    settings = settings.model_copy(update={"data_dir": folder})
    async with Stores(settings) as stores:
        try:
            return await _enter(settings, stores, asks)
        except SessionEnded as error:
            asks.say(str(error))
        backend = stores.backend(user_spec(settings).name)
        taken = (await backend.peek()).get(codec.IMPORTED)
        asks.say(f"it is kept as {await backend.set_aside(datetime.now(UTC).strftime('ended-%Y%m%dT%H%M%S.%f'))}")
        return await _enter(settings, stores, asks, taken=None if taken is None else codec.unpack_plain(taken))


def how_to_go_on(found: LoggedIn) -> tuple[str, ...]:
    """Who is logged in, and what that changes."""
    return (
        f"logged in as {found.name}" if found.anew else f"already logged in as {found.name}",
        "`streamvault serve` and `streamvault index` read histories with it from now on; a running server takes it up",
    )


async def _enter(settings: Settings, stores: Stores, asks: Prompt, *, taken: str | None = None) -> LoggedIn:
    """One try. SessionEnded for a session that is of no use any more, once it is closed.

    `taken` is the session string that was imported before, which must not take the place of this login.
    """
    metrics, spec = Metrics(), user_spec(settings)
    account = Account(
        spec, settings, metrics, backend=stores.backend(spec.name),
        network=Network(settings.proxy_url, ip_version=settings.ip_version), server_clock=ServerClock(),
        login_policy=UserLogin(
            asks, api_id=settings.api_id, api_hash=settings.api_hash, login_counter=metrics.logins_total
        ),
    )  # fmt: skip
    try:
        await account.acquire_session()
        known = account.session.home is not None
        await account.open(_nothing)
        if settings.user_session is not None:
            taken = session_string_digest(parse_user_session(settings.user_session, api_id=settings.api_id))
        if taken is not None and not known:
            await account.session.set_imported(taken)
        return LoggedIn(await display_name(account), not known, _string(account.session, api_id=settings.api_id))
    except SessionHeld as held:
        raise ConfigError(f"{held}, so somebody is logged in: to change that, stop it first") from held
    except LoginRefused as error:
        raise SourceError(refused(error.code)) from error
    except SourceBusy as busy:
        until = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + busy.retry_after))
        raise SourceError(
            f"no login before {until} ({busy.retry_after:.0f} s): run the command again then, not earlier"
        ) from busy
    finally:
        await account.close()


def _string(session: StoredSession, *, api_id: int) -> str:
    home = session.home
    key = session.key(home.dc_id) if home is not None else None
    if home is None or key is None:
        raise RuntimeError("a session that is online knows its home")
    return session_string(home.dc_id, key.key, api_id=api_id, user_id=home.user_id)


def _nothing(_: Any) -> None:
    """No handlers."""
