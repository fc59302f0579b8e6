"""The checks. Each yields findings and raises nothing; none creates an auth key or logs in more than a server would."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streamvault.database import connected_database
from streamvault.datadir import old_secret_keys, open_data_dir, secret_key
from streamvault.doctor.channels import check_channels
from streamvault.doctor.finding import Finding, failed, from_reason
from streamvault.doctor.permissions import check_permissions
from streamvault.doctor.tokens import check_tokens
from streamvault.errors import CatalogError, ConfigError, SourceBusy, SourceError, SourceUnavailable
from streamvault.leech.torrents.process import is_installed as has_libtorrent
from streamvault.leech.ytdlp.program import is_installed
from streamvault.metrics import Metrics
from streamvault.reading.frames.service import can_make_stills
from streamvault.settings import Settings
from streamvault.settings.values import NO_API_HASH, is_api_hash
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.accounts.spec import AccountSpec, specs, user_spec
from streamvault.telegram.accounts.user_account import display_name
from streamvault.telegram.errors import AccountLost
from streamvault.telegram.mtproto.probe import DataCentreAnswer, probe_data_centre
from streamvault.telegram.network.data_centres import DcAddress, entry_address
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Records, SessionHeld
from streamvault.telegram.sessions.stores import Stores

ANSWER_WITHIN = 10.0
LOGIN_WITHIN = 40.0
CLOCK_WARNING = 10.0
_LITTLE_SPACE = 512 << 20


ServerState = dict[str, Any] | None
"""The answer of /readyz of the running server with these settings; None if there is none."""


async def check_data(settings: Settings) -> AsyncIterator[Finding]:
    """DATA_DIR and the secret key in it."""
    try:
        folder = open_data_dir(settings.data_dir)
        inside = settings.model_copy(update={"data_dir": folder})
        secret_key(inside)
        old = old_secret_keys(inside)
    except ConfigError as error:
        yield failed("data folder", error)
        return
    if old:
        yield Finding("secret key", "ok", f"links and cookies of {len(old)} earlier ones are accepted as well")
    for finding in check_permissions(inside):
        yield finding
    free = shutil.disk_usage(folder).free
    detail = f"{folder} can be written to, {free / (1 << 30):.1f} GiB free"
    if free < _LITTLE_SPACE:
        yield Finding("data folder", "warning", detail, "free some space, or move DATA_DIR to a larger disk")
    else:
        yield Finding("data folder", "ok", detail)


async def check_database(settings: Settings) -> AsyncIterator[Finding]:
    """The catalog's database. It is not created: a server that runs may have lost its own."""
    path = settings.database_path
    if settings.mongodb_url is None and not path.exists():
        yield _new_database(path)
        return
    try:
        async with connected_database(settings) as database:
            counts = await database.catalog.counts()
    except ConfigError as error:
        yield failed("database", error)
    except CatalogError as error:
        yield Finding("database", "failed", str(error), "start the database, or correct DATABASE_URL")
    else:
        yield Finding("database", "ok", f"{_database(settings)} answers, {counts.files} files")


def _new_database(path: Path) -> Finding:
    """Whether a SQLite file that is not there can be created."""
    folder = path.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("database", "ok", f"{path} is not there: `streamvault serve` creates it at its start")
    except OSError as error:
        mend = "correct DATABASE_URL, or let the user that runs StreamVault write there"
        return Finding("database", "failed", f"{path} cannot be created: {folder}: {error.strerror}", mend)


async def check_network(settings: Settings, addresses: tuple[DcAddress, ...]) -> AsyncIterator[Finding]:
    """Every proxy by itself, then every data centre, then the clock."""
    answers: list[DataCentreAnswer] = []
    own = settings.telegram_server is not None
    entry = entry_address(settings.telegram_server, ipv6=settings.ip_version == "6")
    for number, url in enumerate(_proxies(settings.proxy_url), start=1):
        network = Network(url, ip_version=settings.ip_version)
        name = f"proxy {number}"
        yield await _reach(name, network, entry, answers=answers, via=" ".join(network.describe()), own_server=own)
    network = Network(settings.proxy_url, ip_version=settings.ip_version)
    wanted = [entry, *(a for a in addresses if a.ipv6 == (settings.ip_version == "6") and not a.cdn)]
    checks = [
        _reach(_dc_name(a), network, a, answers=answers, via=f"{a.host}:{a.port}", own_server=own)
        for a in dict.fromkeys(wanted)
    ]
    for finding in await asyncio.gather(*checks):
        yield finding
    if answers:
        yield _clock(answers)


