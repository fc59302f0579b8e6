"""The process that plays in calls: one user account and the native library, for the voice worker that started it.

It is started as `python -m streamvault.server.voice_calls PARENT`, gets its settings as the first line of standard
input, and ends with its input.
"""

import asyncio
import importlib.util
import json
import os
import sys
from typing import Any, NoReturn

from streamvault.errors import ConfigError, SourceBusy, SourceError
from streamvault.logs.setup import configure_logging
from streamvault.metrics import Metrics
from streamvault.process import end_with_parent
from streamvault.settings import Settings
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.spec import user_spec
from streamvault.telegram.accounts.user_account import import_session_string, parse_user_session
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.network.routes import Network
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.stores import Stores

MODULE = "streamvault.server.voice_calls"
EXTRA = "ntgcalls", "pytgcalls"
MISSING = (
    "nothing can be played in calls: install streamvault[voice] (`pip install py-tgcalls`), and start `streamvault "
    "voice` again"
)
LEASE_POLL = 0.5
MAX_LINE = 1 << 20
_SETTINGS = (
    "api_id", "api_hash", "bot_token", "voice_session", "data_dir", "database_url", "session_store", "session_name",
    "secret_key", "old_secret_keys", "proxy_url", "ip_version", "telegram_server", "telegram_server_key", "log_level",
    "log_format",
)  # fmt: skip


def is_installed() -> bool:
    """Whether what the extra `voice` brings is there."""
    return all(importlib.util.find_spec(name) is not None for name in EXTRA)


def voice_settings(settings: Settings) -> Settings:
    """The settings as the account that plays reads them: with a stored session of its own."""
    return settings.model_copy(
        update={
            "worker_bot_tokens": (),
            "user_session": settings.voice_session,
            "session_name": f"{settings.session_name}_voice",
        }
    )


def told_settings(settings: Settings) -> dict[str, object]:
    """What the process is told of the settings, as JSON; with secrets, as nobody else reads its input."""
    return {name: _plain(getattr(settings, name)) for name in _SETTINGS}


def main() -> NoReturn:
    """Run until the input ends."""
    end_with_parent(int(sys.argv[1]))
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # libraries print
    with open(0, "rb", buffering=0, closefd=False) as first:  # nothing is read beyond the line
        told: dict[str, Any] = {"_env_file": None, **json.loads(first.readline())}
    settings = Settings(**told)

    def write(said: dict[str, Any]) -> None:
        output.write(json.dumps(said).encode() + b"\n")

    secrets = [one for one in (settings.api_hash, settings.bot_token, settings.voice_session) if one is not None]
    configure_logging(settings.log_level, settings.log_format, secrets=[one.get_secret_value() for one in secrets])
    try:
        asyncio.run(_serve(voice_settings(settings), write))
    except ConfigError as error:
        write({"fatal": str(error)})
    sys.stdout.flush()
    os._exit(0)  # threads of the native library may never end


async def _serve(settings: Settings, write: Any) -> None:
    if not is_installed():
        raise ConfigError(MISSING)
    lines = asyncio.StreamReader(limit=MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with Stores(settings) as stores:
        account = _account(settings, stores)
        try:
            await _connect(account, settings)
            await _play(account, lines, write)
        finally:
            await account.close()


def _account(settings: Settings, stores: Stores) -> Account:
    spec = user_spec(settings)
    return Account(
        spec, settings, Metrics(), backend=stores.backend(spec.name),
        network=Network(settings.proxy_url, ip_version=settings.ip_version), server_clock=ServerClock(),
    )  # fmt: skip


async def _connect(account: Account, settings: Settings) -> None:
    """Connect as soon as Telegram can be reached. Raises ConfigError."""
    while True:
        try:
            await _acquire(account)
            if settings.user_session is not None:
                found = parse_user_session(settings.user_session, api_id=settings.api_id, name="VOICE_SESSION")
                await import_session_string(account, found, addresses=settings.telegram_server is None)
            await account.open(lambda _: None)
        except SourceBusy as busy:
            await account.close()
            await asyncio.sleep(busy.retry_after)
        except SourceError:
            await account.close()
            await asyncio.sleep(1.0)
        else:
            return


async def _acquire(account: Account) -> None:
    """Wait for the stored session, which a process that is just ending may still hold."""
    while True:
        try:
            await account.acquire_session()
        except SessionHeld:
            await asyncio.sleep(LEASE_POLL)
        else:
            return


async def _play(account: Account, lines: asyncio.StreamReader, write: Any) -> None:
    """Answer requests until they end, or the account is lost."""
    from streamvault.telegram.calls.group_calls import GroupCalls
    from streamvault.telegram.calls.player import Player
    from streamvault.telegram.calls.serving import Serving

    def ended(chat_id: int, stream: int) -> None:
        write({"event": "ended", "chat_id": chat_id, "stream": stream})

    home = account.session.home
    assert home is not None
    player = Player(GroupCalls(account), ended)
    await player.start(home.user_id)
    write({"ready": home.user_id})
    serving = asyncio.create_task(Serving(player, write).run(lines))
    lost = asyncio.ensure_future(asyncio.shield(account.ended))
    try:
        await asyncio.wait({serving, lost}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        serving.cancel()
        lost.cancel()
        await asyncio.gather(serving, lost, return_exceptions=True)
        await player.close()


def _plain(value: object) -> object:
    """A setting as JSON."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    reveal = getattr(value, "get_secret_value", None)
    if reveal is not None:
        return reveal()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


if __name__ == "__main__":
    main()
