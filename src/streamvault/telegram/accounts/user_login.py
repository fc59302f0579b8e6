"""A person logs in: phone number, code, and password where there is one (core.telegram.org/api/auth, /api/srp).

A code that was sent is remembered, so that a command that was ended and run again asks for no second one; Telegram
counts those. A wait that Telegram asks for is on disk before anybody reads of it.
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
from streamvault.telegram.accounts.bot_login import learn_addresses
from streamvault.telegram.accounts.login_policy import LoginPolicyHost, recognised
from streamvault.telegram.accounts.login_texts import refused, sent_by
from streamvault.telegram.errors import KeyRejected, LoginRefused, MigrateError, SessionEnded
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import Home, SentCode

TRIES = 3
"""How often each question is asked before the login is given up."""

CODE_LIFETIME = 240.0
"""Seconds for which a code that was sent is asked for again instead of a new one."""

_HOPS = 3
_WRONG_CODE = ("PHONE_CODE_INVALID", "PHONE_CODE_EMPTY")
T = TypeVar("T")


class Prompt(Protocol):
    """Whoever is asked. Each answer is one line without its end; ConfigError when there is nobody any more.

    `interactive`: a person, who reads the questions; a script gives its answers in one order.
    """

    @property
    def interactive(self) -> bool: ...
    async def line(self, question: str) -> str: ...
    async def secret(self, question: str) -> SecretStr: ...
    def say(self, text: str) -> None: ...


class UserLogin:
    """The LoginPolicy of a user account while its owner is there."""

    def __init__(
        self, asks: Prompt, *, api_id: int, api_hash: SecretStr, counted: Any, clock: Callable[[], float] = time.time
    ) -> None:
        """`counted` is the metric that counts logins; `clock` returns Unix seconds."""
        self._asks = asks
        self._api_id, self._api_hash = api_id, api_hash
        self._counted = counted
        self._clock = clock

    async def first(self, host: LoginPolicyHost) -> None:
        """See LoginPolicy. LoginRefused when what was typed is wrong too often, ConfigError when nobody answers."""
        unproven = None
        try:
            if await recognised(host):
                return
        except LoginRefused:  # an earlier command got as far as the password
            unproven = host.session.login_sent_to if self._asks.interactive else None
        host.floods.check("login")
        if unproven is not None:
            await self._enter(host, unproven, self._password)
        else:
            code = await self._code_sent(host)
            await self._enter(host, code.dc_id, lambda host, line: self._sign_in(host, line, code))

    async def _enter(
        self, host: LoginPolicyHost, dc_id: int, step: Callable[[LoginPolicyHost, "LoginConnection"], Awaitable[Any]]
    ) -> None:
        """The last step, which tells who it is."""
        line = LoginConnection(host, dc_id)
        try:
            user = await step(host, line)
            self._counted.inc()
            await host.session.set_home(Home(line.dc_id, user.id))
        finally:
            await line.close()

    async def again(self, host: LoginPolicyHost, error: KeyRejected) -> None:
        """See LoginPolicy: a session that Telegram ended is set aside by whoever asked for the login."""
        raise SessionEnded(f"Telegram ended the session of {host.name} ({error})") from error

    async def _code_sent(self, host: LoginPolicyHost) -> SentCode:
        """A code is on its way to a phone number that Telegram takes."""

        async def ask() -> SentCode:
            phone = _digits(await self._asks.line("phone number, with the country's code (+...): "))
            known = host.session.code
            if known is not None and known.phone == phone and self._clock() < known.until:
                self._asks.say("the code that Telegram has sent before is still good")
                return known
            return await self._send_code(host, phone)

        return await self._insisting(ask, on=("PHONE_NUMBER_INVALID",))

    async def _send_code(self, host: LoginPolicyHost, phone: str) -> SentCode:
        dc_id = host.directory.entry.dc_id
        for _ in range(_HOPS):
            line = LoginConnection(host, dc_id)
            try:
                return await self._send_code_from(host, line, phone)
            except MigrateError as hint:
                dc_id = hint.dc_id
            finally:
                await line.close()
        raise SourceError("Telegram sends the login from one data centre to the next")

    async def _send_code_from(self, host: LoginPolicyHost, line: "LoginConnection", phone: str) -> SentCode:
        query = raw.functions.auth.SendCode(
            phone_number=phone,
            api_id=self._api_id,
            api_hash=self._api_hash.get_secret_value(),
            settings=raw.types.CodeSettings(),
        )
        await line.open()
        await host.floods.spend_budget("login")
        async with host.floods.around_request("login"):
            sent = await line.ask(query)
        kind = type(getattr(sent, "type", sent)).__name__
        if not isinstance(sent, raw.types.auth.SentCode) or kind == "SentCodeTypeSetUpEmailRequired":
            raise LoginRefused(kind)
        code = SentCode(phone, sent.phone_code_hash, line.dc_id, self._clock() + CODE_LIFETIME)
        await host.session.set_code(code)
        self._asks.say(sent_by(kind))
        return code

    async def _sign_in(self, host: LoginPolicyHost, line: "LoginConnection", code: SentCode) -> Any:
        """The user, once Telegram has taken the code, and the password where it wants one."""
        await host.session.set_login_sent_to(line.dc_id)  # should the answer be lost, it is asked who we are

        async def ask() -> Any:
            given = _digits(await self._asks.line("code: "))
            query = raw.functions.auth.SignIn(phone_number=code.phone, phone_code_hash=code.code_hash, phone_code=given)
            async with host.floods.around_request("login"):
                return await line.ask(query)

        try:
            answer = await self._insisting(ask, on=_WRONG_CODE)
        except LoginRefused as error:
            if error.code not in _WRONG_CODE:
                await host.session.set_code(None)  # it is used, or expired
            if error.code != "SESSION_PASSWORD_NEEDED":
                raise
            return await self._password(host, line)
        await host.session.set_code(None)
        if not isinstance(answer, raw.types.auth.Authorization):
            raise LoginRefused("PHONE_NUMBER_UNOCCUPIED")
        return answer.user

    async def _password(self, host: LoginPolicyHost, line: "LoginConnection") -> Any:
        """The user, once the password is has_received, without sending it."""

        async def ask() -> Any:
            told = await line.ask(raw.functions.account.GetPassword())
            hint = f" (hint: {told.hint})" if told.hint else ""
            password = await self._asks.secret(f"password of the two-step verification{hint}: ")
            _check_parameters(told)
            proof = await asyncio.to_thread(compute_password_check, told, password.get_secret_value())
            async with host.floods.around_request("login"):
                return await line.ask(raw.functions.auth.CheckPassword(password=proof))

        return (await self._insisting(ask, on=("PASSWORD_HASH_INVALID",))).user

    async def _insisting(self, ask: Callable[[], Awaitable[T]], *, on: tuple[str, ...]) -> T:
        """What `ask` returns; up to TRIES times while Telegram refuses the answer with a code in `on`."""
        for left in reversed(range(TRIES)):
            try:
                return await ask()
            except LoginRefused as error:
                if error.code not in on or not left:
                    raise
                self._asks.say(refused(error.code))
        raise AssertionError("the last try either returns or raises")


class LoginConnection:
    """A main connection during a login, opened again when it is lost while a person looks for the code."""

    def __init__(self, host: LoginPolicyHost, dc_id: int) -> None:
        self.dc_id = dc_id
        self._host = host
        self._link: Connection | None = None

    async def open(self) -> None:
        """Connect, with a new key where the server never got to know the stored one. SourceUnavailable."""
        if self._link is not None:
            if not self._link.alive:
                await self._link.clean_up()
                await self._link.open()
            return
        key = await self._host.keys.get(self.dc_id)
        try:
            await self._connect()
        except KeyRejected as error:
            await self.close()
            await self._host.keys.drop(key)
            if key.confirmed:
                raise SourceUnavailable(f"data centre {self.dc_id} does not know our key; try again") from error
            await self._connect()

    async def ask(self, query: Any) -> Any:
        """The answer. Raises as Connection.call does."""
        await self.open()
        if self._link is None:
            raise SourceUnavailable("not connected")
        return await self._link.call(query)

    async def close(self) -> None:
        """Hang up; harmless when it is not open."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _connect(self) -> None:
        key = await self._host.keys.get(self.dc_id)
        self._link = self._host.new_connection(key)
        await self._link.open()
        await learn_addresses(self._link, self._host.session, directory=self._host.directory)
        await self._host.keys.confirm(key)


def _digits(text: str) -> str:
    """A number as people write it, without what they put between its digits."""
    return re.sub(r"[^0-9]", "", text)


def _check_parameters(told: Any) -> None:
    """A proof that is computed with anything but Telegram's parameters (core.telegram.org/api/srp) tells too much."""
    algorithm, size = told.current_algo, CURRENT_DH_PRIME.bit_length()
    known = isinstance(algorithm, raw.types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
    if not known or int.from_bytes(algorithm.p, "big") != CURRENT_DH_PRIME or not 2 <= algorithm.g <= 7:
        raise SourceError("the server asks for a password in a way that is not known here")
    if not 1 < int.from_bytes(told.srp_B or b"", "big") < 1 << size:
        raise SourceError("the server's part of the password's proof is out of range")
