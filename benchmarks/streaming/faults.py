"""Faults for the soak: every fault of the emulator that a server can recover from, in random order."""

import random
import threading
from types import TracebackType
from typing import Any, Self

from benchmarks.streaming.control import Control
from benchmarks.streaming.options import MB
from benchmarks.streaming.testbed import BOT, FOREIGN_DC, HOME_DC, WORKER, bot_id

_GET_FILE = "upload.getFile"
_ONE = {"media": True, "connections": 1}
_FAULTS: tuple[tuple[str, dict[str, Any], float], ...] = (
    ("drop", {"method": _GET_FILE, "times": 1}, 1.0),
    ("drop", {"method": _GET_FILE, "times": 3}, 1.0),
    ("stall", _ONE, 6.0),
    ("half_open", _ONE, 6.0),
    ("flood_wait", {"seconds": 5, "method": _GET_FILE, "times": 1, "user": bot_id(WORKER)}, 5.0),
    ("flood_wait", {"seconds": 3, "method": _GET_FILE, "times": 1, "user": bot_id(BOT)}, 3.0),
    ("flood_wait", {"seconds": 2, "method": _GET_FILE, "times": 1, "premium": True, "user": bot_id(WORKER)}, 2.0),
    ("error", {"code": -503, "text": "Timeout", "method": _GET_FILE, "times": 3}, 2.0),
    ("error", {"code": 500, "text": "RPC_CALL_FAIL", "method": _GET_FILE, "times": 2}, 2.0),
    ("transport_error", {"code": -429, "method": _GET_FILE, "times": 1}, 2.0),
    ("short_chunk", {"times": 2}, 2.0),
    ("empty_chunk", {"times": 2}, 2.0),
    ("slow_answer", {"seconds": 4, "method": _GET_FILE, "times": 2}, 5.0),
    ("expire_references", {}, 1.0),
)
"""Name, arguments and duration in seconds. Without `wrong_bytes`, which cannot be detected without hashes."""

CONCURRENT = 3
"""Faults at the same time."""

_PAUSE = 1.5
_KEY_EVERY = 100  # faults between two losses of the foreign DC's auth key, since new keys have a rate limit


class RandomFaults:
    """Injects CONCURRENT faults at a time, with latency and limited bandwidth, for the duration of its block."""

    def __init__(self, control: Control, *, seed: int = 1) -> None:
        self._control = control
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._inject_until_stopped) for _ in range(CONCURRENT)]
        self.injected = 0
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._control.fault("latency", latency=0.02)
        self._control.fault("bandwidth", bandwidth=8 * MB)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._control.lift_all()

    def _inject_until_stopped(self) -> None:
        try:
            while not self._stop.is_set():
                order = list(_FAULTS)
                self._random.shuffle(order)
                for name, arguments, seconds in order:
                    if self._stop.is_set():
                        return
                    self._inject(name, arguments, seconds)
        except (OSError, RuntimeError) as error:
            self.error = error

    def _inject(self, name: str, arguments: dict[str, Any], seconds: float) -> None:
        """One fault, in one data centre if it is one of a data centre."""
        self.injected += 1
        if self.injected % _KEY_EVERY == 30:
            name, arguments, seconds = "dead_key", {"dc": FOREIGN_DC}, 1.0
        elif name != "expire_references":
            arguments = {"dc": self._random.choice((HOME_DC, HOME_DC, FOREIGN_DC)), **arguments}
        number = self._control.fault(name, **arguments)
        self._stop.wait(seconds)
        if number:
            self._control.lift(number)
        self._stop.wait(_PAUSE)
