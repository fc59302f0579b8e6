"""yt-dlp as a child process: looking at an address, and fetching from it."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from streamvault.errors import LeechError, SourceFailed, SourceRefused
from streamvault.leech.children.running import Child, ChildLimits, running
from streamvault.leech.children.tools import Tools, install_tools
from streamvault.leech.egress.passes import Pass
from streamvault.leech.egress.proxy import EgressProxy
from streamvault.leech.ytdlp.command import fetch_arguments, look_arguments, plain_address, typed
from streamvault.leech.ytdlp.lines import LIVE, Entry, Progress, Written, error_of, parse_line

MISSING = (
    "yt-dlp is not installed on this server: its owner installs it in StreamVault's folder by `pip install '.[leech]'`"
)
NOTHING = "yt-dlp finds nothing there: there is no such entry, or no video"
TOOLS = ("ffmpeg", "ffprobe", "deno")
LOOKED = 256 << 20
"""Bytes that may be read to look at an address."""
SILENCE = 180.0
"""Seconds without a line or a byte after which it is taken to hang."""
SECONDS_EACH = 12 * 3600.0
"""Seconds that one video may take."""
_SMALL = 16 << 20


class NothingFound(SourceRefused):
    """There is nothing, or nothing of what was chosen, and no error."""


class CutShort(SourceFailed):
    """Something was found, and then an error kept yt-dlp from finding more, or all about it."""


class Ytdlp:
    """`tools`: the folder of the programs that it may start, made when it is needed. `silence` and `seconds` as SILENCE
    and SECONDS_EACH.
    """

    def __init__(
        self, proxy: EgressProxy, tools: Path, *, silence: float = SILENCE, seconds: float = SECONDS_EACH
    ) -> None:
        self._proxy = proxy
        self._folder = tools
        self._silence, self._seconds = silence, seconds
        self._installing = asyncio.Lock()
        self._tools: Tools | None = None

    async def look(self, address: str, *, items: str = "", flat: bool = True) -> AsyncGenerator[Entry, None]:
        """What is at an address, as it is found; see look_arguments. Raises SourceRefused, SourceFailed; CutShort after
        entries, where an error kept it from finding all.
        """
        tools, admission, count = await self._installed(), Pass(LOOKED), 0
        arguments = look_arguments(tools=tools.names, items=items, flat=flat)
        limits = ChildLimits(file=1)  # it writes nothing
        async with self._running(arguments, address, Path("/"), admission, limits) as child:
            async with aclosing(self._said(child, admission)) as said:
                async for one in said:
                    if isinstance(one, Entry):
                        count += 1
                        yield one
            code = await child.wait()
            if code and count:
                raise CutShort(str(_error(child, admission)))
            if not count:
                raise _error(child, admission) if code else NothingFound(NOTHING)

    async def fetch(
        self, address: str, folder: Path, *, items: str = "", most: int, on_progress: Callable[[Progress], None]
    ) -> Written:
        """Write one video into `folder`, or go on with it. `most`: bytes that may come from the network, and of each
        file. Raises SourceRefused, SourceFailed.
        """
        arguments = fetch_arguments(tools=(await self._installed()).names, items=items)
        admission, written = Pass(most + _SMALL), None
        async with (
            asyncio.timeout(self._seconds),
            self._running(arguments, address, folder, admission, ChildLimits(file=most)) as child,
            aclosing(self._said(child, admission)) as said,
        ):
            async for one in said:
                if isinstance(one, Progress):
                    on_progress(one)
                elif isinstance(one, Written):
                    written = written or one
            code = await child.wait()
            if written is None:  # without an error, it was left out as live
                raise _error(child, admission) if code else SourceRefused(LIVE)
        return written

    async def _installed(self) -> Tools:
        async with self._installing:
            if self._tools is None or not self._folder.is_dir():
                self._tools = await asyncio.to_thread(install_tools, self._folder, TOOLS)
            return self._tools

    @asynccontextmanager
    async def _running(
        self, arguments: Sequence[str], address: str, folder: Path, admission: Pass, limits: ChildLimits
    ) -> AsyncIterator[Child]:
        if not is_installed():
            raise SourceRefused(MISSING)
        command = [sys.executable, "-I", "-X", "utf8", "-m", "yt_dlp", *arguments]
        environment = {
            "HOME": "/nonexistent", "PATH": str(self._folder), "LANG": "C.UTF-8", "YTDLP_NO_PLUGINS": "1",
            "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        with self._proxy.admitted(admission) as proxy:
            text = typed(proxy, plain_address(address))
            async with running(command, folder=folder, environment=environment, typed=text, limits=limits) as child:
                yield child

    async def _said(self, child: Child, admission: Pass) -> AsyncGenerator[Entry | Progress | Written, None]:
        """What it prints. Raises SourceFailed where it is silent for too long."""
        lines = child.lines()
        async with aclosing(lines):
            while True:
                asked = asyncio.ensure_future(anext(lines, None))
                try:
                    line = await self._heard(asked, admission)
                finally:
                    asked.cancel()
                    await asyncio.gather(asked, return_exceptions=True)
                if line is None:
                    return
                if (one := parse_line(line)) is not None:
                    yield one

    async def _heard(self, asked: "asyncio.Future[str | None]", admission: Pass) -> str | None:
        while True:
            left = self._silence - admission.idle
            done, _ = await asyncio.wait({asked}, timeout=max(left, 1.0))
            if done:
                return asked.result()
            if admission.idle >= self._silence:
                raise SourceFailed(f"nothing came from the source for {self._silence:.0f} seconds")


def is_installed() -> bool:
    """Whether yt-dlp is: it comes with the extra `leech`."""
    return importlib.util.find_spec("yt_dlp") is not None


def _error(child: Child, admission: Pass) -> LeechError:
    """Why it found or wrote nothing: what the proxy refused comes first, as yt-dlp says nothing of the reason."""
    if admission.exceeded:
        return SourceRefused("more bytes came from the source than are taken")
    refused = [error for error in admission.refusals if isinstance(error, SourceRefused)]
    return next(iter([*refused, *admission.refusals]), None) or error_of(child.messages)
