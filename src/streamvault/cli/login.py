"""The work of `streamvault login`: logs a user account in and stores its session beside the bot's."""

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
from streamvault.telegram.sessions.values import Home, StoredKey


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The account that is logged in, by name; `anew`: by this command. `string` is its session string."""

    name: str
    anew: bool
    string: str

    def __repr__(self) -> str:
        return f"LoggedIn({self.name!r})"


async def log_in(settings: Settings, prompt: Prompt) -> LoggedIn:
    """Log the user account of these settings in, unless it is. A session that Telegram has ended is set aside first.

    Nothing is asked either while another process uses a session that is logged in. Raises ConfigError for a wrong
    setting or a session with which another process logs in, SourceError with one sentence if Telegram refuses.
    """
    folder = open_data_dir(settings.data_dir)
    settings = settings.model_copy(update={"data_dir": folder})
    async with Stores(settings) as stores:
        try:
            return await _log_in_once(settings, stores, prompt)
        except SessionEnded as error:
            prompt.say(str(error))
        backend = stores.backend(user_spec(settings).name)
        imported = (await backend.peek()).get(codec.IMPORTED)
        prompt.say(f"it is kept as {await backend.set_aside(datetime.now(UTC).strftime('ended-%Y%m%dT%H%M%S.%f'))}")
        return await _log_in_once(
            settings, stores, prompt, imported=None if imported is None else codec.unpack_plain(imported)
        )


def next_steps(login: LoggedIn, *, voice: bool = False) -> tuple[str, ...]:
    """The lines to print: who is logged in, and what that changes."""
    who = f"logged in as {login.name}" if login.anew else f"already logged in as {login.name}"
    if voice:
        return who, "it plays in calls of the chats that it is in; a running server takes it up"
    return (
        who,
        "`streamvault serve` and `streamvault index` read histories with it from now on; a running server takes it up",
    )


async def _log_in_once(settings: Settings, stores: Stores, prompt: Prompt, *, imported: str | None = None) -> LoggedIn:
    """One attempt. Raises SessionEnded, with everything closed, if Telegram has ended the stored session.

    `imported` is the digest of the USER_SESSION string that was imported before: it is stored with the new session, so
    that the string is not imported again in the place of this login.
    """
    metrics, spec = Metrics(), user_spec(settings)
    account = Account(
        spec, settings, metrics, backend=stores.backend(spec.name),
        network=Network(settings.proxy_url, ip_version=settings.ip_version), server_clock=ServerClock(),
        login_policy=UserLogin(
            prompt, api_id=settings.api_id, api_hash=settings.api_hash, login_counter=metrics.logins_total
        ),
    )  # fmt: skip
    try:
        await account.acquire_session()
        was_logged_in = account.session.home is not None
        await account.open(_no_handlers)
        if settings.user_session is not None:
            imported = session_string_digest(parse_user_session(settings.user_session, api_id=settings.api_id))
        if imported is not None and not was_logged_in:
            await account.session.set_imported(imported)
        return LoggedIn(
            await display_name(account), not was_logged_in, _session_string(account.session, api_id=settings.api_id)
        )
    except SessionHeld as held:
        return await _logged_in_elsewhere(stores, spec.name, held, api_id=settings.api_id)
    except LoginRefused as error:
        raise SourceError(refused(error.code)) from error
    except SourceBusy as busy:
        until = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + busy.retry_after))
        raise SourceError(
            f"no login before {until} ({busy.retry_after:.0f} s): run the command again then, not earlier"
        ) from busy
    finally:
        await account.close()


async def _logged_in_elsewhere(stores: Stores, name: str, held: SessionHeld, *, api_id: int) -> LoggedIn:
    """Who is logged in with the session that another process uses, as far as it is stored. Raises ConfigError."""
    records = await stores.backend(name).peek()
    if codec.HOME not in records:
        raise ConfigError(f"{held}, which logs in with it: wait until it has ended") from held
    home = codec.unpack(Home, records[codec.HOME])
    key = codec.unpack(StoredKey, records[codec.key_name(home.dc_id)])
    string = session_string(home.dc_id, key.key, api_id=api_id, user_id=home.user_id)
    return LoggedIn(f"the account with id {home.user_id}; {held}", False, string)


def _session_string(session: StoredSession, *, api_id: int) -> str:
    home = session.home
    key = session.key(home.dc_id) if home is not None else None
    if home is None or key is None:
        raise RuntimeError("a session that is online knows its home")
    return session_string(home.dc_id, key.key, api_id=api_id, user_id=home.user_id)


def _no_handlers(_: Any) -> None:
    """Register no update handlers."""
