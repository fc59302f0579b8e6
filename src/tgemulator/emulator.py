"""The emulated Telegram as one object: `async with Emulator(config) as emulator: ...`"""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from tgemulator.config import EmulatorConfig
from tgemulator.counters import Counters
from tgemulator.faults.registry import Faults
from tgemulator.mtproto.data_centres import DataCentres
from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.server_keys import ServerKeys
from tgemulator.mtproto.subscribers import SessionSubscribers
from tgemulator.services.call_media import CallMedia, seat_of
from tgemulator.services.dispatcher import Dispatcher
from tgemulator.services.registry import Server
from tgemulator.sfu.recording import Recording
from tgemulator.sfu.server import Seat, Sfu
from tgemulator.world.call_model import CallParticipant, GroupCall
from tgemulator.world.files import FileStore
from tgemulator.world.model import Chat, Peer, User
from tgemulator.world.world import World

_KEYS_FILE = "keys.sqlite"


class Emulator:
    """All data centres of one Telegram. Made without I/O; listens inside `async with`.

    `public_key_pem` (PKCS#1) and `public_key_fingerprint` (signed) exist once it has been entered. CDN DCs have
    another key, `cdn_public_key_pem`, which help.getCdnConfig returns; it is "" where there is no CDN DC.
    `server` is what the handlers of the API use.
    """

    def __init__(self, config: EmulatorConfig | None = None) -> None:
        self.config = config or EmulatorConfig()
        clock = self.config.clock
        self.counters = Counters()
        self.keys = KeyStore()
        self.files = FileStore(self.config)
        self.faults = Faults(clock, self.counters, keys=self.keys, references=self.files)
        self.world = World(self.config, self.files, SessionSubscribers(self.keys, clock))
        self.sfu = Sfu(self.config.host, self.faults)
        self.faults.on_media_fault = self.sfu.apply_faults
        self.data_centres = DataCentres(self.config, self.counters, self.faults, self.keys)
        self.server = Server(
            self.config, self.counters, self.faults, self.keys, self.files, self.world, self.data_centres, self.sfu
        )
        self.world.calls.media = CallMedia(self.sfu)
        self.public_key_pem = ""
        self.public_key_fingerprint = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        folder = self.config.folder
        async with AsyncExitStack() as stack:
            rsa = await asyncio.to_thread(ServerKeys.load, folder, cdn=any(dc.cdn for dc in self.config.dcs))
            self.public_key_pem, self.public_key_fingerprint = rsa.main.public_pem(), rsa.main.fingerprint
            stack.callback(self.keys.close)
            self.keys.open(None if folder is None else folder / _KEYS_FILE)
            stack.callback(self.files.close)
            stack.callback(self.sfu.close)
            await self.data_centres.open(rsa, Dispatcher(self.server))
            stack.push_async_callback(self.data_centres.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def now(self) -> float:
        """Unix seconds on the configured clock."""
        return self.config.clock()

    @property
    def cdn_public_key_pem(self) -> str:
        """The RSA key of CDN DCs, "" where there is none."""
        return self.data_centres.cdn_public_key_pem

    @property
    def connections_open(self) -> int:
        """TCP connections that are open now, on all data centres."""
        return self.data_centres.connections_open

    def address(self, dc_id: int, *, media_only: bool = False) -> tuple[str, int]:
        """Host and port of a data centre. KeyError if there is none, or no such address of it."""
        return self.data_centres.address(dc_id, media_only=media_only)

    def recording(self, call: GroupCall, who: User | Chat, *, presentation: bool = False) -> Recording:
        """What the media server has heard of an account or channel in a call, over all of its connections."""
        peer: Peer = ("user", who.id) if isinstance(who, User) else who.peer
        return self.sfu.recording(Seat(call.id, peer, presentation=presentation))

    def speak(self, call: GroupCall, participant: CallParticipant, *, frequency: int) -> None:
        """Let a simulated participant send a tone of so many Hz to all in the call, until it leaves. Needs PyAV."""
        self.sfu.speak(seat_of(call, participant), participant.source & 0xFFFFFFFF, frequency=frequency)
        self.sfu.mute(seat_of(call, participant), muted=participant.muted)

    async def drop_connections(self, dc_id: int | None = None, *, user_id: int | None = None) -> int:
        """Close open connections at once, of one data centre or account or all; how many they were."""
        return await self.data_centres.drop(dc_id, user_id=user_id)

    async def restart_dc(self, dc_id: int, *, down_for: float = 0.0) -> None:
        """Stop a data centre and start it on the same ports after `down_for` seconds.

        Auth keys survive, MTProto sessions do not. KeyError if there is no such DC.
        """
        await self.data_centres.restart(dc_id, down_for=down_for)
