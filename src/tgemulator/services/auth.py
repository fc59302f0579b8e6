"""Logins of bots and people, and exporting and importing authorisations.

Source of the rules: core.telegram.org/api/auth, /api/srp, /api/datacenter.
"""

import asyncio
import hmac
import secrets
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.access import account, require
from tgemulator.services.registry import Call, method
from tgemulator.world.logins import SentCode
from tgemulator.world.model import User
from tgemulator.world.srp import Verifier, make_challenge, make_verifier, proves
from tgemulator.world.view import View


@method(raw.functions.auth.ImportBotAuthorization, login=False)
async def import_bot_authorization(call: Call, query: Any) -> Any:
    """auth.importBotAuthorization."""
    require(query.api_id > 0 and bool(query.api_hash), "API_ID_INVALID")
    world = call.server.world
    digits = query.bot_auth_token.partition(":")[0]
    bot = world.users.get(int(digits)) if digits.isascii() and digits.isdigit() else None
    if bot is None or not bot.is_bot or not world.logins.token_matches(query.bot_auth_token, bot.token):
        raise RpcError(400, "ACCESS_TOKEN_INVALID")
    require(query.bot_auth_token not in world.logins.revoked_tokens, "ACCESS_TOKEN_EXPIRED")
    require(bot.home_dc == call.dc_id, f"USER_MIGRATE_{bot.home_dc}", code=303)
    return _log_in(call, bot)


@method(raw.functions.auth.SendCode, login=False)
async def send_code(call: Call, query: Any) -> Any:
    """auth.sendCode: the code is the user's `code`; it is not sent anywhere."""
    require(query.api_id > 0 and bool(query.api_hash), "API_ID_INVALID")
    phone = _phone(query.phone_number)
    user = _by_phone(call, phone)
    if user is not None:
        require(user.home_dc == call.dc_id, f"PHONE_MIGRATE_{user.home_dc}", code=303)
    code_hash = secrets.token_hex(9)
    code = SentCode(phone, user.code if user else secrets.token_hex(3))
    call.server.world.logins.codes.put(code_hash, code, now=call.server.now())
    return _sent_code(code_hash, len(code.code))


@method(raw.functions.auth.ResendCode, login=False)
async def resend_code(call: Call, query: Any) -> Any:
    """auth.resendCode: the same code again."""
    code = _live_code(call, query)
    return _sent_code(query.phone_code_hash, len(code.code))


@method(raw.functions.auth.CancelCode, login=False)
async def cancel_code(call: Call, query: Any) -> Any:
    """auth.cancelCode."""
    _live_code(call, query)
    call.server.world.logins.codes.pop(query.phone_code_hash, now=call.server.now())
    return True


@method(raw.functions.auth.SignIn, login=False)
async def sign_in(call: Call, query: Any) -> Any:
    """auth.signIn with a code."""
    logins, now = call.server.world.logins, call.server.now()
    code = _live_code(call, query)
    require(bool(query.phone_code), "PHONE_CODE_EMPTY")
    if not hmac.compare_digest(code.code.encode(), query.phone_code.encode()):
        code.tries -= 1
        if code.tries <= 0:
            logins.codes.pop(query.phone_code_hash, now=now)
        raise RpcError(400, "PHONE_CODE_INVALID")
    logins.codes.pop(query.phone_code_hash, now=now)
    user = _by_phone(call, code.phone)
    if user is None:
        raise RpcError(400, "PHONE_NUMBER_UNOCCUPIED")
    if user.password:
        logins.waiting_for_password.put(call.key.id, user.id, now=now)
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return _log_in(call, user)


@method(raw.functions.account.GetPassword, login=False)
async def get_password(call: Call, query: Any) -> Any:
    """account.getPassword, of the account that is logged in or about to be."""
    user = _password_owner(call)
    if not user.password:
        return raw.types.account.Password(
            new_algo=raw.types.PasswordKdfAlgoUnknown(),
            new_secure_algo=raw.types.SecurePasswordKdfAlgoUnknown(),
            secure_random=secrets.token_bytes(256),
        )
    challenge = make_challenge(await _verifier(call, user))
    call.server.world.logins.challenges.put((call.key.id, challenge.id), challenge, now=call.server.now())
    return raw.types.account.Password(
        new_algo=challenge.verifier.algorithm(),
        new_secure_algo=raw.types.SecurePasswordKdfAlgoUnknown(),
        secure_random=secrets.token_bytes(256),
        has_password=True,
        current_algo=challenge.verifier.algorithm(),
        srp_B=challenge.srp_b,
        srp_id=challenge.id,
        hint="",
    )


@method(raw.functions.auth.CheckPassword, login=False)
async def check_password(call: Call, query: Any) -> Any:
    """auth.checkPassword: proof by SRP."""
    logins, now = call.server.world.logins, call.server.now()
    user = _password_owner(call)
    if not isinstance(query.password, raw.types.InputCheckPasswordSRP):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    challenge = logins.challenges.pop((call.key.id, query.password.srp_id), now=now)
    if challenge is None:
        raise RpcError(400, "SRP_ID_INVALID")
    require(proves(challenge, query.password.A, m1=query.password.M1), "PASSWORD_HASH_INVALID")
    logins.waiting_for_password.pop(call.key.id, now=now)
    return _log_in(call, user)


