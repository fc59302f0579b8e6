"""What `--help` says about each setting: grouped, one line each. docs/SETTINGS.md says more."""

from functools import cache
from typing import Any

from pydantic_core import PydanticUndefined

from streamvault.settings.model import Settings

GROUPS: dict[str, dict[str, str]] = {
    "Telegram": {
        "api_id": "number of the Telegram application, from my.telegram.org",
        "api_hash": "hash of the Telegram application",
        "bot_token": "the bot's token, from @BotFather",
        "worker_bot_tokens": "tokens of more bots, which share the reading of files",
        "user_session": "session string of a user account that reads histories",
        "proxy_url": "proxies for connections to Telegram: socks5://, http:// or tg://proxy",
        "ip_version": "4, 6, or auto",
        "telegram_server": "another MTProto server, as dc@host:port",
        "telegram_server_key": "PEM file with that server's public key",
    },
    "channels and people": {
        "channels": "channels to serve, and no others: -100... or @username, separated by commas",
        "vault_channel": "channel that keeps the files sent to the bot: -100... or @username",
        "members": "ids of people, and channels whose members, may log in and watch",
        "owner_ids": "Telegram user ids of those who may send files, and whose channels are served",
    },
    "web server": {
        "host": "address to listen on",
        "port": "port to listen on",
        "public_url": "address by which viewers reach the server; links begin with it",
        "public_access": "true: everybody may watch, without a token",
        "allowed_hosts": "with PUBLIC_ACCESS: further host names of the server",
        "trusted_proxies": "addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host count",
        "cors_origins": "origins of web pages elsewhere that may use the API",
        "rate_limit": "requests a minute of a person, link or address; 0: no limit",
        "stream_limit": "streams at once of a person, link or address; 0: no limit",
        "day_limit": "bytes of files a day of a person, link or address; 0: no limit",
        "drain_timeout": "seconds that streams have to finish when the server stops",
    },
    "storage": {
        "data_dir": "folder of sessions, catalog, cache and secret key",
        "database_url": "sqlite:///PATH or mongodb://...",
        "session_store": "where Telegram sessions are stored: file, or database",
        "session_name": "name of the bot's stored session",
        "secret_key": "signs links and encrypts sessions in a database",
        "old_secret_keys": "earlier values of SECRET_KEY that are still accepted, separated by commas",
        "cache_memory": "size of the cache in memory",
        "cache_disk": "size of the cache in DATA_DIR/cache",
    },
    "streaming": {
        "readahead": "MiB requested ahead of each viewer, 1 to 64",
        "playback_slots": "films that are repackaged at once for players that cannot take them as they are; 0: none",
        "connections_per_dc": "connections per account and data centre, 1 to 16",
        "verify_chunks": "true: compare what Telegram sends with its hashes",
        "cdn": "true: read popular files from Telegram's CDN if it says so",
        "start_timeout": "seconds until a stream's first chunk has to be there",
        "stall_timeout": "seconds without a byte after which a stream is aborted",
    },
    "leech": {
        "leech_bot_token": "token of the leech bot, which posts what it fetches from elsewhere",
        "leech_channel": "channel that its files go to: -100... or @username",
        "leech": "auto: the server works at leech jobs itself; external: `streamvault leech` does, elsewhere",
        "leech_disk": "disk space for what cannot go through memory alone",
        "leech_downloads": "sources that are read at once, 1 to 64",
        "leech_uploads": "files that are uploaded at once, 1 to 64",
        "leech_max_size": "size of the biggest source that is taken; 0: no limit",
        "leech_caption": "what stands under its files: text with {name}, {title}, {size}, {duration}, {source}",
        "leech_torrents": "true: torrents and magnet links are taken",
        "leech_allow_private": "networks that sources may lie in although they are private, as 192.168.1.0/24",
    },
    "voice chats": {
        "voice_session": "session string of the user account that plays in calls",
        "voice": "auto: the server plays in calls itself; external: `streamvault voice` does, elsewhere",
        "voice_control": "who may control calls beside owners: owners, admins (of the chat) or everyone",
    },
    "running": {
        "event_loop": "asyncio or uvloop",
        "log_level": "DEBUG, INFO, WARNING or ERROR",
        "log_format": "console or json",
    },
}
"""Title, and setting and meaning, in the order of the help."""

_COMPUTED = {
    "secret_key": "made once and kept in DATA_DIR",
    "database_url": "sqlite:///streamvault.db",
    "public_url": "http://HOST:PORT",
    "channels": "those to which an owner has added the bot",
    "vault_channel": "none: the bot accepts no files",
    "leech_channel": "VAULT_CHANNEL",
    "leech_bot_token": "none: nothing is leeched",
    "playback_slots": "number of processors",
    "telegram_server": "Telegram",
    "telegram_server_key": "Telegram's",
    "proxy_url": "none",
    "user_session": "none",
    "voice_session": "none: that of `streamvault login --voice`",
}
"""Defaults that other code or other settings decide, or that need a word."""


REQUIRED = "required"


@cache
def is_secret(name: str) -> bool:
    """Whether a setting may not stand on a command line, which every user of the machine can read."""
    return "Secret" in str(Settings.model_fields[name].annotation) and name != "database_url"


@cache
def described(name: str) -> str:
    """Meaning and default of a setting."""
    meaning = next(group[name] for group in GROUPS.values() if name in group)
    default = default_of(name)
    return f"{meaning} ({default if default == REQUIRED else f'default: {default}'})"


def default_of(name: str) -> str:
    """A setting's default as one writes it; "required" if there is none."""
    default: Any = Settings.model_fields[name].default
    if name in _COMPUTED:
        return _COMPUTED[name]
    if default is PydanticUndefined:
        return REQUIRED
    if default in ((), frozenset(), None):
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    if name in ("cache_memory", "cache_disk", "leech_disk"):
        return f"{default >> 20} MiB" if default % (1 << 30) else f"{default >> 30} GiB"
    return f"{default:g}" if isinstance(default, float) else str(default)
