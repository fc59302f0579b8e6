"""Log-ins that a browser waits for, and that a person confirms in the bot.

The page shows a code and a number. Who sends the code to the bot is asked which of three numbers the page shows: one
wrong answer ends the log-in, so that nobody confirms the page of somebody else. The browser that began it holds a
secret, without which the code fetches nothing. The records are shared: another process than the one where the browser
waits may take the answer.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from streamvault.access.browsers import browser_name
from streamvault.access.identity import Person
from streamvault.access.login_room import MOST_WAITING, LoginRoom
from streamvault.access.secrets import digest, is_secret_of, new_secret
from streamvault.access.store.base import AccessRecords, Record
from streamvault.access.tries import Tries
from streamvault.errors import TooManyTries

LOGIN_SECONDS = 300.0
"""How long a log-in waits for its answer."""
FETCH_SECONDS = 60.0
"""How much longer a confirmed one waits for its browser."""
WRONG_CODES, WRONG_CODES_OF_ADDRESS, WRONG_SECONDS = 5, 30, 600.0
"""Wrong codes of a person, and of an address that asks for outcomes, within so many seconds."""
WAIT_SECONDS, POLL_SECONDS = 25.0, 1.0
"""How long one wait lasts at most, and how often it looks for the answer of another process."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 as Crockford writes it: 40 bits in a code."""
CODE_LENGTH = 8
PARAMETER = "login_"
_READ_AS = str.maketrans("OIL", "011", "- ")

Answer = Literal["confirmed", "wrong", "refused", "answered", "expired"]
"""What came of an answer; "answered": there was one already."""


@dataclass(frozen=True, slots=True)
class Started:
    """What the browser gets: it shows `code` and `number`, keeps `secret` to itself, and links to the bot with
    `start_parameter`. `expires_at` in Unix seconds.
    """

    code: str
    secret: str
    number: int
    start_parameter: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Pending:
    """What the person is asked: whether this browser is theirs, and which of the three numbers it shows.

    `key` belongs to this log-in and this person; an answer needs it.
    """

    code: str
    browser: str
    address: str
    numbers: tuple[int, ...]
    key: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """`person` of a confirmed log-in, and `user`: whose personal data the browser had before."""

    state: Literal["waiting", "confirmed", "refused", "expired"]
    person: Person | None = None
    user: str | None = None


