"""The log-ins of a server over records in memory."""

import secrets
from collections.abc import Callable

from streamvault.access.identity import Person
from streamvault.access.login import Logins, Pending, Started
from tests.support.access_records import MemoryAccessRecords

ADA, EVE = Person(11, "Ada"), Person(66, "Eve")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class LoginBench:
    """The service over records in memory, and a clock that the test sets. `node` is another process's service."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.records = MemoryAccessRecords()
        self.logins = self.node()

    def node(self, below: Callable[[int], int] = secrets.randbelow) -> Logins:
        return Logins(self.records, lambda: self.now, poll=0.01, below=below)

    async def start(self, address: str = "192.0.2.7", user: str | None = None) -> Started:
        return await self.logins.start(user_agent=FIREFOX, address=address, user=user)

    async def asked(self, started: Started, person: Person = ADA) -> Pending:
        pending = await self.logins.asked(started.code, person)
        assert pending is not None
        return pending
