"""`streamvault doctor`: checks of everything that a server needs."""

import argparse
import json
from typing import Any

from streamvault.cli.options import Subparsers, add_settings, run_async, secrets_of, settings_of
from streamvault.errors import ConfigError
from streamvault.logs.setup import configure_logging
from streamvault.process import importing


def add(commands: Subparsers) -> None:
    """Register `doctor`."""
    parser = commands.add_parser("doctor", help="check everything that a server needs", description=run.__doc__)
    parser.add_argument("--json", action="store_true", help="for scripts")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check settings, data folder, database, proxies, data centres, clock, sessions and credentials; 1 if one fails."""
    try:
        settings = settings_of(options)
    except ConfigError as error:
        if not options.json:
            raise
        print(json.dumps({"ok": False, "checks": [{"name": "settings", "status": "failed", "detail": str(error)}]}))
        return 2
    configure_logging("ERROR", settings.log_format, secrets=secrets_of(settings))
    with importing():
        from streamvault.cli.server_api import NotStreamVault, servers
        from streamvault.doctor.run import report

    def ask_server() -> dict[str, Any] | None:
        try:
            found = list(servers(settings))
        except ConfigError:
            return None  # a finding about DATA_DIR says why, and without the secret no server can be known
        for server in found:
            try:
                return server.readyz()
            except (NotStreamVault, ConfigError):
                continue
        return None

    healthy: list[bool] = []

    async def check() -> None:
        healthy.append(await report(settings, ask_server, as_json=options.json, say=print))

    run_async("asyncio", check)
    return 0 if healthy == [True] else 1
