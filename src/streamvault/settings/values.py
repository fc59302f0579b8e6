"""Rules for single values of settings. Each function raises ValueError with a text that says how to mend the value."""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import SecretStr

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_CHANNEL_ZERO = -1_000_000_000_000
"""A channel's number as Telegram's clients write it is this minus its id (-100 and the id, for ids of ten digits)."""
_MAX_CHANNEL_ID = 997_852_516_352
_MAX_USER_ID = 1 << 53
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def as_meant(value: object) -> object:
    """Refuse text that was written for a shell or a `.env` file: with quotation marks around it, or a comment."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[:1] and (text[0] in _QUOTES or text[-1] in _QUOTES):
        raise ValueError(
            "it begins or ends with a quotation mark, which counts as a part of the value here (`docker --env-file` "
            "keeps them): write it without quotation marks"
        )
    if re.search(r"(^|\s)#", text):
        raise ValueError(
            "it holds a comment (` #`), which counts as a part of the value here (`docker --env-file` keeps it): put "
            "the comment on a line of its own"
        )
    return value


def words(value: object) -> object:
    """The parts of a list that is separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def size(value: object) -> object:
    """A size in bytes."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]{1,15})\s*([A-Za-z]*)\s*", value)
    if match is None or match[2].lower() not in _UNITS:
        raise ValueError("a size is a number of bytes, or a number with KiB, MiB, GiB or TiB behind it, such as 64 MiB")
    return int(match[1]) * _UNITS[match[2].lower()]


def chat_number(value: object) -> object:
    """The text of a number as a number; anything else as it is."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else value


def channel(value: str | int) -> str | int:
    """A channel's or supergroup's number or @username."""
    if isinstance(value, str):
        if not re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", value):
            raise ValueError(
                f"a channel is its number (-100...) or its @username{_named_by_link(value)}{_spelt(value)}"
            )
        return value
    if is_channel(value):
        return value
    if 0 < abs(value) <= _MAX_CHANNEL_ID:
        group = "; a basic group cannot be served before it is turned into a supergroup" if value < 0 else ""
        raise ValueError(
            f"a channel's number begins with -100: write {_CHANNEL_ZERO - abs(value)}, or its @username{group}"
        )
    if is_channel(-value):
        raise ValueError(f"a channel's number is negative: write {-value}")
    raise ValueError("no channel has such a number: it is -100 and the ten digits of its id, or use its @username")


def _spelt(text: str) -> str:
    """How a @username is written; "" for texts that are not meant as one."""
    return ", which is 4 to 32 letters, digits and underscores, the first one a letter" if text[:1] == "@" else ""


def _named_by_link(text: str) -> str:
    """How a link of Telegram's to a channel or post is written instead; "" for other texts."""
    link = re.match(
        r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:c/([0-9]{1,12})|([A-Za-z][A-Za-z0-9_]{3,31}))(?:/|\?|$)", text
    )
    if link is None:
        return ""
    return f": write {channel_of(int(link[1])) if link[1] else '@' + link[2]}"


def channel_of(channel_id: int) -> int:
    """A channel's number as Telegram's clients write it, by its id, as links to its posts have it."""
    return _CHANNEL_ZERO - channel_id


def port(number: int) -> int:
    """A port; 0 is any free one."""
    if not 0 <= number < 1 << 16:
        raise ValueError("a port is a number from 1 to 65535")
    return number


def is_channel(number: int) -> bool:
    """Whether a chat's number is that of a channel or supergroup, and not of a user or basic group."""
    return _CHANNEL_ZERO - _MAX_CHANNEL_ID <= number < _CHANNEL_ZERO


def user_id(value: object) -> object:
    """A Telegram user's id."""
    text = str(value).strip()
    if not re.fullmatch(r"\+?[0-9]{1,18}", text) or not 0 < int(text) < _MAX_USER_ID:
        raise ValueError(
            "the id of a person is a positive number, not a name, and several are separated by commas; the bot tells "
            "it to who writes to it"
        )
    return int(text)


def member(value: object) -> object:
    """A person's id, or a channel whose members are meant: -100... or @username."""
    text = str(value).strip()
    if text.startswith(("@", "-")):
        return channel(chat_number(text))  # type: ignore[arg-type]
    if not re.fullmatch(r"\+?[0-9]{1,18}", text):
        raise ValueError(
            "members are people, by their ids, or those of a channel, as @username or -100...; several are separated "
            "by commas"
        )
    return user_id(text)


