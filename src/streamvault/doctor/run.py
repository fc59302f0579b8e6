"""Runs the checks one after the other and reports each finding at once."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable

from streamvault.doctor import checks
from streamvault.doctor.checks import ServerState
from streamvault.doctor.finding import Finding, failed
from streamvault.doctor.port import check_port
from streamvault.errors import ConfigError, SourceError
from streamvault.settings import Settings
from streamvault.telegram.accounts.spec import server_name, specs
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.sessions.stores import Stores

_MARKS = {"ok": "ok     ", "warning": "warning", "failed": "FAILED "}


async def examine(settings: Settings, ask_server: Callable[[], ServerState]) -> AsyncIterator[Finding]:
    """The findings about these settings, ordered so that the first failure explains those after it.

    `ask_server` returns what /readyz of a running server with these settings says; it may block.
    """
    yield Finding("settings", "ok", "complete and well-formed")
    data_is_fine = True
    async for finding in checks.check_data(settings):
        yield finding
        data_is_fine = data_is_fine and not (finding.name == "data folder" and finding.status == "failed")
    if data_is_fine:
        async for finding in checks.check_database(settings):
            yield finding
    async for finding in check_port(settings, ask_server):
        yield finding
    try:
        server_name(settings)
    except ConfigError as error:
        yield failed("server key", error)
        return
    async for finding in checks.check_network(settings, await _addresses(settings) if data_is_fine else ()):
        yield finding
    if data_is_fine:
        async for finding in checks.check_account(settings, ask_server):
            yield finding
    elif (told := await asyncio.to_thread(ask_server)) is not None:  # it was started before the folder failed
        for finding in checks.check_server(told):
            yield finding
    async for finding in checks.check_programs(torrents=settings.leech_torrents):
        yield finding


async def report(
    settings: Settings, ask_server: Callable[[], ServerState], *, as_json: bool, say: Callable[[str], None]
) -> bool:
    """Report every finding; False if a check failed."""
    found = []
    async for finding in examine(settings, ask_server):
        found.append(finding)
        if not as_json:
            say(line(finding))
    healthy = all(finding.status != "failed" for finding in found)
    if as_json:
        say(as_document(found))
    return healthy


def line(finding: Finding) -> str:
    """A finding as one line, with what to do about it."""
    text = f"{_MARKS[finding.status]}  {finding.name}: {finding.detail}"
    return f"{text}; to mend it: {finding.mend}" if finding.mend else text


def as_document(found: list[Finding]) -> str:
    """JSON for scripts: `ok`, and the findings with `name`, `status` (ok, warning, failed), `detail` and `mend`."""
    healthy = all(finding.status != "failed" for finding in found)
    return json.dumps({"ok": healthy, "checks": [dataclasses.asdict(finding) for finding in found]}, indent=2)


async def _addresses(settings: Settings) -> tuple[DcAddress, ...]:
    try:
        async with Stores(settings) as stores:
            return checks.known_addresses(await stores.backend(specs(settings)[0].name).peek())
    except (ConfigError, SourceError):
        return ()  # check_account reports the error
