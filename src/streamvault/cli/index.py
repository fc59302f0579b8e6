"""Has a running server walk through a chat, or does it itself where none runs.

A bot's session has one holder at a time. So if nobody answers at our addresses, the command is a server for as long as
the walk lasts, with the updates and all, but on a port that nobody knows.
"""

import asyncio
import re
import signal
import time
from collections.abc import Callable, Iterator

from streamvault.access.links import LinkSigner
from streamvault.cli.progress import Screen
from streamvault.cli.server_api import NotOurs, Server
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError, FileMissing, SourceBusy, SourceUnavailable
from streamvault.indexing.progress import Progress
from streamvault.indexing.retry import Patience
from streamvault.indexing.walks import Walks
from streamvault.server import serve
from streamvault.services import Services
from streamvault.settings import Settings

AWAY = 60.0
"""Seconds for which a server that was there is waited for."""

PAUSE = 1.0
TOKEN_SECONDS = 3600

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


def chat_of(text: str) -> int | str:
    """The chat that a person means: a number, or a username with its at sign. Raises ConfigError."""
    if re.fullmatch(r"-[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", text):
        return "@" + text.removeprefix("@")
    raise ConfigError(f"{text!r} is no chat: a channel is its number (-100...) or its @username")


def servers(settings: Settings) -> Iterator[Server]:
    """Where a server with these settings would be, the nearest first."""
    settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir)})
    signer = LinkSigner(secret_key(settings))

    def token() -> str:
        return signer.sign(None, scope="server", expires_at=int(time.time()) + TOKEN_SECONDS)

    near = f"http://{_WILDCARDS.get(settings.host, settings.host)}:{settings.port}"
    for base in dict.fromkeys((near, settings.public_url)):
        yield Server(base, token=token)


def find_server(settings: Settings, screen: Screen, *, sleep: Callable[[float], None] = time.sleep) -> Server | None:
    """The server that runs with these settings, once it is ready; None when there is none. Raises ConfigError."""
    for server in servers(settings):
        told = False
        while True:
            try:
                server.look()
            except NotOurs:
                break
            except SourceBusy as busy:
                if not told:
                    screen.say(f"the server at {server.base} is not ready yet; waiting for it")
                    told = True
                sleep(min(busy.retry_after, PAUSE))
            else:
                return server
    return None


def walk_there(
    server: Server, chat: int | str, screen: Screen, *, again: bool, sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:  # fmt: skip
    """Have the server walk, and show it to the end; whether it went well. A restart of the server is waited out.

    Raises ConfigError for a wrong chat, SourceUnavailable when the server stays away.
    """
    last_seen = clock()
    while True:
        try:
            begun = server.begin(chat, again=again)
            again = False  # once is enough, also when the server is started anew
            for progress in server.events():
                last_seen = clock()
                if progress.chat_id == begun.chat_id:
                    screen.show(progress)
                    if progress.over:
                        return progress.state == "finished"
        except SourceBusy:
            last_seen = clock()
        except (NotOurs, SourceUnavailable) as error:
            if clock() - last_seen > AWAY:
                raise SourceUnavailable(f"the server at {server.base} has gone; run the command again") from error
        sleep(PAUSE)


def shown_there(server: Server, chat: int | str, screen: Screen, *, again: bool) -> int:
    """The exit code of walk_there; whoever stops the command does not stop the server."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt
    screen.say(f"the server at {server.base} does it")
    try:
        return 0 if walk_there(server, chat, screen, again=again) else 1
    except KeyboardInterrupt:
        screen.say("the server goes on with it; run the command again to look")
        return 0


async def walk_here(settings: Settings, chat: int | str, screen: Screen, *, again: bool) -> bool:
    """Walk with our own accounts until it is over, or until SIGINT or SIGTERM; whether it did not fail.

    Raises ConfigError for a wrong chat or setting.
    """
    stop, walks = asyncio.Event(), list[asyncio.Task[Progress]]()

    def ready(services: Services, _: int) -> None:
        walks.append(asyncio.create_task(_walk(services.indexing.walks, chat, screen, again=again)))
        walks[0].add_done_callback(lambda _: stop.set())

    settings = settings.model_copy(update={"host": "127.0.0.1", "port": 0})
    await serve(settings, stop=stop, on_ready=ready)
    for walk in walks:
        walk.cancel()  # harmless if it is over
        await asyncio.wait({walk})
        if not walk.cancelled() and walk.result().over:
            return walk.result().state == "finished"
    screen.say("stopped; run the command again to go on")
    return True


async def _walk(walks: Walks, chat: int | str, screen: Screen, *, again: bool) -> Progress:
    try:
        last = await Patience().run(lambda: walks.start(chat, again=again))
    except FileMissing as error:
        raise ConfigError(
            f"{chat} cannot be indexed: the bot is in no such channel, or CHANNELS leaves it out"
        ) from error
    async for progress in walks.follow(last.chat_id):
        screen.show(progress)
        last = progress
    return last