def home_path(path: Path) -> Path:
    """A path with the home folder in the place of `~`, as a shell would write it."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("the home folder (~) is not known here: write the whole path") from None


NO_API_HASH = "the hash of an application is 32 hexadecimal digits"


def is_api_hash(value: SecretStr) -> bool:
    """Whether it has the form of an application's hash."""
    return re.fullmatch(r"[0-9a-fA-F]{32}", value.get_secret_value()) is not None


MAX_OLD_KEYS = 8
"""Earlier secret keys that are accepted; each is tried with every link that the present one did not sign."""


def secret_key(value: SecretStr) -> SecretStr:
    """A secret key that cannot be guessed."""
    if len(value.get_secret_value()) < 16:
        raise ValueError("a secret key has at least 16 characters; `openssl rand -hex 32` makes a good one")
    return value


def old_secret_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Earlier secret keys."""
    if len(keys) > MAX_OLD_KEYS:
        raise ValueError(f"at most {MAX_OLD_KEYS} earlier keys are accepted: leave out the oldest")
    return tuple(map(secret_key, keys))


def bot_token(value: SecretStr) -> SecretStr:
    """A bot's token."""
    if not re.fullmatch(r"[0-9]{1,18}:[A-Za-z0-9_-]+", value.get_secret_value()):
        raise ValueError("a bot token is digits, a colon and text, as @BotFather gives it")
    return value


def bot_id(token: SecretStr) -> int:
    """The bot's user id."""
    return int(token.get_secret_value().split(":")[0])


def database_url(value: SecretStr | None) -> SecretStr | None:
    """A database of a kind that there is."""
    if value is not None and not re.fullmatch(r"sqlite:///.+|mongodb(\+srv)?://.+", value.get_secret_value()):
        raise ValueError("a database is sqlite:///PATH, or mongodb://... or mongodb+srv://... as its provider says")
    return value


def session_name(value: str) -> str:
    """A name that is fit for a file."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        raise ValueError("a session's name is 1 to 64 letters, digits, hyphens and underscores")
    return value


def public_url(value: str) -> str:
    """An HTTP URL without a slash at its end."""
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", value):
        raise ValueError(
            "a public URL begins with http:// or https:// and has no query, such as https://tv.example.org"
        )
    return value.rstrip("/")


def local_url(host: str, port: int) -> str:
    """The URL of a server that listens there, for a browser on the same machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def origin(value: str) -> str:
    """An origin as browsers send it (RFC 6454 section 6.2), or `*`."""
    match = re.fullmatch(r"([a-z][a-z0-9+.-]*)://([^/?#\s@]+)/?", value.lower())
    if value == "*" or match is None:
        if value == "*":
            return value
        raise ValueError("an origin is a scheme and a host, such as https://app.example.org, or * for all")
    return f"{match[1]}://{match[2].removesuffix(_DEFAULT_PORTS.get(match[1], '/'))}"


def proxy(value: object) -> IPv4Network | IPv6Network:
    """The address or network of reverse proxies."""
    return network(
        value, what="a proxy", all="anybody could then say who he is; name the addresses or networks of the proxies"
    )


def source_network(value: object) -> IPv4Network | IPv6Network:
    """A network that sources may lie in."""
    return network(value, what="what is allowed", all="name the networks of your own servers")


def network(value: object, *, what: str, all: str) -> IPv4Network | IPv6Network:
    """An address, or a network with the length of its prefix; `all` says why it cannot be every address."""
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    text = str(value).strip()
    try:
        found = ip_network(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        raise ValueError(f"{what} is an address or a network, such as 127.0.0.1 or 10.0.0.0/8{_meant(text)}") from None
    if found.prefixlen == 0:
        raise ValueError(f"{found} is every address: {all}")
    return found


def _meant(text: str) -> str:
    """How a network is written instead; "" where that is not clear."""
    try:
        return f": write {ip_network(text, strict=False)} for the network, or the address without a slash"
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.]+:[0-9]+|\[.*\]:[0-9]+", text):
        return ", without a port"
    return ": write the address in the place of a name" if re.search(r"[A-Za-z*]", text) and ":" not in text else ""


def host_name(value: str) -> str:
    """A host name as it stands in a Host field, without a port."""
    if not re.fullmatch(r"[^\s/:*@?#]+", value):
        raise ValueError("a host name has neither a scheme nor a port, and no *, such as tv.example.org")
    return value
