"""Held: each wrong setting gives one sentence that names it, and none shows a secret."""

import pytest

from streamvault.errors import ConfigError
from streamvault.settings import read_settings

GOOD = {"API_ID": "1", "API_HASH": "0123456789abcdef0123456789ABCDEF", "BOT_TOKEN": "123:abc"}
SECRETS = {
    "API_HASH",
    "BOT_TOKEN",
    "WORKER_BOT_TOKENS",
    "LEECH_BOT_TOKEN",
    "USER_SESSION",
    "SECRET_KEY",
    "OLD_SECRET_KEYS",
    "DATABASE_URL",
    "PROXY_URL",
}
WRONG = {
    "API_ID": ("abc", "0", "-5", "1.5", "99999999999", "1 2", "٣٤x"),
    "API_HASH": ("xyz", "0123456789abcdef", "g" * 32, "0123456789abcdef0123456789abcdef0", "0x" + "1" * 32),
    "BOT_TOKEN": ("nocolon", ":abc", "123:", "abc:def", "123:a b", "123:a/b", "1" * 30 + ":abc"),
    "WORKER_BOT_TOKENS": ("nocolon", "123:abc", "7:aaa,7:bbb", "7:aaa,8"),
    "LEECH_BOT_TOKEN": ("nocolon", "123:abc", "123:other", "leech:bot", "8:"),
    "LEECH_CHANNEL": ("t.me/x", "-27", "@ab", "1600000027"),
    "LEECH": ("yes", "off", "AUTO "),
    "LEECH_DISK": ("lots", "-1", "2 GB"),
    "LEECH_DOWNLOADS": ("0", "65", "all"),
    "LEECH_UPLOADS": ("0", "-2", "1.5"),
    "LEECH_MAX_SIZE": ("unlimited", "-5"),
    "LEECH_CAPTION": ("{nam}", "{name", "{name!r}", "{name:>9}", "{name.x}", "{}"),
    "LEECH_TORRENTS": ("maybe", "3"),
    "LEECH_ALLOW_PRIVATE": ("home", "10.0.0.1/24", "0.0.0.0/0", "::/0", "192.168.1.5:80", "10.1", "*"),
    "CHANNELS": ("-100,what is this", "t.me/films", "@x", "https://t.me/c/1/2", "@1films"),
    "VAULT_CHANNEL": ("t.me/x", "@ab", "a b c d"),
    "OWNER_IDS": ("me", "1;2", "@owner", "1.5"),
    "SECRET_KEY": ("short", "fifteen letters"),
    "OLD_SECRET_KEYS": (
        "hidden-word",
        "sixteen-characters,hidden-word",
        ",".join(f"sixteen-characters-{n}" for n in range(9)),
    ),
    "DATABASE_URL": ("postgres://u:hidden-word@h/db", "sqlite:x.db", "mongodb:/h", "sqlite://hidden-word"),
    "SESSION_STORE": ("redis", "files", "database"),
    "SESSION_NAME": ("../x", "a b", "x" * 65),
    "IP_VERSION": ("5", "both"),
    "PORT": ("70000", "-1", "http", "80.5"),
    "PUBLIC_URL": ("tv.example.org", "ftp://tv.example.org", "https://a.example/?x=1", "https://"),
    "TRUSTED_PROXIES": ("*", "nginx,10.1.2.3", "10.0.0.1/24", "127.0.0.1:80", "[::1]:80", "0.0.0.0/0", "::/0", "10.1"),
    "PUBLIC_ACCESS": ("perhaps", "2"),
    "CACHE_MEMORY": ("lots", "-1", "64 XB"),
    "CACHE_DISK": ("1.5 GiB", "1 GiB 2"),
    "READAHEAD": ("0", "65", "many"),
    "PLAYBACK_SLOTS": ("-1", "257", "all"),
    "CONNECTIONS_PER_DC": ("0", "17"),
    "START_TIMEOUT": ("-1", "0", "soon"),
    "DRAIN_TIMEOUT": ("-1", "3601"),
    "EVENT_LOOP": ("trio",),
    "LOG_LEVEL": ("LOUD", "info "),
    "LOG_FORMAT": ("xml",),
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


@pytest.fixture(autouse=True)
def _good_ones(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("no .env"))
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda text: text[:30])
def test_it_is_one_sentence_that_names_the_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    text = str(caught.value)
    assert name in text
    assert "\n" not in text
    assert len(text) < 400
    if name in SECRETS:
        assert value not in text


def test_the_good_ones_are_good() -> None:
    assert read_settings().api_id == 1
    assert len(CASES) >= 56


def test_a_server_of_ones_own_may_take_any_api_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_HASH", "xyz")
    monkeypatch.setenv("TELEGRAM_SERVER", "2@127.0.0.1:8443")
    assert read_settings().api_hash.get_secret_value() == "xyz"
