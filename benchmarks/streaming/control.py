"""The emulator's control API, from another process: faults, counters, posts."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit


class Control:
    """Calls to the control API at `url`; RuntimeError with its sentence for what it refuses."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port

    def fault(self, name: str, **arguments: Any) -> int:
        """Switch a fault on; the number that lifts it (0 for what is done at once)."""
        return int(self._call("POST", "/faults", {"name": name, "arguments": arguments}).get("id", 0))

    def lift(self, number: int) -> None:
        """Switch it off."""
        self._call("DELETE", f"/faults/{number}")

    def lift_all(self) -> None:
        """Switch everything off, flood waits included."""
        self._call("DELETE", "/faults")

    def struck(self, number: int) -> int:
        """How often a fault that is switched on has struck."""
        return sum(int(fault["used"]) for fault in self._call("GET", "/faults") if fault["id"] == number)

    @contextmanager
    def faulty(self, name: str, **arguments: Any) -> Iterator[int]:
        """A fault for as long as this lasts."""
        number = self.fault(name, **arguments)
        try:
            yield number
        finally:
            self.lift(number)

    @contextmanager
    def shaped(self, *, latency: float = 0.0, bandwidth: float | None = None) -> Iterator[None]:
        """A line of so many seconds one way, and bytes/s per connection and direction."""
        numbers = [self.fault("latency", latency=latency)] if latency else []
        if bandwidth is not None:
            numbers.append(self.fault("bandwidth", bandwidth=bandwidth))
        try:
            yield
        finally:
            for number in numbers:
                self.lift(number)

    def counted(self, name: str, **labels: Any) -> int:
        """The sum of a counter over all label sets that contain `labels`."""
        found = self._call("GET", "/counters")["counters"].get(name, [])
        return sum(int(item["value"]) for item in found if labels.items() <= item["labels"].items())

    def post(self, chat: int, file: Mapping[str, Any]) -> dict[str, Any]:
        """Post a new file to a channel; the message."""
        posted: dict[str, Any] = self._call("POST", "/post", {"chat": chat, "file": dict(file)})
        return posted

    def reset(self) -> None:
        """Forget what was counted: the list of chunks by offset grows long."""
        self._call("POST", "/counters/reset", {})

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"the emulator refuses {method} {path}: {value}")
            return value
        finally:
            connection.close()
