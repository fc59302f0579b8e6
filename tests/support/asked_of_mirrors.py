"""Requests about mirrors in memory, as the leech bot's process and a server's share them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from streamvault.errors import CatalogError
from streamvault.leech.mirror.asking import Request


@dataclass
class MemoryRequests:
    """Requests over a dictionary; `failing` makes every method raise CatalogError."""

    stored: dict[str, Request] = field(default_factory=dict)
    failing: bool = False
    reads: int = 0

    async def add(self, request: Request) -> None:
        self._check()
        self.stored[request.id] = request

    async def listed(self) -> Sequence[Request]:
        self._check()
        self.reads += 1
        return list(self.stored.values())

    async def answer(self, request: Request, text: str, *, mirror: str | None) -> None:
        self._check()
        if self.stored.get(request.id) == request:
            self.stored[request.id] = replace(request, answer=text, mirror=mirror)

    async def delete(self, id: str) -> None:
        self._check()
        self.stored.pop(id, None)

    def _check(self) -> None:
        if self.failing:
            raise CatalogError("the database does not answer")
