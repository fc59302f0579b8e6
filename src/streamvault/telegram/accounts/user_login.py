"""Logs a user in with phone number, code and password (core.telegram.org/api/auth, /api/srp).

Telegram limits the codes it sends, so a code that was sent is stored: a command that was stopped and run again uses it
instead of requesting another. The data centre of the login is stored before auth.signIn is sent, so that after a lost
answer the session is checked before anything is sent again. A flood wait is stored before it is reported.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from pydantic import SecretStr
from pyrogram import raw
from pyrogram.crypto.prime import CURRENT_DH_PRIME
from pyrogram.utils import compute_password_check

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.accounts.bot_login import LoginAccount
from streamvault.telegram.accounts.login_policy import is_logged_in
from streamvault.telegram.accounts.login_texts import refused, sent_by
from streamvault.telegram.errors import KeyRejected, LoginRefused, MigrateError, SessionEnded
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import Home, SentCode

TRIES = 3
"""Attempts for each question before the login fails."""

CODE_LIFETIME = 240.0
"""Seconds for which a code that was sent is used instead of requesting another."""

_HOPS = 3
_WRONG_CODE = ("PHONE_CODE_INVALID", "PHONE_CODE_EMPTY")
T = TypeVar("T")


class Prompt(Protocol):
    """Asks questions. Each answer is one line without its line end; ConfigError at the end of the input.

    `interactive`: a person answers and reads the questions; a script gives its answers in a fixed order.
    """

    @property
    def interactive(self) -> bool: ...
    async def line(self, question: str) -> str: ...
    async def secret(self, question: str) -> SecretStr: ...
    def say(self, text: str) -> None: ...


class UserLogin:
    """The LoginPolicy of a user account whose owner answers questions."""

    def __init__(
        self,
        prompt: Prompt,
        *,
        api_id: int,
        api_hash: SecretStr,
        login_counter: Any,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`login_counter` is the metric that counts logins; `clock` returns Unix seconds."""
        self._prompt = prompt
        self._api_id, self._api_hash = api_id, api_hash
        self._login_counter = login_counter
        self._clock = clock

    async def log_in(self, account: LoginAccount) -> None:
        """See LoginPolicy. LoginRefused after TRIES wrong answers, ConfigError when the input ends."""
        password_dc = None
        try:
            if await is_logged_in(account):
                return
        except LoginRefused:  # an earlier command was stopped at the password
            password_dc = account.session.login_sent_to if self._prompt.interactive else None
        account.floods.check("login")
        if password_dc is not None:
            await self._finish_login(account, password_dc, self._password)
        else:
            code = await self._request_code(account)
            await self._finish_login(
                account, code.dc_id, lambda account, connection: self._sign_in(account, connection, code)
            )

    async def _finish_login(
        self, account: LoginAccount, dc_id: int, step: Callable[[LoginAccount, "LoginConnection"], Awaitable[Any]]
    ) -> None:
        """Run the last step, which returns the user, and store the home data centre."""
        connection = LoginConnection(account, dc_id)
        try:
            user = await step(account, connection)
            self._login_counter.inc()
            await account.session.set_home(Home(connection.dc_id, user.id))
        finally:
            await connection.close()

    async def log_in_again(self, account: LoginAccount, error: KeyRejected) -> None:
        """See LoginPolicy. Raises SessionEnded: the caller sets the session aside."""
        raise SessionEnded(f"Telegram ended the session of {account.name} ({error})") from error

    async def _request_code(self, account: LoginAccount) -> SentCode:
        """Ask for the phone number and request a code, or use the one that was sent before."""

        async def attempt() -> SentCode:
            phone = _digits(await self._prompt.line("phone number, with the country's code (+...): "))
            known = account.session.code
            if known is not None and known.phone == phone and self._clock() < known.until:
                self._prompt.say("the code that Telegram has sent before is still good")
                return known
            return await self._send_code(account, phone)

        return await self._retry(attempt, on=("PHONE_NUMBER_INVALID",))

    async def _send_code(self, account: LoginAccount, phone: str) -> SentCode:
        dc_id = account.data_centres.entry.dc_id
        for _ in range(_HOPS):
            connection = LoginConnection(account, dc_id)
            try:
                return await self._send_code_from(account, connection, phone)
            except MigrateError as hint:
                dc_id = hint.dc_id
            finally:
                await connection.close()
        raise SourceError("Telegram redirects the login from one data centre to the next")

    async def _send_code_from(self, account: LoginAccount, connection: "LoginConnection", phone: str) -> SentCode:
        query = raw.functions.auth.SendCode(
            phone_number=phone,
            api_id=self._api_id,
            api_hash=self._api_hash.get_secret_value(),
            settings=raw.types.CodeSettings(),
        )
        await connection.open()
        await account.floods.spend_budget("login")
        async with account.floods.around_request("login"):
            sent = await connection.call(query)
        kind = type(getattr(sent, "type", sent)).__name__
        if not isinstance(sent, raw.types.auth.SentCode) or kind == "SentCodeTypeSetUpEmailRequired":
            raise LoginRefused(kind)
        code = SentCode(phone, sent.phone_code_hash, connection.dc_id, self._clock() + CODE_LIFETIME)
        await account.session.set_code(code)
        self._prompt.say(sent_by(kind))
        return code

    async def _sign_in(self, account: LoginAccount, connection: "LoginConnection", code: SentCode) -> Any:
        """Ask for the code, and the password if Telegram requires one. Returns the user."""
        await account.session.set_login_sent_to(connection.dc_id)  # if the answer is lost: see is_logged_in

        async def attempt() -> Any:
            given = _digits(await self._prompt.line("code: "))
            query = raw.functions.auth.SignIn(phone_number=code.phone, phone_code_hash=code.code_hash, phone_code=given)
            async with account.floods.around_request("login"):
                return await connection.call(query)

        try:
            answer = await self._retry(attempt, on=_WRONG_CODE)
        except LoginRefused as error:
            if error.code not in _WRONG_CODE:
                await account.session.set_code(None)  # used or expired
            if error.code != "SESSION_PASSWORD_NEEDED":
                raise
            return await self._password(account, connection)
        await account.session.set_code(None)
        if not isinstance(answer, raw.types.auth.Authorization):
            raise LoginRefused("PHONE_NUMBER_UNOCCUPIED")
        return answer.user

    async def _password(self, account: LoginAccount, connection: "LoginConnection") -> Any:
        """Ask for the password and prove it with SRP, which does not send it. Returns the user."""

        async def attempt() -> Any:
            parameters = await connection.call(raw.functions.account.GetPassword())
            hint = f" (hint: {parameters.hint})" if parameters.hint else ""
            password = await self._prompt.secret(f"password of the two-step verification{hint}: ")
            _check_parameters(parameters)
            proof = await asyncio.to_thread(compute_password_check, parameters, password.get_secret_value())
            async with account.floods.around_request("login"):
                return await connection.call(raw.functions.auth.CheckPassword(password=proof))

        return (await self._retry(attempt, on=("PASSWORD_HASH_INVALID",))).user

    async def _retry(self, attempt: Callable[[], Awaitable[T]], *, on: tuple[str, ...]) -> T:
        """Call `attempt` up to TRIES times while it raises LoginRefused with a code in `on`. Returns its result."""
        for left in reversed(range(TRIES)):
            try:
                return await attempt()
            except LoginRefused as error:
                if error.code not in on or not left:
                    raise
                self._prompt.say(refused(error.code))
        raise AssertionError("the last try either returns or raises")


