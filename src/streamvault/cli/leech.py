"""The work of `streamvault leech`: asks the running server for its jobs, and prints them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from streamvault.cli.server_api import Reply, ask
from streamvault.cli.terminal import printable
from streamvault.errors import ConfigError, StreamVaultError
from streamvault.settings import LocalSettings

PAGE, MOST = 50, 1000
"""Jobs of one request, and lines of a list at most."""
PATH = "/api/jobs"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")

Item = Mapping[str, Any]


def add(settings: LocalSettings, urls: Sequence[str], wishes: Mapping[str, object]) -> int:
    """Add a job for each address, and print its id and name; those that are refused are told, and the rest is left
    when there are too many. The exit code: 1 where any was not added.
    """
    failed = False
    for number, url in enumerate(urls):
        reply = ask(settings, "POST", PATH, {"source": url, **wishes})
        if reply.status in (200, 201):
            there = "" if reply.status == 201 else "  (there already)"
            print(f"{_line(reply.body)}{there}")
        elif reply.status == 429:
            raise StreamVaultError(
                f"{printable(reply.detail)} {len(urls) - number} were not added: add them again later"
            )
        else:
            failed = True
            print(f"streamvault: not added: {printable(reply.detail)}", file=sys.stderr)
    return 1 if failed else 0


def show_all(settings: LocalSettings) -> int:
    """Print a line for each job, the latest first."""
    shown, cursor = 0, ""
    while shown < MOST:
        page = _found(ask(settings, "GET", f"{PATH}?limit={PAGE}{cursor}")).body
        for item in page.get("items", ()):
            print(_line(item))
        shown += PAGE
        if not page.get("next_cursor"):
            break
        cursor = f"&cursor={page['next_cursor']}"
    return 0


def show(settings: LocalSettings, id: str) -> int:
    """Print all about a job."""
    for line in _lines(_found(ask(settings, "GET", f"{PATH}/{_checked(id)}")).body):
        print(line)
    return 0


def change(settings: LocalSettings, id: str, action: str) -> int:
    """Pause, resume, cancel or retry a job, and print what it is then."""
    print(_line(_found(ask(settings, "POST", f"{PATH}/{_checked(id)}/{action}")).body))
    return 0


def _found(reply: Reply) -> Reply:
    """The reply, if it is no refusal. Raises ConfigError for a job that does not exist, StreamVaultError for others."""
    if reply.status == 200:
        return reply
    if reply.status == 404:
        raise ConfigError("there is no such job: `streamvault leech list` shows them")
    raise StreamVaultError(printable(reply.detail))


def _checked(id: str) -> str:
    if len(id) != 16 or not set(id) <= set("0123456789abcdef"):
        raise ConfigError("a job's ID has 16 hexadecimal digits: `streamvault leech list` shows them")
    return id


def _line(item: Item) -> str:
    state = f"{item['state']} ({item['wish']} asked)" if item.get("wish") else str(item["state"])
    reason = f"  {printable(item['reason'])}" if item.get("reason") else ""
    return f"{item['id']}  {state:<12}  {_progress(item):<20}  {printable(item['name'])}{reason}"


def _lines(item: Item) -> Iterator[str]:
    yield _line(item)
    yield f"source    {printable(item['source'])}"
    for note in item.get("notes", ()):
        yield f"note      {printable(note)}"
    yield f"to        {item['chat_id']}"
    if item.get("rate"):
        left = "" if item.get("eta") is None else f", {item['eta']} s left"
        yield f"rate      {_size(item['rate'])}/s{left}"
    yield f"attempts  {item['attempts']}"
    for name, key in (("added", "created_at"), ("changed", "updated_at"), ("next try", "retry_at")):
        if item.get(key) is not None:
            yield f"{name:<8}  {datetime.fromtimestamp(item[key], UTC):%Y-%m-%d %H:%M:%S} UTC"
    for message in item.get("messages", ()):
        yield f"message   {message['chat_id']} {message['message_id']}"


def _progress(item: Item) -> str:
    done, total = item["bytes_done"], item["bytes_total"]
    return _size(done) if total is None else f"{_size(done)} of {_size(total)}"


def _size(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"
