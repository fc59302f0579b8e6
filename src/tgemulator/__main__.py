"""`tgemulator`, or `python -m tgemulator`: an emulated Telegram as a process of its own."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from tgemulator import __version__
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.control.server import ControlServer
from tgemulator.control.world_file import DescriptionError, build_world
from tgemulator.emulator import Emulator

_DESCRIPTION = """\
A Telegram data centre on loopback: real MTProto over TCP, as strict as the real one.
Clients connect to the entry DC that is printed, with the RSA public key that is printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM. Exit code 0 then, 2 for a wrong option or world file, 1 if a port is taken."""
    options = make_parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except DescriptionError as error:
        print(f"tgemulator: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"tgemulator: {error}", file=sys.stderr)
        return 1
    return 0


class _Parser(argparse.ArgumentParser):
    """Prints an error as one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def make_parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = _Parser("tgemulator", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--host", default="127.0.0.1", help="address that the data centres listen on (%(default)s)")
    parser.add_argument(
        "--port-base",
        type=_port,
        default=0,
        metavar="PORT",
        help="first port; every DC takes two, its media-only address the second (default: any free ports)",
    )
    parser.add_argument("--cdn", action="store_true", help="add a CDN DC, number 203")
    parser.add_argument("--folder", type=Path, help="keeps RSA key, auth keys and secrets across restarts")
    parser.add_argument("--world", type=Path, metavar="FILE", help="JSON file of accounts, chats and messages")
    parser.add_argument(
        "--control-port", type=_port, metavar="PORT", help="serve the HTTP control API on loopback (0: any free port)"
    )
    parser.add_argument("--print-json", action="store_true", help="print one line of JSON when ready, instead of text")
    return parser


def _port(text: str) -> int:
    """A port number, for argparse."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def config_of(options: argparse.Namespace) -> EmulatorConfig:
    """The configuration that follows from the options."""
    config = EmulatorConfig(host=options.host, folder=options.folder)
    dcs = [*config.dcs, *([DcConfig(203, media_port=None, cdn=True)] if options.cdn else [])]
    if options.port_base:
        ports = range(options.port_base, options.port_base + 2 * len(dcs), 2)
        dcs = [
            replace(dc, port=port, media_port=None if dc.media_port is None else port + 1)
            for dc, port in zip(dcs, ports, strict=True)
        ]
    return replace(config, dcs=tuple(dcs))


async def _run(options: argparse.Namespace) -> None:
    """Open everything, print where it listens, and wait for a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tgemulator-")))
        emulator = await stack.enter_async_context(Emulator(config_of(options)))
        if options.world is not None:
            await build_world(emulator, options.world)
        control = None
        if options.control_port is not None:
            control = await stack.enter_async_context(ControlServer(emulator, port=options.control_port))
        key_file = folder / "public_key.pem"
        key_file.write_text(emulator.public_key_pem)
        ready = description(emulator, key_file=key_file, control_url=control.url if control else None)
        print(json.dumps(ready) if options.print_json else _as_text(ready), flush=True)
        await stopped.wait()


def description(emulator: Emulator, *, key_file: Path, control_url: str | None) -> dict[str, Any]:
    """All addresses and the key's file, as printed: `entry` is the first DC as `dc@host:port`."""
    dcs = {}
    for dc in emulator.config.dcs:
        host, port = emulator.address(dc.id)
        media_port = None if dc.media_port is None else emulator.address(dc.id, media_only=True)[1]
        dcs[str(dc.id)] = {"host": host, "port": port, "media_port": media_port, "cdn": dc.cdn}
    entry = emulator.config.dcs[0].id
    host, port = emulator.address(entry)
    return {
        "entry": f"{entry}@{host}:{port}",
        "dcs": dcs,
        "public_key": str(key_file.absolute()),
        "fingerprint": emulator.public_key_fingerprint,
        "control": control_url,
    }


def _as_text(ready: dict[str, Any]) -> str:
    """The same as text."""
    lines = [f"Entry DC    {ready['entry']}", f"Public key  {ready['public_key']}"]
    for number, dc in ready["dcs"].items():
        media = f", media only {dc['media_port']}" if dc["media_port"] else ""
        lines.append(f"DC {number:<8} {dc['host']}:{dc['port']}{media}{', CDN' if dc['cdn'] else ''}")
    if ready["control"]:
        lines.append(f"Control     {ready['control']}")
    return "\n".join([*lines, "Ctrl-C stops it."])


if __name__ == "__main__":
    sys.exit(main())
