"""A network namespace whose only neighbour is this machine; whatever else it would send goes to a dead end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.programs import as_root, program

OUTSIDE, INSIDE = "10.213.7.1", "10.213.7.2"


@dataclass(frozen=True)
class Namespace:
    """`outside` is this machine's address as seen from within, `inside` the namespace's own."""

    name: str
    outside: str = OUTSIDE
    inside: str = INSIDE

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command to run it within."""
        return (program("ip"), "netns", "exec", self.name)

    async def sent(self) -> tuple[int, int]:
        """TCP connections begun, and UDP datagrams sent, to anywhere, by everybody within."""
        counts = {}
        lines = (await _run(*self.enter, "cat", "/proc/net/snmp")).splitlines()
        for names, values in zip(lines[::2], lines[1::2], strict=True):
            kind = names.partition(":")[0]
            counts.update({f"{kind}{n}": int(v) for n, v in zip(names.split()[1:], values.split()[1:], strict=True)})
        return counts["TcpActiveOpens"], counts["UdpOutDatagrams"]


@asynccontextmanager
async def namespace() -> AsyncIterator[Namespace]:
    """A new one, with a route for everything, so that an attempt to go anywhere is made, and counted."""
    as_root()
    made = Namespace(f"streamvault-{os.getpid()}")
    here, there, dead_end = f"sv{os.getpid()}h", f"sv{os.getpid()}n", f"sv{os.getpid()}d"
    await _run("ip", "netns", "add", made.name)
    try:
        for near, far in ((here, there), (dead_end, f"{dead_end}n")):
            await _run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", made.name)
            await _run("ip", "link", "set", near, "up")
            await _run(*made.enter, "ip", "link", "set", far, "up")
        await _run("ip", "address", "add", f"{OUTSIDE}/30", "dev", here)
        await _run(*made.enter, "ip", "address", "add", f"{INSIDE}/30", "dev", there)
        await _run(*made.enter, "ip", "link", "set", "lo", "up")
        await _run(*made.enter, "ip", "route", "add", "default", "dev", f"{dead_end}n")
        yield made
    finally:
        for near in (here, dead_end):
            await _run("ip", "link", "delete", near)  # the namespace would give them back some time later
        await _run("ip", "netns", "delete", made.name)


async def _run(name: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program(name), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, (name, arguments, err)
    return out.decode()
