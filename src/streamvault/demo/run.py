"""Runs the emulated Telegram, its channels, the bot and the server in one process.

Only the sample media stay on disk between two starts. The state of the emulator and of the server is in a temporary
folder that is removed at the end, since every start begins with a new emulated Telegram.
"""

import asyncio
import contextlib
import ipaddress
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import streamvault.telegram  # noqa: F401  prepares Kurigram before the emulator imports it
from streamvault.demo import leeching, posting, world
from streamvault.demo.entries import HOME_DC
from streamvault.demo.file_server import FileServer, file_server
from streamvault.demo.media import Sample, ensure_media
from streamvault.demo.posting import Running
from streamvault.demo.world import DemoWorld
from streamvault.errors import ConfigError
from streamvault.http.listening import listen
from streamvault.logs.setup import configure_logging
from streamvault.server.leech import leech
from streamvault.server.run import serve
from streamvault.server.services import Services
from streamvault.settings import Settings, read_settings
from streamvault.settings.values import local_url
from tgemulator.config import EmulatorConfig
from tgemulator.control.server import ControlServer
from tgemulator.emulator import Emulator

_FIXED: dict[str, Any] = {
    "api_id": 1,
    "api_hash": "0" * 32,
    "bot_token": world.BOT_TOKEN,
    "channels": (),
    "vault_channel": None,
    "leech_bot_token": world.LEECH_TOKEN,
    "leech_channel": None,
    "leech": "external",
    "leech_allow_private": (),
    "leech_max_size": 0,
    "owner_ids": frozenset(),
    "secret_key": None,
    "old_secret_keys": (),
    "database_url": None,
    "proxy_url": None,
    "ip_version": "4",
    "public_url": "http://127.0.0.1",
    "telegram_server": None,
    "telegram_server_key": None,
}
"""Settings that the demo fixes, so that the `.env` of a real installation in the same folder has no effect on them."""

DRAIN_TIMEOUT = 1.0
"""Seconds for streams to finish at the end unless DRAIN_TIMEOUT is set: shorter than a server's, for Ctrl-C."""

REPORTED = 10
"""Of so many files that are made, one is reported."""

EXAMPLE = "PORT=8081 make demo"
"""How another port is chosen, as most people start the demo with make; the option --port is in the help."""


def _print(line: str) -> None:
    print(line, flush=True)  # a pipe is buffered otherwise


async def run_demo(
    *,
    host: str | None = None,
    port: int | None = None,
    folder: str | Path = ".demo",
    stop: asyncio.Event | None = None,
    on_ready: Callable[[Running], None] = lambda running: None,
    say: Callable[[str], None] = _print,
) -> None:
    """Run until `stop` is set, or SIGINT or SIGTERM comes; `on_ready` is called once everything can be streamed.

    Raises ConfigError for a wrong setting, MediaError when a sample cannot be made.
    """
    began, root, stop = time.monotonic(), Path(folder), stop or asyncio.Event()
    given = _given(host, port)
    configure_logging(given.log_level if "log_level" in given.model_fields_set else "WARNING", given.log_format)
    with listen(given, example=EXAMPLE) as listener:  # held from here on: a taken port fails before the media are made
        samples = await _media(root / "media", stop, say=say)
        if samples is None:
            return
        given = given.model_copy(update={"port": listener.getsockname()[1]})  # links contain it: the real one for 0

        def ready(running: Running) -> None:
            say(posting.introduction(running, seconds=time.monotonic() - began))
            on_ready(running)

        with tempfile.TemporaryDirectory(prefix="run-", dir=root) as state:
            async with (
                Emulator(EmulatorConfig()) as emulator, ControlServer(emulator) as control,
                file_server(leeching.served(samples)) as files,
            ):  # fmt: skip
                leeching.add_feed(files, now=time.time())
                demo = world.build(emulator)
                settings = _settings(given, emulator, demo=demo, state=Path(state), files=files)
                await _serve(
                    settings, emulator, listener=listener, demo=demo, samples=samples, stop=stop, ready=ready,
                    control=control.url, files=files,
                )  # fmt: skip
    say("Stopped.")


async def _serve(
    settings: Settings,
    emulator: Emulator,
    *,
    listener: socket.socket,
    demo: DemoWorld,
    samples: dict[str, Sample],
    stop: asyncio.Event,
    ready: Callable[[Running], None],
    control: str,
    files: FileServer,
) -> None:
    """Serve and leech, and post once the bot receives updates. A failure of one of these stops all, and is raised."""
    connected: asyncio.Future[Services] = asyncio.get_running_loop().create_future()

    async def populate() -> None:
        services = await connected
        ready(
            await posting.populate(
                settings, emulator, demo=demo, samples=samples, services=services, control=control, files=files
            )
        )

    beside = [asyncio.create_task(work) for work in (populate(), leech(settings, stop=stop))]
    for task in beside:
        task.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else stop.set())
    try:
        await serve(
            settings, listener=listener, stop=stop, on_ready=lambda services, port: connected.set_result(services)
        )
    finally:
        for task in beside:
            task.cancel()
        outcomes = await asyncio.gather(*beside, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


def _given(host: str | None, port: int | None) -> Settings:
    """The settings that the user may choose: where to listen, how to log.

    Raises ConfigError for an address that other machines reach, unless PUBLIC_ACCESS is set.
    """
    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    given = read_settings(_FIXED | chosen)
    if not given.public_access and not _is_loopback(given.host):
        raise ConfigError(
            f"the demo lets everybody in, so it listens on {given.host} only with PUBLIC_ACCESS=true in the environment"
        )
    return given


def _settings(given: Settings, emulator: Emulator, *, demo: DemoWorld, state: Path, files: FileServer) -> Settings:
    """The server's settings: the emulator's entry DC and key, the accounts and channels of `demo`, and its `files` as
    the only private address that may be leeched from.
    """
    key = state / "telegram.pem"
    key.write_text(emulator.public_key_pem)
    entry, entry_port = emulator.address(HOME_DC)
    return given.model_copy(
        update={
            "data_dir": state / "data",
            "owner_ids": frozenset({demo.owner.id}),
            "vault_channel": world.chat_id(demo.vault),
            "leech_allow_private": (files.network,),
            "public_access": True,
            "drain_timeout": given.drain_timeout if "drain_timeout" in given.model_fields_set else DRAIN_TIMEOUT,
            "public_url": local_url(given.host, given.port),
            "telegram_server": f"{HOME_DC}@{entry}:{entry_port}",
            "telegram_server_key": key,
        }
    )


async def _media(folder: Path, stop: asyncio.Event, *, say: Callable[[str], None]) -> dict[str, Sample] | None:
    """The samples by name; None if the demo is stopped while they are made."""
    count = 0

    def report(name: str) -> None:
        nonlocal count
        count += 1
        if count % REPORTED == 0:
            say(f"  {count:3}  {name}")

    with _stop_on_sigterm(stop):
        announce = asyncio.get_running_loop().call_later(0.2, say, f"Making sample media in {folder}, only this once:")
        making = asyncio.create_task(ensure_media(folder, report=report))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({making, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return await making if making.done() else None
        finally:
            announce.cancel()
            for task in (making, stopped):
                task.cancel()
            await asyncio.gather(making, stopped, return_exceptions=True)


@contextlib.contextmanager
def _stop_on_sigterm(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM sets `stop` during the block; asyncio.Runner handles SIGINT."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    except (ValueError, RuntimeError, NotImplementedError):  # not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
