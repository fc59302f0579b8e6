"""Client of the emulator's control API: faults, counters, posts."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit


class Control:
    """The control API at `url`. Raises RuntimeError with the API's message if it refuses a call."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port

    def fault(self, name: str, **arguments: Any) -> int:
        """Switch a fault on; its number for `lift` (0 for one that acts at once)."""
        return int(self._call("POST", "/faults", {"name": name, "arguments": arguments}).get("id", 0))

    def lift(self, number: int) -> None:
        """Switch a fault off."""
        self._call("DELETE", f"/faults/{number}")

    def lift_all(self) -> None:
        """Switch all faults off, flood waits included."""
        self._call("DELETE", "/faults")

    def struck(self, number: int) -> int:
        """How often a fault that is on has been applied."""
        return sum(int(fault["used"]) for fault in self._call("GET", "/faults") if fault["id"] == number)

    @contextmanager
    def faulty(self, name: str, **arguments: Any) -> Iterator[int]:
        """A fault for the duration of the block."""
        number = self.fault(name, **arguments)
        try:
            yield number
        finally:
            self.lift(number)

    @contextmanager
    def shaped(self, *, latency: float = 0.0, bandwidth: float | None = None) -> Iterator[None]:
        """Latency in seconds one way, and bytes/s per connection and direction, for the duration of the block."""
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

    def each(self, name: str) -> list[tuple[dict[str, Any], int]]:
        """The label sets of a counter, with its value for each."""
        found = self._call("GET", "/counters")["counters"].get(name, [])
        return [(item["labels"], int(item["value"])) for item in found]

    def post(self, chat: int, file: Mapping[str, Any]) -> dict[str, Any]:
        """Post a new file to a channel, and return the message."""
        posted: dict[str, Any] = self._call("POST", "/post", {"chat": chat, "file": dict(file)})
        return posted

    def reset(self) -> None:
        """Reset the counters, of which the list of chunks by offset grows long."""
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