async def check_account(settings: Settings, ask_server: Callable[[], ServerState]) -> AsyncIterator[Finding]:
    """The stored sessions, whether Telegram accepts the credentials, and what the bot may do in its channels.

    Logs in as a server's first start would; beside a running server, that says what it cannot do.
    """
    if not is_api_hash(settings.api_hash):
        yield Finding("API_HASH", "failed", NO_API_HASH, "copy it again from my.telegram.org, without quotes")
    try:
        async with Stores(settings) as stores:
            found = {spec: await stores.backend(spec.name).peek() for spec in (*specs(settings), user_spec(settings))}
            found = {spec: records for spec, records in found.items() if records or spec.token}
            held = [spec for spec in found if await _held(stores, spec)]
    except ConfigError as error:
        yield failed("session", error)
        return
    except SourceUnavailable as error:
        yield Finding("session", "failed", str(error), "start the database, or correct DATABASE_URL")
        return
    for finding in check_tokens(found):
        yield finding
    for spec, records in found.items():
        use = ", in use by a running server" if spec in held else ""
        yield Finding(f"session {spec.name}", "ok", _stored(records) + use)
    if held:
        yield Finding("credentials", "ok", "in use by the running server; see its /readyz")
        for finding in check_server(await asyncio.to_thread(ask_server)):
            yield finding
        return
    for finding in await _connect(settings):
        yield finding


async def check_programs(*, torrents: bool = False) -> AsyncIterator[Finding]:
    """Programs and libraries that streaming does not need. `torrents`: LEECH_TORRENTS."""
    path = shutil.which("ffmpeg")
    if path is None:
        mend = "apt-get install ffmpeg; streaming does not need it"
        yield Finding("ffmpeg", "warning", "not found", mend)
    else:
        yield Finding("ffmpeg", "ok", path)
    if can_make_stills():
        yield Finding("media", "ok", "films are repackaged for browsers, and pictures made where Telegram has none")
    else:
        mend = "pip install '.[media]' in StreamVault's folder"
        lack = (
            "PyAV or Pillow is not installed: films that browsers do not take play in players only, without thumbnails"
        )
        yield Finding("media", "warning", lack, mend)
    if is_installed():
        yield Finding("yt-dlp", "ok", "the leech bot takes pages and playlists of the sites that it knows")
    else:
        mend = "pip install '.[leech]' in StreamVault's folder; nothing else needs it"
        yield Finding("yt-dlp", "warning", "not installed: the leech bot takes no pages and playlists", mend)
    if torrents:
        yield _torrents()


def _torrents() -> Finding:
    if has_libtorrent():
        return Finding("libtorrent", "ok", "the leech bot takes torrents and magnet links")
    mend = "pip install '.[torrents]' in StreamVault's folder, or leave out LEECH_TORRENTS"
    return Finding("libtorrent", "warning", "not installed: torrents cannot be taken, as LEECH_TORRENTS wishes", mend)


def known_addresses(records: Records) -> tuple[DcAddress, ...]:
    """The addresses of data centres in a stored session."""
    value = records.get(codec.ADDRESSES)
    return () if value is None else tuple(DcAddress(*row) for row in codec.unpack_plain(value))


async def _reach(
    name: str, network: Network, address: DcAddress, *, answers: list[DataCentreAnswer], via: str, own_server: bool
) -> Finding:
    """Whether a data centre answers; `own_server`: of TELEGRAM_SERVER, not of Telegram."""
    try:
        answer = await probe_data_centre(network, address, timeout=ANSWER_WITHIN)
    except SourceError as error:
        if network.describe():
            mend = "check host, port, user and password of PROXY_URL, and that the proxy may connect to Telegram"
        elif own_server:
            mend = "start the server that TELEGRAM_SERVER names, or correct TELEGRAM_SERVER; without it, it is Telegram"
        else:
            mend = "a firewall or your provider blocks Telegram here: set PROXY_URL to a SOCKS5, HTTP or MTProxy proxy"
        detail = str(error)
        return Finding(name, "failed", detail if detail.startswith(via) else f"{via}: {detail}", mend)
    answers.append(answer)
    return Finding(name, "ok", f"{via} connects in {answer.connected:.0f} ms, answers in {answer.answered:.0f} ms")


