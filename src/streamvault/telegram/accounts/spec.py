"""Which accounts the settings describe."""

from dataclasses import dataclass

from pydantic import SecretStr

from streamvault.telegram.config import SessionNames, TelegramSettings
from streamvault.telegram.mtproto.rsa_keys import install_server_key


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account. `name` names its stored session. `token` is None for a user, whose `account_id` is 0 because only
    the login tells it. `updates`: it receives updates; only the main bot does.
    """

    name: str
    account_id: int
    token: SecretStr | None
    updates: bool = False


def server_name(settings: TelegramSettings) -> str:
    """The server that a stored session is bound to: the fingerprint of TELEGRAM_SERVER_KEY, else the address.

    Installs that RSA key as trusted.
    """
    fingerprint = install_server_key(settings.telegram_server_key)
    if fingerprint is not None:
        return f"key {fingerprint & (1 << 64) - 1:016x}"
    return "telegram" if settings.telegram_server is None else settings.telegram_server.strip()


def user_name(settings: SessionNames) -> str:
    """The name of the user account's stored session."""
    return f"{settings.session_name}_user"


def bot_names(settings: SessionNames) -> tuple[str, ...]:
    """The names of the stored sessions of BOT_TOKEN's bot and of the worker bots."""
    name = settings.session_name
    return (name, *(f"{name}_{_bot_id(token)}" for token in settings.worker_bot_tokens))


def user_spec(settings: TelegramSettings) -> AccountSpec:
    """The user account beside the bots."""
    return AccountSpec(user_name(settings), 0, None)


def specs(settings: TelegramSettings) -> tuple[AccountSpec, ...]:
    """The bot of BOT_TOKEN, which receives the updates, then the worker bots."""
    main, *workers = bot_names(settings)
    return (
        AccountSpec(main, settings.bot_id, settings.bot_token, updates=True),
        *(
            AccountSpec(name, _bot_id(token), token)
            for name, token in zip(workers, settings.worker_bot_tokens, strict=True)
        ),
    )


def _bot_id(token: SecretStr) -> int:
    return int(token.get_secret_value().split(":")[0])
