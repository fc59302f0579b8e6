"""What the command line does with stored sessions: lists, moves, imports, sets aside, looks usernames up."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from streamvault.datadir import open_data_dir
from streamvault.errors import ConfigError, SourceUnavailable
from streamvault.settings import LocalSettings, Settings
from streamvault.settings.values import is_channel
from streamvault.telegram.accounts.spec import AccountSpec, bot_names, server_name, specs, user_name, user_spec
from streamvault.telegram.accounts.user_account import store_session_string
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Backend, Records, SessionHeld
from streamvault.telegram.sessions.session_strings import ForeignSession, parse_session_string
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.stores import Stores
from streamvault.telegram.sessions.values import Flood, Home, Identity, Peer, StoredKey


async def show(settings: LocalSettings) -> list[str]:
    """One line for each session of these settings, and one for each flood wait of it; nothing is made."""
    lines = []
    async with Stores(settings) as stores:
        for name in (*bot_names(settings), *_user_names(settings)):
            backend = stores.backend(name)
            records = await backend.peek()
            if name in _user_names(settings) and not records:
                continue
            lines.append(f"{name}  {_account(records)}{_summary(records)}  {await _holder(backend, records)}".rstrip())
            lines += [f"  closed for {family}: {seconds:.0f} s more" for family, seconds in _flood_waits(records)]
    return lines


async def move(settings: LocalSettings, *, to: str) -> list[str]:
    """Move the sessions of these settings into the store `to` ("file" or "database"), and set the old ones aside.

    A failure in between loses nothing: the new record is complete before the old one is set aside. Raises ConfigError
    for a session in use, or one that exists in both stores.
    """
    source_kind = "file" if to == "database" else "database"
    if to == "database" and settings.secret_key is None:
        raise ConfigError("sessions in the database are encrypted with SECRET_KEY, which is not set")
    async with _stores(settings, kind=source_kind) as sources, _stores(settings, kind=to) as targets:
        lines = [
            f"{name}: {await _move(sources.backend(name), targets.backend(name))}"
            for name in (*bot_names(settings), *_user_names(settings))
        ]
    return [*lines, f"now set SESSION_STORE={to}"]


def _user_names(settings: LocalSettings) -> tuple[str, str]:
    """The stored sessions of the user account for histories, and of the one for calls."""
    of_calls = settings.model_copy(update={"session_name": f"{settings.session_name}_voice"})
    return user_name(settings), user_name(of_calls)


async def channel_number(settings: LocalSettings, username: str) -> int:
    """The number of the channel with this username, as the bot has seen it last; a server may run meanwhile.

    Raises ConfigError if it has not seen such a channel.
    """
    async with Stores(settings) as stores:
        records = await stores.backend(settings.session_name).peek()
    peers = [codec.unpack(Peer, value) for name, value in records.items() if name.startswith("peer:")]
    wanted = username.removeprefix("@").lower()
    named = [peer for peer in peers if is_channel(peer.id) and wanted in (name.lower() for name in peer.usernames)]
    if not named:
        raise ConfigError(
            f"the bot has not seen @{wanted} yet: write its number, or run `streamvault index @{wanted}` first"
        )
    return max(named, key=lambda peer: peer.seen).id


async def set_aside(settings: LocalSettings, name: str) -> str:
    """Rename the stored session `name`, so that the next start begins anew; where it is now. ConfigError if in use."""
    async with _stores(settings) as stores:
        with _config_error_if_held():
            return await stores.backend(name).set_aside(_timestamped("aside"))


async def import_string(settings: Settings, text: str) -> str:
    """Store a session string as the bot's, a worker's or the user account's session; a line that says which.

    Raises ConfigError if there is a session already, or if the string is of another application or account.
    """
    found = parse_session_string(text)
    if found.api_id not in (None, settings.api_id):
        raise ConfigError(f"this session was made with API_ID {found.api_id}: set API_ID and API_HASH to those")
    spec = _owner(settings, found)
    async with _stores(settings) as stores:
        session = StoredSession(stores.backend(spec.name))
        with _config_error_if_held():
            await session.open(Identity(settings.api_id, spec.account_id, server_name(settings)))
        try:
            if session.all_keys() or session.home:
                raise ConfigError(
                    f"{session.backend.where} exists already: `streamvault session set-aside {spec.name}` first"
                )
            await store_session_string(session, found, addresses=settings.telegram_server is None)
        finally:
            await session.close()
    return f"imported as {spec.name}, data centre {found.dc_id}"


def _owner(settings: Settings, found: ForeignSession) -> AccountSpec:
    known = specs(settings)
    if found.user_id is None:
        return known[0]
    for spec in known:
        if spec.account_id == found.user_id:
            return spec
    if found.is_bot:
        raise ConfigError(
            f"this is the session of the bot {found.user_id}: set BOT_TOKEN or WORKER_BOT_TOKENS to its token"
        )
    return user_spec(settings)


@asynccontextmanager
async def _stores(settings: LocalSettings, *, kind: str | None = None) -> AsyncIterator[Stores]:
    folder = open_data_dir(settings.data_dir)
    async with Stores(settings.model_copy(update={"data_dir": folder}), kind=kind) as stores:
        yield stores


@contextmanager
def _config_error_if_held() -> Iterator[None]:
    """Turn SessionHeld into a ConfigError that says what to do."""
    try:
        yield
    except SessionHeld as held:
        raise ConfigError(f"{held}: stop it first") from held


async def _move(source: Backend, target: Backend) -> str:
    if not await source.peek():
        return "nothing to move"
    with _config_error_if_held():
        records = await source.open()
        try:
            try:
                if await target.open():
                    raise ConfigError(f"{target.where} exists already: set it aside first")
                await target.write(records)
            finally:
                await target.close()
        finally:
            await source.close()
        await source.set_aside(_timestamped("moved"))
    return "moved"


def _timestamped(word: str) -> str:
    """A suffix that differs from all earlier ones."""
    return datetime.now(UTC).strftime(f"{word}-%Y%m%dT%H%M%S.%f")


async def _holder(backend: Backend, records: Records) -> str:
    if not records:
        return ""
    try:
        await backend.open()
    except SessionHeld as held:
        return str(held).removeprefix(f"{backend.where} is ")
    except SourceUnavailable as error:
        return str(error)
    await backend.close()
    return "not in use"


def _account(records: Records) -> str:
    stored = records.get(codec.IDENTITY)
    if stored is None:
        return ""
    return f"account {codec.unpack(Identity, stored).account_id or 'of a user'}  "


def _summary(records: Records) -> str:
    if not records:
        return "no session yet"
    home = records.get(codec.HOME)
    where = f"at home in data centre {codec.unpack(Home, home).dc_id}" if home else "not logged in"
    keys = [codec.unpack(StoredKey, value) for name, value in sorted(records.items()) if name.startswith("key:")]
    return f"{where}  keys of data centres: {', '.join(str(key.dc_id) for key in keys) or 'none'}"


def _flood_waits(records: Records) -> list[tuple[str, float]]:
    floods = {
        name.partition(":")[2]: codec.unpack(Flood, value).until - time.time()
        for name, value in records.items()
        if name.startswith("flood:")
    }
    return sorted((family, seconds) for family, seconds in floods.items() if seconds > 0)
