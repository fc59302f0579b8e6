"""The work of `streamvault leech feeds | follow | try | unfollow`: asks the running server for its feeds."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from streamvault.cli.leech import Item
from streamvault.cli.server_api import Reply, ask
from streamvault.cli.terminal import printable
from streamvault.errors import ConfigError, StreamVaultError
from streamvault.settings import LocalSettings

PATH = "/api/feeds"
_WHY = {
    "version": "another version of it is taken", "repeated": "its file is that of another item",
    "not included": "none of the words", "no file": "no file", "torrent": "a torrent", "page": "a web page only",
    "scheme": "an address that cannot be leeched",
}  # fmt: skip


def show_all(settings: LocalSettings) -> int:
    """Print the feeds, the latest first."""
    for item in _found(ask(settings, "GET", PATH)).body.get("items", ()):
        for line in _lines(item):
            print(line)
    return 0


def follow(settings: LocalSettings, address: str, wishes: Mapping[str, object]) -> int:
    """Follow a feed, and print it."""
    reply = _found(ask(settings, "POST", PATH, {"address": address, **wishes}))
    there = "" if reply.status == 201 else "  (there already)"
    print(f"{_line(reply.body)}{there}")
    return 0


def try_out(settings: LocalSettings, address: str, rules: Mapping[str, object]) -> int:
    """Print the items of a feed, and whether each would be taken."""
    body = _found(ask(settings, "POST", f"{PATH}/try", {"address": address, **rules})).body
    for item in body["items"]:
        mark = "take" if item["taken"] else "    "
        why = "" if item["taken"] else f"  ({_why(item)})"
        print(f"{mark}  {printable(item['title'] or item['address'] or '')}{why}")
    if body["more"]:
        print(f"... and {body['more']} more")
    return 0


def unfollow(settings: LocalSettings, id: str) -> int:
    """Follow a feed no longer."""
    if len(id) != 16 or not set(id) <= set("0123456789abcdef"):
        raise ConfigError("a feed's ID has 16 hexadecimal digits: `streamvault leech feeds` shows them")
    _found(ask(settings, "DELETE", f"{PATH}/{id}"))
    return 0


def _found(reply: Reply) -> Reply:
    """The reply, if it is no refusal. Raises ConfigError for a feed that does not exist, else StreamVaultError."""
    if 200 <= reply.status < 300:
        return reply
    if reply.status == 404 and "feed" in reply.detail:
        raise ConfigError("there is no such feed: `streamvault leech feeds` shows them")
    raise StreamVaultError(printable(reply.detail))


def _why(item: Item) -> str:
    return (
        f"excluded by {printable(item['word'])}"
        if item["why"] == "excluded"
        else _WHY.get(str(item["why"]), str(item["why"]))
    )


def _line(item: Item) -> str:
    return f"{item['id']}  {item['state']:<8}  {printable(item['title'] or item['address'])}"


def _lines(item: Mapping[str, Any]) -> Iterator[str]:
    yield _line(item)
    yield f"  {printable(item['address'])}, {item['taken']} taken"
    if item["question"]:
        yield f"  {item['question']['count']} new items at once: the web UI or the leech bot asks which are taken"
    if item["error"]:
        yield f"  {printable(item['error'])}"
    if item["next_at"] is not None:
        yield f"  looked at again at {datetime.fromtimestamp(item['next_at'], UTC):%Y-%m-%d %H:%M:%S} UTC"
