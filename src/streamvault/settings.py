"""The settings, read once from the environment, a `.env` file and the command line; nothing else reads os.environ."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streamvault.errors import ConfigError

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]{1,15})\s*([A-Za-z]*)\s*", value)
    if match is None or match[2].lower() not in _UNITS:
        raise ValueError("a size is a number of bytes, or a number with KiB, MiB, GiB or TiB behind it, such as 64 MiB")
    return int(match[1]) * _UNITS[match[2].lower()]


def _chat(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else value


def _channel(value: str | int) -> str | int:
    if isinstance(value, str) and not re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", value):
        raise ValueError("a channel is its number (-100...) or its @username")
    return value


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{1,18}:[A-Za-z0-9_-]+", value.get_secret_value()):
        raise ValueError("a bot token is digits, a colon and text, as @BotFather gives it")
    return value


def _bot_id(token: SecretStr) -> int:
    return int(token.get_secret_value().split(":")[0])


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=0)]
Chat = Annotated[int | str, BeforeValidator(_chat)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(BaseSettings):
    """The settings by their lower-cased names; sizes in bytes, times in seconds. Frozen once read."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    api_id: int = Field(gt=0, lt=1 << 31)
    api_hash: SecretStr
    bot_token: SecretStr
    worker_bot_tokens: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)] = ()
    user_session: SecretStr | None = None
    channels: Annotated[tuple[Chat, ...], NoDecode, BeforeValidator(_split)] = ()
    vault_channel: Annotated[int | str | None, BeforeValidator(_chat)] = None
    owner_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_split)] = frozenset()
    public_access: bool = False
    secret_key: SecretStr | None = None
    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    session_store: Literal["file", "database"] = "file"
    session_name: str = Field("streamvault_v2", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    proxy_url: SecretStr | None = None
    ip_version: Literal["4", "6", "auto"] = "4"
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field(default_factory=lambda data: f"http://{data.get('host')}:{data.get('port')}")
    cors_origins: Words = ()
    allowed_hosts: Words = ()
    cache_memory: Size = 64 << 20
    cache_disk: Size = 1 << 30
    readahead: int = Field(16, ge=1, le=64)
    connections_per_dc: int = Field(4, ge=1, le=16)
    verify_chunks: bool = False
    cdn: bool = False
    start_timeout: Seconds = 15.0
    stall_timeout: Seconds = 60.0
    drain_timeout: Annotated[float, Field(ge=0, le=3600)] = 8.0
    event_loop: Literal["asyncio", "uvloop"] = "asyncio"
    telegram_server: str | None = None
    telegram_server_key: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("channels")
    @classmethod
    def _channels_are_chats(cls, value: tuple[str | int, ...]) -> tuple[str | int, ...]:
        return tuple(_channel(chat) for chat in value)

    @field_validator("vault_channel")
    @classmethod
    def _vault_is_a_chat(cls, value: str | int | None) -> str | int | None:
        return None if value is None else _channel(value)

    @field_validator("bot_token")
    @classmethod
    def _token_is_digits_and_text(cls, value: SecretStr) -> SecretStr:
        return _token(value)

    @field_validator("worker_bot_tokens")
    @classmethod
    def _workers_are_other_bots(cls, value: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
        ids = [_bot_id(_token(token)) for token in (*value, *filter(None, [info.data.get("bot_token")]))]
        if len(set(ids)) != len(ids):
            raise ValueError("a bot is named twice; every worker is a bot of its own, and none of them is BOT_TOKEN's")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("a secret key has at least 16 characters; `openssl rand -hex 32` makes a good one")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"sqlite:///.+|mongodb(\+srv)?://.+", value.get_secret_value()):
            raise ValueError("a database is sqlite:///PATH, or mongodb://... or mongodb+srv://... as its provider says")
        return value

    @field_validator("session_store")
    @classmethod
    def _database_sessions_need_a_key(cls, value: str, info: ValidationInfo) -> str:
        if value == "database" and info.data.get("secret_key", "") is None:
            raise ValueError(
                "sessions in the database are encrypted with SECRET_KEY, which is not set: "
                "`openssl rand -hex 32` makes one; keep it, for without it the sessions are lost"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_http(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", value):
            raise ValueError(
                "a public URL begins with http:// or https:// and has no query, such as https://tv.example.org"
            )
        return value.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _level_in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def mongodb_url(self) -> SecretStr | None:
        """DATABASE_URL where it names a MongoDB server; None where the database is a file."""
        url = self.database_url
        return url if url is not None and url.get_secret_value().startswith("mongodb") else None

    @property
    def database_path(self) -> Path:
        """The SQLite file: DATABASE_URL's path (relative to DATA_DIR), or DATA_DIR/streamvault.db."""
        if self.database_url is None or self.mongodb_url is not None:
            return self.data_dir / "streamvault.db"
        return self.data_dir / self.database_url.get_secret_value().removeprefix("sqlite:///")

    @property
    def bot_id(self) -> int:
        """The bot's user id: the digits before the colon of its token."""
        return _bot_id(self.bot_token)


def read_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process; `overrides` (from the command line, by lower-cased name) win.

    Raises ConfigError with one sentence that names the first wrong setting and how to mend it;
    the wrong value itself is not repeated, since it may be a secret.
    """
    given: dict[str, Any] = dict(overrides or {})
    if not _may_read_env_file():
        given["_env_file"] = None
    try:
        return Settings(**given)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f".env cannot be read ({why}): mend it, or take it away") from None


def _may_read_env_file() -> bool:
    """Whether the working folder can be searched; a container's may belong to another user, and `.env` is ignored."""
    try:
        Path(".env").stat()
    except PermissionError:
        return False
    except OSError:
        pass
    return True


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "settings"
    if first["type"] == "missing":
        missing = sorted({str(e["loc"][0]).upper() for e in error.errors() if e["type"] == "missing"})
        verb = "is" if len(missing) == 1 else "are"
        return f"{', '.join(missing)} {verb} not set: put it into the environment or into a .env file (see README.md)"
    return f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}"