class Logins:
    """`clock` gives Unix seconds, `below(n)` a random number from 0 to n - 1. Every method raises CatalogError."""

    def __init__(
        self,
        records: AccessRecords,
        clock: Callable[[], float] = time.time,
        *,
        below: Callable[[int], int] = secrets.randbelow,
        secret: Callable[[], str] = new_secret,
        poll: float = POLL_SECONDS,
    ) -> None:
        self._records = records
        self._clock = clock
        self._below = below
        self._secret = secret
        self._poll = poll
        self._starting = asyncio.Lock()
        self._room = LoginRoom(records, seconds=LOGIN_SECONDS)
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self._ended = False
        self._wrong = Tries(WRONG_CODES, seconds=WRONG_SECONDS, clock=clock)
        self._wrong_of_address = Tries(WRONG_CODES_OF_ADDRESS, seconds=WRONG_SECONDS, clock=clock)

    async def start(
        self, *, user_agent: str, address: str, counted: str | None = None, user: str | None = None
    ) -> Started:
        """A log-in for a browser at `address`, which the person is shown; `user`: whose personal data it has now.

        `counted`: by what its log-ins are counted, where that is not the address: what an unnamed proxy says of it.
        Where too many wait, the oldest of this address or of the one with most ends. Raises TooManyTries where there is
        no room even so.
        """
        shown = _shown_address(address)
        numbers = self._draw(list(range(10, 100)), 3)
        secret = self._secret()
        value = {
            "browser": browser_name(user_agent),
            "address": shown,
            "counted": counted or shown,
            "user": user,
            "secret": digest(secret),
            "key": self._secret(),
            "number": numbers[0],
            "numbers": self._draw(numbers, 3),
            "state": "waiting",
        }
        async with self._starting:
            await self._room.for_address(counted or shown, self._clock())
            record = await self._add(value)
        return Started(record.id, secret, numbers[0], PARAMETER + record.id, record.created + LOGIN_SECONDS)

    async def asked(self, text: str, person: Person) -> Pending | None:
        """The log-in that a person means by a code, however it is written, or a start parameter; None if none waits.

        Raises TooManyTries after WRONG_CODES of this person in WRONG_SECONDS.
        """
        wait = self._wrong.wait(person.id)
        if wait:
            raise TooManyTries(wait)
        record = await self._waiting_for_answer(code_of(text))
        if record is None or record.value["state"] != "waiting":
            self._wrong.fail(person.id)
            return None
        return Pending(
            record.id,
            browser=str(record.value["browser"]),
            address=str(record.value["address"]),
            numbers=tuple(record.value["numbers"]),
            key=_key(record, person),
            expires_at=record.created + LOGIN_SECONDS,
        )

    async def answer(self, code: str, person: Person, *, key: str, number: int | None) -> Answer:
        """The answer of a person who was `asked`; `number` None: it was not them. Any but the right one ends it."""
        record = await self._waiting_for_answer(code)
        if record is None or not hmac.compare_digest(key.encode(), _key(record, person).encode()):
            return "expired"
        right = number == record.value["number"]
        after = {**record.value, "state": "confirmed" if right else "refused", "person": person.id, "name": person.name}
        waiting = record.value["state"] == "waiting"
        if not waiting or not await self._records.change("login", code, before=record.value, after=after):
            return "answered"
        for event in self._waiters.get(code, ()):
            event.set()
        if number is None:
            return "refused"
        return "confirmed" if right else "wrong"

    async def outcome(self, code: str, secret: str, *, address: str = "") -> Outcome:
        """What came of a log-in, for who holds its secret; that it was confirmed is told once.

        A wrong code or secret is "expired" as well. Raises TooManyTries after WRONG_CODES_OF_ADDRESS of them, but never
        for who has the right secret: others may share the address.
        """
        record = await self._records.get("login", code) if _is_code(code) else None
        if record is None or not is_secret_of(secret, record.value["secret"]):
            wait = self._wrong_of_address.wait(address)
            if wait:
                raise TooManyTries(wait)
            self._wrong_of_address.fail(address)
            return Outcome("expired")
        state = record.value["state"]
        if self._clock() >= record.created + LOGIN_SECONDS + (FETCH_SECONDS if state == "confirmed" else 0.0):
            return Outcome("expired")
        if state != "confirmed":
            return Outcome("waiting" if state == "waiting" else "refused")
        taken = await self._records.take("login", code)
        if taken is None:
            return Outcome("expired")
        person = Person(int(taken.value["person"]), str(taken.value["name"]))
        return Outcome("confirmed", person, taken.value["user"])

    async def wait(
        self, code: str, secret: str, *, address: str = "", seconds: float = WAIT_SECONDS,
        given_up: asyncio.Event | None = None,
    ) -> Outcome:  # fmt: skip
        """As `outcome`, as soon as it is another one than "waiting"; after `seconds`, or once `given_up` is set."""
        time_of_loop = asyncio.get_running_loop().time
        ends = time_of_loop() + seconds
        async with self._woken(code) as event:
            while True:
                event.clear()
                if self._ended or (given_up is not None and given_up.is_set()):
                    return Outcome("waiting")
                outcome = await self.outcome(code, secret, address=address)
                left = ends - time_of_loop()
                if outcome.state != "waiting" or left <= 0:
                    return outcome
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, self._poll)):
                        await event.wait()

    def end_waits(self) -> None:
        """Let every wait return, because the server shuts down."""
        self._ended = True
        for events in self._waiters.values():
            for event in events:
                event.set()

    async def _waiting_for_answer(self, code: str) -> Record | None:
        record = await self._records.get("login", code) if _is_code(code) else None
        return None if record is None or self._clock() >= record.created + LOGIN_SECONDS else record

    async def _add(self, value: Mapping[str, object]) -> Record:
        """Store it under a new code. Raises TooManyTries."""
        now, purged = self._clock(), False
        while True:
            code = "".join(ALPHABET[self._below(len(ALPHABET))] for _ in range(CODE_LENGTH))
            record = Record("login", code, now, value, expires=now + LOGIN_SECONDS + FETCH_SECONDS)
            try:
                if await self._records.add(record, most=MOST_WAITING):
                    return record
            except ValueError:
                if not purged:
                    await self._records.purge(now)
                elif not await self._room.for_anybody(now):
                    raise TooManyTries(LOGIN_SECONDS) from None
                purged = True

    def _draw(self, pool: list[int], count: int) -> list[int]:
        """`count` of the numbers, in random order."""
        left = list(pool)
        return [left.pop(self._below(len(left))) for _ in range(count)]

    @asynccontextmanager
    async def _woken(self, code: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the log-in is answered in this process."""
        event = asyncio.Event()
        self._waiters.setdefault(code, set()).add(event)
        try:
            yield event
        finally:
            self._waiters[code].discard(event)
            if not self._waiters[code]:
                del self._waiters[code]


def code_of(text: str) -> str:
    """The code in what a person writes, or in a start parameter: small letters, hyphens, and O for 0 are read too."""
    return text.strip().removeprefix(PARAMETER).upper().translate(_READ_AS)


def shown_code(code: str) -> str:
    """The code as people read it: ABCD-1234."""
    return f"{code[:4]}-{code[4:]}"


def _is_code(code: str) -> bool:
    return len(code) == CODE_LENGTH and all(sign in ALPHABET for sign in code)


def _key(record: Record, person: Person) -> str:
    return hmac.digest(str(record.value["key"]).encode(), str(person.id).encode(), "sha256").hex()[:16]


def _shown_address(address: str) -> str:
    """An address, or the network that counts as one; "unknown" for anything else."""
    for read in (ipaddress.ip_address, ipaddress.ip_network):
        with contextlib.suppress(ValueError):
            return str(read(address))
    return "unknown"
