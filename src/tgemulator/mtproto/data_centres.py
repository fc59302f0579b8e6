"""The data centres: their listeners, their ports and what it takes to restart one."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.counters import Counters
from tgemulator.faults.registry import Faults
from tgemulator.mtproto.calls import Answerer, Calls, Tasks
from tgemulator.mtproto.connection import Connection
from tgemulator.mtproto.endpoint import Endpoint, Shared
from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.server_keys import ServerKeys

_PORTS_FILE = "ports.json"
_CIPHER_THREADS = 1  # one keeps the order of large answers


class Listener:
    """One address. `port` 0 is replaced by the one that the system chose, and then kept."""

    def __init__(self, endpoint: Endpoint, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.connections: set[Connection] = set()
        self._endpoint = endpoint
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Accept connections; OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._endpoint, self.connections), self.host, self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Accept no more and close what is open."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await drop(list(self.connections))


async def drop(connections: list[Connection]) -> int:
    """Close these connections at once and wait until their sockets are closed; how many they were."""
    for connection in connections:
        connection.abort()
    for connection in connections:
        await connection.disconnected
    return len(connections)


@dataclass(frozen=True, slots=True)
class DataCentre:
    """The listeners of one data centre; `media` is None without a media-only address."""

    config: DcConfig
    main: Listener
    media: Listener | None

    @property
    def listeners(self) -> list[Listener]:
        """One or two."""
        return [self.main] if self.media is None else [self.main, self.media]

    @property
    def connections(self) -> list[Connection]:
        """All that are open."""
        return [connection for listener in self.listeners for connection in listener.connections]

    async def open(self) -> None:
        """Open every listener."""
        for listener in self.listeners:
            await listener.open()

    async def close(self) -> None:
        """Close every listener and its connections."""
        for listener in self.listeners:
            await listener.close()


class DataCentres:
    """All data centres of an emulator. Made without I/O; empty before `open` and after `close`.

    `cdn_public_key_pem`: the RSA key of CDN DCs (PKCS#1), "" where there is none.
    """

    def __init__(self, config: EmulatorConfig, counters: Counters, faults: Faults, keys: KeyStore) -> None:
        self.cdn_public_key_pem = ""
        self._config = config
        self._counters = counters
        self._faults = faults
        self._keys = keys
        self._dcs: dict[int, DataCentre] = {}
        self._stack = AsyncExitStack()

    async def open(self, rsa: ServerKeys, answerer: Answerer) -> None:
        """Listen on every address; OSError if a port is taken."""
        self.cdn_public_key_pem = rsa.cdn.public_pem() if rsa.cdn is not None else ""
        async with AsyncExitStack() as stack:
            stack.callback(self._dcs.clear)
            ciphers = stack.enter_context(ThreadPoolExecutor(_CIPHER_THREADS, "tgemulator-cipher"))
            tasks = Tasks()
            stack.push_async_callback(tasks.close)
            shared = Shared(
                config=self._config,
                counters=self._counters,
                faults=self._faults,
                keys=self._keys,
                calls=Calls(answerer, self._counters, self._config.clock),
                tasks=tasks,
                ciphers=ciphers,
                connections_open=lambda: self.connections_open,
            )
            ports = self._saved_ports()
            for config in self._config.dcs:
                dc = self._dcs[config.id] = self._make(config, shared, rsa=rsa, ports=ports.get(str(config.id), [0, 0]))
                stack.push_async_callback(dc.close)
                await dc.open()
            self._save_ports()
            self._stack = stack.pop_all()

    async def close(self) -> None:
        """Close every listener and connection, and end every call."""
        await self._stack.aclose()

    @property
    def connections_open(self) -> int:
        """TCP connections that are open now, on all data centres."""
        return sum(len(dc.connections) for dc in self._dcs.values())

    def connections(self, dc_id: int) -> list[Connection]:
        """The open connections of one data centre. KeyError if there is none."""
        return self._dcs[dc_id].connections

    def address(self, dc_id: int, *, media_only: bool = False) -> tuple[str, int]:
        """Host and port of a data centre. KeyError if there is none, or no such address of it."""
        dc = self._dcs[dc_id]
        listener = dc.media if media_only else dc.main
        if listener is None:
            raise KeyError(dc_id)
        return listener.host, listener.port

    async def drop(self, dc_id: int | None, *, user_id: int | None) -> int:
        """Close open connections, of one data centre or account or all; how many they were."""
        count = 0
        for dc in self._dcs.values():
            if dc_id in (None, dc.config.id):
                count += await drop([item for item in dc.connections if item.belongs_to(user_id)])
        return count

    async def restart(self, dc_id: int, *, down_for: float) -> None:
        """Stop a data centre and start it on the same ports; keys survive, MTProto sessions do not."""
        dc = self._dcs[dc_id]
        await dc.close()
        self._keys.destroy_sessions(dc_id)
        await asyncio.sleep(down_for)
        await dc.open()

    def _make(self, config: DcConfig, shared: Shared, *, rsa: ServerKeys, ports: list[int]) -> DataCentre:
        """A data centre; `ports` are those of the last run, 0 for any free one."""
        key = rsa.cdn if config.cdn and rsa.cdn is not None else rsa.main

        def listener(port: int, *, media_only: bool) -> Listener:
            endpoint = Endpoint(shared, config.id, media_only, config.cdn, key)
            return Listener(endpoint, self._config.host, port)

        main_port, media_port = ports
        main = listener(config.port or main_port, media_only=False)
        if config.media_port is None:
            return DataCentre(config, main, None)
        return DataCentre(config, main, listener(config.media_port or media_port, media_only=True))

    def _saved_ports(self) -> dict[str, list[int]]:
        file = None if self._config.folder is None else self._config.folder / _PORTS_FILE
        if file is None or not file.exists():
            return {}
        ports: dict[str, list[int]] = json.loads(file.read_text())
        return ports

    def _save_ports(self) -> None:
        if self._config.folder is not None:
            ports = {dc.config.id: [dc.main.port, dc.media.port if dc.media else 0] for dc in self._dcs.values()}
            (self._config.folder / _PORTS_FILE).write_text(json.dumps(ports))
