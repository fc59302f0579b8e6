"""The settings and their types: `LocalSettings` for commands that do without Telegram, `Settings` for all others."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streamvault.media.caption_templates import checked_template
from streamvault.settings import values

Size = Annotated[int, BeforeValidator(values.size), Field(ge=0)]
Chat = Annotated[int | str, BeforeValidator(values.chat_number), AfterValidator(values.channel)]
Origin = Annotated[str, AfterValidator(values.origin)]
HostName = Annotated[str, AfterValidator(values.host_name)]
UserId = Annotated[int, BeforeValidator(values.user_id)]
Member = Annotated[int | str, BeforeValidator(values.member)]
Proxy = Annotated[IPv4Network | IPv6Network, BeforeValidator(values.proxy)]
SourceNetwork = Annotated[IPv4Network | IPv6Network, BeforeValidator(values.source_network)]
HomePath = Annotated[Path, AfterValidator(values.home_path)]
Token = Annotated[SecretStr, AfterValidator(values.bot_token)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Split = BeforeValidator(values.words)


class LocalSettings(BaseSettings):
    """All settings but the credentials for Telegram, by their lower-cased names; sizes in bytes, times in seconds.

    Frozen once read.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    worker_bot_tokens: Annotated[tuple[Token, ...], NoDecode, Split] = ()
    leech_bot_token: Token | None = None
    user_session: SecretStr | None = None
    voice_session: SecretStr | None = None
    channels: Annotated[tuple[Chat, ...], NoDecode, Split] = ()
    vault_channel: Chat | None = None
    leech_channel: Chat | None = None
    owner_ids: Annotated[frozenset[UserId], NoDecode, Split] = frozenset()
    members: Annotated[tuple[Member, ...], NoDecode, Split] = ()
    public_access: bool = False
    secret_key: SecretStr | None = None
    old_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode, Split] = ()
    data_dir: HomePath = Path("data")
    database_url: Annotated[SecretStr | None, AfterValidator(values.database_url)] = None
    session_store: Literal["file", "database"] = "file"
    session_name: Annotated[str, AfterValidator(values.session_name)] = "streamvault_v2"
    proxy_url: SecretStr | None = None
    ip_version: Literal["4", "6", "auto"] = "4"
    host: str = "127.0.0.1"
    port: Annotated[int, AfterValidator(values.port)] = 8080
    public_url: Annotated[str, AfterValidator(values.public_url)] = Field(
        default_factory=lambda data: values.local_url(data.get("host", ""), data.get("port", 0))
    )
    cors_origins: Annotated[tuple[Origin, ...], NoDecode, Split] = ()
    allowed_hosts: Annotated[tuple[HostName, ...], NoDecode, Split] = ()
    trusted_proxies: Annotated[tuple[Proxy, ...], NoDecode, Split] = ()
    rate_limit: int = Field(600, ge=0, le=1_000_000)
    stream_limit: int = Field(16, ge=0, le=10_000)
    day_limit: Size = 0
    cache_memory: Size = 32 << 20
    cache_disk: Size = 1 << 30
    readahead: int = Field(16, ge=1, le=64)
    playback_slots: int = Field(default_factory=values.cores, ge=0, le=256)
    leech: Literal["auto", "external"] = "auto"
    leech_disk: Size = 1 << 30
    leech_downloads: int = Field(3, ge=1, le=64)
    leech_uploads: int = Field(2, ge=1, le=64)
    leech_max_size: Size = 0
    leech_caption: Annotated[str, AfterValidator(checked_template)] = "{name}"
    leech_torrents: bool = False
    leech_allow_private: Annotated[tuple[SourceNetwork, ...], NoDecode, Split] = ()
    voice: Literal["auto", "external"] = "auto"
    voice_control: Literal["owners", "admins", "everyone"] = "admins"
    connections_per_dc: int = Field(4, ge=1, le=16)
    verify_chunks: bool = False
    cdn: bool = False
    start_timeout: Seconds = 15.0
    stall_timeout: Seconds = 60.0
    drain_timeout: Annotated[float, Field(ge=0, le=3600)] = 8.0
    event_loop: Literal["asyncio", "uvloop"] = "asyncio"
    telegram_server: str | None = None
    telegram_server_key: HomePath | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("*", mode="before")
    @classmethod
    def _written_as_meant(cls, value: object) -> object:
        return values.as_meant(value)

    @field_validator("worker_bot_tokens")
    @classmethod
    def _workers_are_different_bots(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if len({values.bot_id(token) for token in value}) != len(value):
            raise ValueError("a bot is named twice; every worker is a bot of its own")
        return value

    @field_validator("leech_bot_token")
    @classmethod
    def _leech_bot_is_no_worker(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and values.bot_id(value) in map(values.bot_id, info.data.get("worker_bot_tokens", ())):
            raise ValueError("WORKER_BOT_TOKENS names the same bot; the leech bot is a bot of its own")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        return None if value is None else values.secret_key(value)

    @field_validator("old_secret_keys")
    @classmethod
    def _old_secrets_were_secrets(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        return values.old_secret_keys(value)

    @field_validator("session_store")
    @classmethod
    def _database_sessions_need_a_key(cls, value: str, info: ValidationInfo) -> str:
        if value == "database" and info.data.get("secret_key", "") is None:
            raise ValueError(
                "sessions in the database are encrypted with SECRET_KEY, which is not set: "
                "`openssl rand -hex 32` makes one; keep it, for without it the sessions are lost"
            )
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _level_in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def member_ids(self) -> frozenset[int]:
        """The people that MEMBERS names by their ids."""
        return frozenset(member for member in self.members if isinstance(member, int) and member > 0)

    @property
    def member_channels(self) -> tuple[int | str, ...]:
        """The channels that MEMBERS names: -100... or @username."""
        return tuple(member for member in self.members if isinstance(member, str) or member < 0)

    @property
    def leech_target(self) -> int | str | None:
        """Where the files of leech jobs go that name no chat: LEECH_CHANNEL, else VAULT_CHANNEL."""
        return self.vault_channel if self.leech_channel is None else self.leech_channel

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
        return self.data_dir / Path(self.database_url.get_secret_value().removeprefix("sqlite:///")).expanduser()


class Settings(LocalSettings):
    """Every setting."""

    api_id: int = Field(gt=0, lt=1 << 31)
    api_hash: SecretStr
    bot_token: Token

    @field_validator("api_hash")
    @classmethod
    def _is_a_hash(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """TELEGRAM_SERVER may name one that takes any: `doctor` says what Telegram would not take."""
        if info.data.get("telegram_server") is None and not values.is_api_hash(value):
            raise ValueError(f"{values.NO_API_HASH}: copy it again from my.telegram.org")
        return value

    @field_validator("bot_token")
    @classmethod
    def _workers_are_other_bots(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if values.bot_id(value) in map(values.bot_id, info.data.get("worker_bot_tokens", ())):
            raise ValueError("WORKER_BOT_TOKENS names the same bot; every worker is a bot of its own")
        leech = info.data.get("leech_bot_token")
        if leech is not None and values.bot_id(value) == values.bot_id(leech):
            raise ValueError("LEECH_BOT_TOKEN names the same bot; the leech bot is a bot of its own")
        return value

    @property
    def bot_id(self) -> int:
        """The bot's user id: the digits before the colon of its token."""
        return values.bot_id(self.bot_token)