async def _connect(settings: Settings) -> list[Finding]:
    accounts = AccountPool(settings.model_copy(update={"worker_bot_tokens": ()}), Metrics())
    try:
        async with asyncio.timeout(LOGIN_WITHIN), accounts:
            me = accounts.main.client.me
            detail = f"logged in as @{me.username}, at home in data centre {accounts.main.home_dc}"
            user = [await _user(accounts)] if accounts.user.expected else []
            channels = [finding async for finding in check_channels(settings, accounts.main)]
            return [Finding("credentials", "ok", detail), *user, *channels]
    except ConfigError as error:
        return [failed("credentials", error)]
    except SourceBusy as error:
        until = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + error.retry_after))
        detail = f"Telegram allows no login before {until} ({error.retry_after:.0f} s)"
        return [Finding("credentials", "failed", detail, "wait until then; restarting does not help")]
    except (SourceError, AccountLost, TimeoutError) as error:
        detail = str(error) or "no answer in time"
        return [Finding("credentials", "failed", detail, "mend the network first (see above)")]


def check_server(state: ServerState) -> list[Finding]:
    """What the running server cannot do."""
    if state is None:
        detail = "the one that uses the session does not answer at HOST:PORT or PUBLIC_URL"
        return [Finding("server", "warning", detail, "ask for its /readyz where it runs, or end it and try again")]
    conditions = [
        from_reason(f"server, {one['what']}", one["reason"], status="warning" if one["what"] == "account" else "failed")
        for one in state.get("conditions", ())
    ]
    if state.get("waiting_for"):
        mend = "wait; its log and /readyz say more"
        conditions.append(Finding("server", "failed", f"it is not ready, it waits for: {state['waiting_for']}", mend))
    return conditions or [Finding("server", "ok", "everything can be done")]


async def _user(accounts: AccountPool) -> Finding:
    """The state of the user account, which streaming does not need."""
    account = await accounts.user.wait_connected(ANSWER_WITHIN)
    detail = accounts.user.trouble or "no answer in time"
    if account is not None:
        try:
            return Finding("user account", "ok", f"logged in as {await display_name(account)}; it reads histories")
        except SourceError as error:
            detail = str(error)
    return Finding("user account", "warning", detail, "`streamvault login`; until then the bot reads histories by ids")


async def _held(stores: Stores, spec: AccountSpec) -> bool:
    backend = stores.backend(spec.name)
    if not await backend.peek():
        return False
    try:
        await backend.open()
    except SessionHeld:
        return True
    await backend.close()
    return False


def _clock(answers: list[DataCentreAnswer]) -> Finding:
    behind = sorted(answer.behind for answer in answers)[len(answers) // 2]
    detail = f"{abs(behind):.1f} s {'behind' if behind > 0 else 'ahead of'} Telegram's"
    if abs(behind) < CLOCK_WARNING:
        return Finding("clock", "ok", detail)
    return Finding("clock", "warning", detail, "set it right (NTP): Telegram works all the same, expiring links do not")


def _stored(records: Records) -> str:
    keys = sorted(name.partition(":")[2] for name in records if name.startswith("key:"))
    if not keys:
        return "none yet, the first start makes it"
    return ("logged in" if codec.HOME in records else "not logged in") + f", keys of data centres {', '.join(keys)}"


def _proxies(url: SecretStr | None) -> list[SecretStr]:
    return (
        [] if url is None else [SecretStr(part.strip()) for part in url.get_secret_value().split(",") if part.strip()]
    )


def _dc_name(address: DcAddress) -> str:
    return f"data centre {address.dc_id}" + (" (media)" if address.media_only else "")


def _database(settings: Settings) -> str:
    return "MongoDB" if settings.mongodb_url is not None else str(settings.database_path)