class LoginConnection:
    """A main connection during a login; it is opened again if it is lost while the person types."""

    def __init__(self, account: LoginAccount, dc_id: int) -> None:
        self.dc_id = dc_id
        self._account = account
        self._connection: Connection | None = None

    async def open(self) -> None:
        """Connect; an unconfirmed key that the server does not know is replaced. SourceUnavailable."""
        if self._connection is not None:
            if not self._connection.alive:
                await self._connection.clean_up()
                await self._connection.open()
            return
        key = await self._account.keys.get(self.dc_id)
        try:
            await self._connect()
        except KeyRejected as error:
            await self.close()
            await self._account.keys.drop(key)
            if key.confirmed:
                raise SourceUnavailable(
                    f"data centre {self.dc_id} does not know the stored auth key; try again"
                ) from error
            await self._connect()

    async def call(self, query: Any) -> Any:
        """The answer to `query`. Raises as Connection.call does."""
        await self.open()
        if self._connection is None:
            raise SourceUnavailable("not connected")
        return await self._connection.call(query)

    async def close(self) -> None:
        """Close the connection, if it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connect(self) -> None:
        key = await self._account.keys.get(self.dc_id)
        self._connection = self._account.new_connection(key)
        await self._connection.open()
        await refresh_addresses(self._connection, self._account.session, data_centres=self._account.data_centres)
        await self._account.keys.confirm(key)


def _digits(text: str) -> str:
    """The digits of `text`."""
    return re.sub(r"[^0-9]", "", text)


def _check_parameters(parameters: Any) -> None:
    """Check the SRP parameters (core.telegram.org/api/srp): unsafe ones would leak the password. SourceError."""
    algorithm, size = parameters.current_algo, CURRENT_DH_PRIME.bit_length()
    known = isinstance(algorithm, raw.types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
    if not known or int.from_bytes(algorithm.p, "big") != CURRENT_DH_PRIME or not 2 <= algorithm.g <= 7:
        raise SourceError("the server uses an unknown password algorithm")
    if not 1 < int.from_bytes(parameters.srp_B or b"", "big") < 1 << size:
        raise SourceError("the server's SRP value B is out of range")
