"""The work of `streamvault index`: has a running server walk through a chat, or walks by itself where none runs.

A bot's stored session has one holder at a time, so while a server runs, the command cannot connect. Where none runs,
the command starts a server for as long as the walk lasts, updates included, on a random port of loopback.
"""

import asyncio
import signal
import time
from collections.abc import Callable

from streamvault.cli.progress import Display
from streamvault.cli.server_api import NotStreamVault, Server, servers
from streamvault.errors import ConfigError, FileMissing, SourceBusy, SourceUnavailable
from streamvault.indexing.progress import Progress
from streamvault.indexing.retry import RetryPolicy
from streamvault.indexing.walks import Walks
from streamvault.server.run import serve
from streamvault.server.services import Services
from streamvault.settings import Settings

RECONNECT_TIMEOUT = 60.0
"""Seconds for which a server that has answered before may be unreachable."""

RETRY_PAUSE = 1.0


def find_server(settings: Settings, display: Display, *, sleep: Callable[[float], None] = time.sleep) -> Server | None:
    """The server that runs with these settings, once it is ready; None if there is none. Raises ConfigError."""
    for server in servers(settings):
        announced = False
        while True:
            try:
                server.check_ready()
            except NotStreamVault:
                break
            except SourceBusy as busy:
                if not announced:
                    display.say(f"the server at {server.base} is not ready yet; waiting for it")
                    announced = True
                sleep(min(busy.retry_after, RETRY_PAUSE))
            else:
                return server
    return None


def walk_on_server(
    server: Server, chat: int | str, display: Display, *, again: bool, sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:  # fmt: skip
    """Have the server walk, and show its progress to the end; True if it finished. Reconnects after a restart.

    Raises ConfigError for a wrong chat, SourceUnavailable if the server is unreachable for RECONNECT_TIMEOUT.
    """
    last_answer = clock()
    while True:
        try:
            started = server.start_walk(chat, again=again)
            again = False  # a restarted server goes on with the walk; it must not begin anew a second time
            for progress in server.events():
                last_answer = clock()
                if progress.chat_id == started.chat_id:
                    display.show(progress)
                    if progress.over:
                        return progress.state == "finished"
        except SourceBusy:
            last_answer = clock()
        except (NotStreamVault, SourceUnavailable) as error:
            if clock() - last_answer > RECONNECT_TIMEOUT:
                raise SourceUnavailable(f"the server at {server.base} has gone; run the command again") from error
        sleep(RETRY_PAUSE)


def run_on_server(server: Server, chat: int | str, display: Display, *, again: bool) -> int:
    """The exit code of `walk_on_server`. SIGINT and SIGTERM end the command (exit code 0), not the server's walk."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt
    display.say(f"the server at {server.base} does it")
    try:
        return 0 if walk_on_server(server, chat, display, again=again) else 1
    except KeyboardInterrupt:
        display.say("the server goes on with it; run the command again to look")
        return 0


async def walk_here(settings: Settings, chat: int | str, display: Display, *, again: bool) -> bool:
    """Walk with the accounts of these settings until the end, or until SIGINT or SIGTERM; False if it failed.

    Raises ConfigError for a wrong chat or setting.
    """
    stop, walks = asyncio.Event(), list[asyncio.Task[Progress]]()

    def ready(services: Services, _: int) -> None:
        walks.append(asyncio.create_task(_walk(services.indexing.walks, chat, display, again=again)))
        walks[0].add_done_callback(lambda _: stop.set())

    settings = settings.model_copy(update={"host": "127.0.0.1", "port": 0})
    await serve(settings, stop=stop, on_ready=ready)
    for walk in walks:
        walk.cancel()  # no effect on one that has ended
        await asyncio.wait({walk})
        if not walk.cancelled() and walk.result().over:
            return walk.result().state == "finished"
    display.say("stopped; run the command again to go on")
    return True


async def _walk(walks: Walks, chat: int | str, display: Display, *, again: bool) -> Progress:
    try:
        last = await RetryPolicy().run(lambda: walks.start(chat, again=again))
    except FileMissing as error:
        raise ConfigError(
            f"{chat} cannot be indexed: the bot is in no such channel, or CHANNELS leaves it out"
        ) from error
    async for progress in walks.follow(last.chat_id):
        display.show(progress)
        last = progress
    return last
