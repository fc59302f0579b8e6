"""Bad weather for the soak: every fault that the emulator has and a server can survive, again and again."""

import random
import threading
from types import TracebackType
from typing import Any, Self

from benchmarks.streaming.control import Control
from benchmarks.streaming.options import MB
from benchmarks.streaming.stage import BOT, FOREIGN_DC, HOME_DC, WORKER, bot_id

_GET_FILE = "upload.getFile"
_ONE = {"media": True, "connections": 1}
_STORMS: tuple[tuple[str, dict[str, Any], float], ...] = (
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
"""Name, arguments and seconds. `wrong_bytes` is not among them: without hashes nobody can tell."""

FRONTS = 3
"""Faults at the same time."""

_PAUSE = 1.5
_KEY_EVERY = 100  # storms between two that kill the key of the foreign data centre: a key is not made every minute


class Weather:
    """FRONTS faults at a time, one after the other, over a line that is long and narrow; ends with its block."""

    def __init__(self, control: Control, *, seed: int = 1) -> None:
        self._control = control
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._blow) for _ in range(FRONTS)]
        self.storms = 0
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

    def _blow(self) -> None:
        try:
            while not self._stop.is_set():
                order = list(_STORMS)
                self._random.shuffle(order)
                for name, arguments, seconds in order:
                    if self._stop.is_set():
                        return
                    self._strike(name, arguments, seconds)
        except (OSError, RuntimeError) as error:
            self.error = error

    def _strike(self, name: str, arguments: dict[str, Any], seconds: float) -> None:
        """One storm, in one data centre where the fault knows them."""
        self.storms += 1
        if self.storms % _KEY_EVERY == 30:
            name, arguments, seconds = "dead_key", {"dc": FOREIGN_DC}, 1.0
        elif name != "expire_references":
            arguments = {"dc": self._random.choice((HOME_DC, HOME_DC, FOREIGN_DC)), **arguments}
        number = self._control.fault(name, **arguments)
        self._stop.wait(seconds)
        if number:
            self._control.lift(number)
        self._stop.wait(_PAUSE)
