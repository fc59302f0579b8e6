"""Which accounts a server has."""

from dataclasses import dataclass

from pydantic import SecretStr

from streamvault.telegram.config import TelegramSettings


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """`name` is its stored session's; `token` None means a user; only one account takes updates."""

    name: str
    account_id: int
    token: SecretStr | None
    updates: bool = False


def specs(settings: TelegramSettings) -> tuple[AccountSpec, ...]:
    """The bot of BOT_TOKEN, which takes the updates, and the workers beside it."""
    main = AccountSpec(settings.session_name, settings.bot_id, settings.bot_token, updates=True)
    workers = ((int(token.get_secret_value().split(":")[0]), token) for token in settings.worker_bot_tokens)
    return (main, *(AccountSpec(f"{settings.session_name}_{number}", number, token) for number, token in workers))