@method(raw.functions.auth.LogOut)
async def log_out(call: Call, query: Any) -> Any:
    """auth.logOut: the key stays, without an account."""
    call.key.user_id = None
    return raw.types.auth.LoggedOut()


@method(raw.functions.auth.ExportAuthorization)
async def export_authorization(call: Call, query: Any) -> Any:
    """auth.exportAuthorization: bytes that are valid once, for EXPORT_LIFETIME seconds, on one DC."""
    server, user = call.server, call.user
    others = [dc.id for dc in server.config.dcs if not dc.cdn and dc.id != call.dc_id]
    require(query.dc_id in others, "DC_ID_INVALID")
    exported = server.world.logins.export(user.id, query.dc_id, now=server.now())
    server.counters.add("exports", user=user.id, to_dc=query.dc_id)
    return raw.types.auth.ExportedAuthorization(id=user.id, bytes=exported.data)


@method(raw.functions.auth.ImportAuthorization, login=False)
async def import_authorization(call: Call, query: Any) -> Any:
    """auth.importAuthorization."""
    server = call.server
    user = server.world.users.get(query.id)
    if user is None:
        raise RpcError(400, "USER_ID_INVALID")
    valid = server.world.logins.redeem(query.bytes, user.id, dc_id=call.dc_id, now=server.now())
    require(valid, "AUTH_BYTES_INVALID")
    call.key.user_id = user.id
    server.counters.add("imports", user=user.id, dc=call.dc_id)
    return _authorization(call, user)


@method(raw.functions.auth.BindTempAuthKey, login=False)
async def bind_temp_auth_key(call: Call, query: Any) -> Any:
    """auth.bindTempAuthKey: refused, since temporary keys are not supported."""
    raise RpcError(400, "ENCRYPTED_MESSAGE_INVALID")


@method(raw.functions.account.GetAuthorizations, bots=False)
async def get_authorizations(call: Call, query: Any) -> Any:
    """account.getAuthorizations: the keys of the home DC that this account is logged in with."""
    user = account(call)
    keys = [key for key in call.server.keys.all() if key.user_id == user.id and key.dc_id == user.home_dc]
    return raw.types.account.Authorizations(
        authorization_ttl_days=180, authorizations=[_session(call, key) for key in keys]
    )


@method(raw.functions.account.ResetAuthorization, bots=False)
async def reset_authorization(call: Call, query: Any) -> Any:
    """account.resetAuthorization: log another key of this account out. RpcError 400 HASH_INVALID."""
    user = account(call)
    for key in call.server.keys.all():
        if key.user_id == user.id and key is not call.key and _key_hash(key) == query.hash:
            key.user_id = None
            return True
    raise RpcError(400, "HASH_INVALID")


def _log_in(call: Call, user: User) -> Any:
    """Log the key in as `user`."""
    call.key.user_id = user.id
    call.server.counters.add("logins", user=user.id)
    return _authorization(call, user)


def _authorization(call: Call, user: User) -> Any:
    return raw.types.auth.Authorization(user=View(call.server.world, user).user(user.id))


def _phone(given: str) -> str:
    """A phone number as digits. RpcError 400 PHONE_NUMBER_INVALID."""
    digits = "".join(filter(str.isdigit, given))
    require(5 <= len(digits) <= 15 and digits.isascii(), "PHONE_NUMBER_INVALID")
    return digits


def _by_phone(call: Call, phone: str) -> User | None:
    return next((user for user in call.server.world.users.values() if user.phone == phone), None)


def _live_code(call: Call, query: Any) -> SentCode:
    """The code of a phone_code_hash. RpcError 400 PHONE_CODE_HASH_EMPTY, PHONE_CODE_EXPIRED."""
    require(bool(query.phone_code_hash), "PHONE_CODE_HASH_EMPTY")
    code = call.server.world.logins.codes.get(query.phone_code_hash, now=call.server.now())
    if code is None or code.phone != _phone(query.phone_number):
        raise RpcError(400, "PHONE_CODE_EXPIRED")
    return code


def _sent_code(code_hash: str, length: int) -> Any:
    return raw.types.auth.SentCode(
        type=raw.types.auth.SentCodeTypeApp(length=length), phone_code_hash=code_hash, timeout=60
    )


def _password_owner(call: Call) -> User:
    """The account whose password a request means. RpcError 401 AUTH_KEY_UNREGISTERED without a login in progress."""
    waiting = call.server.world.logins.waiting_for_password.get(call.key.id, now=call.server.now())
    return call.server.world.users[waiting] if waiting is not None else call.user


async def _verifier(call: Call, user: User) -> Verifier:
    """The verifier of a password; computed once, in a thread, because it takes long on purpose."""
    verifiers = call.server.world.logins.verifiers
    if (user.id, user.password) not in verifiers:
        verifiers[user.id, user.password] = await asyncio.to_thread(make_verifier, user.password)
    return verifiers[user.id, user.password]


def _key_hash(key: Any) -> int:
    return int.from_bytes(key.id, "big", signed=True)


def _session(call: Call, key: Any) -> Any:
    return raw.types.Authorization(
        hash=0 if key is call.key else _key_hash(key),
        device_model="",
        platform="",
        system_version="",
        api_id=key.api_id or 0,
        app_name="",
        app_version="",
        date_created=int(key.created_at),
        date_active=int(call.server.now()),
        ip=call.server.config.host,
        country="",
        region="",
        current=key is call.key or None,
    )
