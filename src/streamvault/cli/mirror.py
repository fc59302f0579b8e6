"""The work of `streamvault mirror`: asks the running server, or runs one for as long as a copy takes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from streamvault.cli.server_api import NotStreamVault, Reply, ask, servers
from streamvault.cli.terminal import printable
from streamvault.errors import ConfigError, SourceUnavailable, StreamVaultError
from streamvault.settings import LocalSettings, Settings

SHOW_EVERY = 1.0
"""Seconds between two looks at a mirror whose progress is shown."""
PATIENCE = 60.0
"""Seconds for which a server that has answered before may be away."""
PATH = "/api/mirrors"

Item = Mapping[str, Any]


def has_server(settings: LocalSettings) -> bool:
    """Whether a server with these settings answers, ready or not."""
    for server in servers(settings):
        try:
            server.readyz()
        except NotStreamVault:
            continue
        return True
    return False


def add(
    settings: LocalSettings, asked: Mapping[str, object], *, follow: bool, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Make a mirror, and print it; `follow` it to its end. The exit code: 1 if it failed."""
    reply = ask(settings, "POST", PATH, asked)
    if reply.status not in (200, 201):
        raise _refusal(reply)
    item: Item = reply.body
    print(_line(item), flush=True)
    return _followed(settings, item, sleep) if follow else 0


def show_all(settings: LocalSettings) -> int:
    """Print a line for each mirror."""
    for item in _items(settings):
        print(_line(item))
        for one in item["left_out"]:
            print(f"    left out: {one['count']} x {printable(one['reason'])}")
    return 0


def change(settings: LocalSettings, id: str, action: str) -> int:
    """Remove a mirror, or say what becomes of the copies that it asks about."""
    if len(id) != 16 or not set(id) <= set("0123456789abcdef"):
        raise ConfigError("a mirror's ID has 16 hexadecimal digits: `streamvault mirror list` shows them")
    if action == "remove":
        reply = ask(settings, "DELETE", f"{PATH}/{id}")
    else:
        reply = ask(settings, "POST", f"{PATH}/{id}/deletions", {"delete": action == "delete"})
    if reply.status not in (200, 204):
        raise _refusal(reply)
    print(f"{id} is removed; its copies stay" if action == "remove" else _line(reply.body))
    return 0


async def mirror_here(settings: Settings, asked: Mapping[str, Any]) -> bool:
    """Copy with the accounts of these settings until all is there, or until SIGINT or SIGTERM; False if it failed."""
    from streamvault.leech.mirror.desk import Wanted
    from streamvault.server.run import serve
    from streamvault.server.services import Services

    stop, work = asyncio.Event(), list[asyncio.Task[bool]]()

    async def copy(services: Services) -> bool:
        desk = services.mirrors.desk
        wanted = Wanted(**asked)
        made = await desk.make(wanted)
        return await _until_done(services, made.mirror.id)

    def ready(services: Services, _: int) -> None:
        work.append(asyncio.create_task(copy(services)))
        work[0].add_done_callback(lambda _: stop.set())

    await serve(settings.model_copy(update={"host": "127.0.0.1", "port": 0}), stop=stop, on_ready=ready)
    for task in work:
        task.cancel()  # no effect on one that has ended
        await asyncio.wait({task})
        if not task.cancelled():
            return task.result()
    print("stopped; run the command again to go on")
    return True


async def _until_done(services: Any, id: str) -> bool:
    from streamvault.http.mirror_items import mirror_item

    last = ""
    while True:
        mirror = await services.mirrors.store.get(id)
        if mirror is None:
            raise StreamVaultError("the mirror was removed meanwhile")
        line = _line(mirror_item(mirror).model_dump())
        if line != last:
            print(line, flush=True)
            last = line
        if mirror.state in ("done", "failed", "asking"):
            return bool(mirror.state == "done")
        await asyncio.sleep(SHOW_EVERY)


def _followed(settings: LocalSettings, item: Item, sleep: Callable[[float], None]) -> int:
    """Print the mirror whenever it has changed, until it is done."""
    shown, answered = _line(item), time.monotonic()
    while item["state"] not in ("done", "failed", "asking"):
        sleep(SHOW_EVERY)
        try:
            found = [one for one in _items(settings) if one["id"] == item["id"]]
        except SourceUnavailable:
            if time.monotonic() - answered > PATIENCE:
                raise
            continue
        answered = time.monotonic()
        if not found:
            raise StreamVaultError("the mirror was removed meanwhile")
        item = found[0]
        if _line(item) != shown:
            shown = _line(item)
            print(shown, flush=True)
    return 0 if item["state"] == "done" else 1


def _items(settings: LocalSettings) -> list[Item]:
    reply = ask(settings, "GET", PATH)
    if reply.status != 200:
        raise _refusal(reply)
    return list(reply.body.get("items", ()))


def _refusal(reply: Reply) -> Exception:
    if reply.status == 404:
        return ConfigError("there is no such mirror: `streamvault mirror list` shows them")
    kind = ConfigError if reply.status in (400, 409, 422) else StreamVaultError
    return kind(printable(reply.detail))


def _line(item: Item) -> str:
    source, target = (printable(item[f"{one}_title"] or str(item[one])) for one in ("source", "target"))
    lag = f"{item['lag']} behind" if item["lag"] else "all there" if item["state"] in ("following", "done") else ""
    reason = f"  {printable(item['reason'])}" if item.get("reason") else ""
    return f"{item['id']}  {item['state']:<9}  {item['copied']} copied  {lag:<12}  {source} -> {target}{reason}"
