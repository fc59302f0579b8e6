"""The emulated Telegram as one object: `async with Emulator(config) as emulator: ...`"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.counters import Counters
from tgemulator.faults.registry import Faults
from tgemulator.mtproto.calls import Calls, Tasks
from tgemulator.mtproto.connection import Place
from tgemulator.mtproto.exclusive import Exclusive
from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.server import DataCentre, Listener
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire.rsa import RsaKey
from tgemulator.world.files import FileStore
from tgemulator.world.world import World

import tgemulator.services  # isort: skip  # noqa: F401  the handlers register themselves

_RSA_FILE, _CDN_RSA_FILE, _KEYS_FILE, _PORTS_FILE = "server_key.pem", "cdn_key.pem", "keys.sqlite", "ports.json"

_CIPHER_THREADS = 1  # one keeps the order of large answers


class Emulator:
    """All data centres of one Telegram. Made without I/O; listens inside `async with`.

    `public_key_pem` (PKCS#1) and `public_key_fingerprint` (signed) exist once it has been entered. CDN DCs have
    another key, `cdn_public_key_pem`, which help.getCdnConfig tells; it is empty where there is no CDN DC.
    """

    def __init__(self, config: EmulatorConfig | None = None) -> None:
        self.config = config or EmulatorConfig()
        self.counters = Counters()
        self.keys = KeyStore()
        self.exclusive = Exclusive(self.keys)
        self.faults = Faults(self)
        self.files = FileStore(self.config)
        self.world = World(self)
        self.public_key_pem = ""
        self.public_key_fingerprint = 0
        self.cdn_public_key_pem = ""
        self._calls = Calls(self)
        self._tasks = Tasks()
        self._dcs: dict[int, DataCentre] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            rsa, cdn_rsa = await self._load(stack)
            stack.callback(self.files.close)
            ciphers = stack.enter_context(ThreadPoolExecutor(_CIPHER_THREADS, "tgemulator-cipher"))
            stack.push_async_callback(self._tasks.close)
            place = partial(Place, emulator=self, calls=self._calls, tasks=self._tasks, ciphers=ciphers)
            ports = self._saved_ports()
            for config in self.config.dcs:
                keyed = partial(place, rsa=cdn_rsa if config.cdn and cdn_rsa else rsa)
                dc = self._dcs[config.id] = self._data_centre(config, keyed, ports=ports)
                stack.push_async_callback(dc.close)
                await dc.open()
            self._save_ports()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        self._dcs.clear()

    def now(self) -> float:
        """Unix seconds on the configured clock."""
        return self.config.clock()

    @property
    def connections_open(self) -> int:
        """TCP connections that are open now, on all data centres."""
        return sum(len(dc.connections) for dc in self._dcs.values())

    def address(self, dc_id: int, *, media_only: bool = False) -> tuple[str, int]:
        """Host and port of a data centre; KeyError if there is none, or no such address of it."""
        dc = self._dcs[dc_id]
        listener = dc.media if media_only else dc.main
        if listener is None:
            raise KeyError(dc_id)
        return listener.host, listener.port

    def push(self, user_id: int, updates: Any, *, exclude: MtprotoSession | None = None) -> None:
        """Send updates to every session of an account that takes them, at its home DC, but for `exclude`."""
        user = self.world.users.get(user_id)
        if user is None:
            return
        body = updates.write()
        for key in self.keys.of_user(user_id):
            if key.dc_id == user.home_dc:
                for session in key.sessions.values():
                    if session.subscribed and session is not exclude:
                        session.push(body, now=self.now())

    async def drop_connections(self, dc_id: int | None = None, *, user_id: int | None = None) -> int:
        """Break open connections, of one data centre or account or all; how many they were."""
        count = 0
        for dc in self._dcs.values():
            if dc_id in (None, dc.config.id):
                count += await dc.main.drop([item for item in dc.connections if item.belongs_to(user_id)])
        return count

    async def restart_dc(self, dc_id: int, *, down_for: float = 0.0) -> None:
        """Stop a data centre and start it on the same ports; keys live on, MTProto sessions do not."""
        dc = self._dcs[dc_id]
        await dc.close()
        for key in self.keys.all():
            if key.dc_id == dc_id:
                key.sessions.clear()
                key.owner = None
        await asyncio.sleep(down_for)
        await dc.open()

    def _data_centre(self, config: DcConfig, place: Callable[..., Place], *, ports: dict[str, list[int]]) -> DataCentre:
        """`place` lacks only what differs from listener to listener."""

        def listener(port: int, *, media_only: bool) -> Listener:
            here = place(dc_id=config.id, media_only=media_only, cdn=config.cdn, open=set())
            return Listener(here, self.config.host, port)

        main_port, media_port = ports.get(str(config.id), [0, 0])
        main = listener(config.port or main_port, media_only=False)
        if config.media_port is None:
            return DataCentre(config, main, None)
        return DataCentre(config, main, listener(config.media_port or media_port, media_only=True))

    async def _load(self, stack: AsyncExitStack) -> tuple[RsaKey, RsaKey | None]:
        """The RSA keys (that of CDN DCs if there are any) and the auth keys, from the folder if there is one."""
        folder = self.config.folder
        rsa = await asyncio.to_thread(_rsa_key, folder, _RSA_FILE)
        cdn_rsa = None
        if any(dc.cdn for dc in self.config.dcs):
            cdn_rsa = await asyncio.to_thread(_rsa_key, folder, _CDN_RSA_FILE)
            self.cdn_public_key_pem = cdn_rsa.public_pem()
        self.public_key_pem, self.public_key_fingerprint = rsa.public_pem(), rsa.fingerprint
        stack.callback(self.keys.close)
        self.keys.open(None if folder is None else folder / _KEYS_FILE)
        return rsa, cdn_rsa

    def _saved_ports(self) -> dict[str, list[int]]:
        file = None if self.config.folder is None else self.config.folder / _PORTS_FILE
        if file is None or not file.exists():
            return {}
        ports: dict[str, list[int]] = json.loads(file.read_text())
        return ports

    def _save_ports(self) -> None:
        if self.config.folder is not None:
            ports = {dc.config.id: [dc.main.port, dc.media.port if dc.media else 0] for dc in self._dcs.values()}
            (self.config.folder / _PORTS_FILE).write_text(json.dumps(ports))


def _rsa_key(folder: Path | None, name: str) -> RsaKey:
    """The key stored as `name`, or a new one, stored if there is a folder (0600)."""
    if folder is None:
        return RsaKey.generate()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    if file.exists():
        return RsaKey.load(file.read_bytes())
    rsa = RsaKey.generate()
    file.touch(mode=0o600)
    file.write_bytes(rsa.private_pem())
    return rsa
