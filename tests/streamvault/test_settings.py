"""Settings: sources, their precedence, and errors that do not repeat the wrong value."""

import os
import re
from pathlib import Path
from typing import Literal, get_origin

import pytest

from streamvault.errors import ConfigError
from streamvault.settings import Settings, misspelt_names, read_settings
from tests.support.programs import as_root

GOOD = {"API_ID": "12345", "API_HASH": "0123456789abcdef0123456789abcdef", "BOT_TOKEN": "777:secret-part"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_lists_sizes_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNELS", "-1001234567890, @some_channel ,")
    monkeypatch.setenv("OWNER_IDS", "1,22")
    monkeypatch.setenv("PORT", "7860")
    settings = read_settings()
    assert settings.channels == (-1001234567890, "@some_channel")
    assert settings.owner_ids == {1, 22}
    assert settings.public_url == f"http://127.0.0.1:{settings.port}"
    assert settings.public_access is False
    assert settings.bot_id == 777
    assert settings.database_path == settings.data_dir / "streamvault.db"


def test_command_line_takes_precedence_over_environment_over_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=1001\nHOST=127.0.0.3\nSESSION_NAME=from_file\n")
    monkeypatch.setenv("PORT", "1002")
    monkeypatch.setenv("HOST", "127.0.0.2")
    settings = read_settings({"port": "1003"})
    assert (settings.port, settings.host, settings.session_name) == (1003, "127.0.0.2", "from_file")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("CHANNELS", "")
    assert read_settings().secret_key is None
    assert read_settings().channels == ()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("API_ID", "abc", "API_ID"),
        ("API_ID", "0", "API_ID"),
        ("BOT_TOKEN", "no colon here", "@BotFather"),
        ("PORT", "70000", "PORT"),
        ("PUBLIC_URL", "tv.example.org", "http"),
        ("PUBLIC_URL", "https://a.example/?x=1", "no query"),
        ("CHANNELS", "-100,what is this", "@username"),
        ("VAULT_CHANNEL", "t.me/x", "@username"),
        ("OWNER_IDS", "me", "OWNER_IDS"),
        ("SECRET_KEY", "short", "16 characters"),
        ("DATABASE_URL", "postgres://localhost", "sqlite:///"),
        ("SESSION_STORE", "database", "SESSION_STORE"),
        ("SESSION_NAME", "../x", "SESSION_NAME"),
        ("EVENT_LOOP", "trio", "EVENT_LOOP"),
        ("START_TIMEOUT", "-1", "START_TIMEOUT"),
        ("PORT", "-1", "from 1 to 65535"),
        ("CHANNELS", "https://t.me/good_films", "write @good_films"),
        ("CHANNELS", "t.me/good_films/77?single", "write @good_films"),
        ("VAULT_CHANNEL", "https://t.me/c/1600000027/5", "write -1001600000027"),
        ("OWNER_IDS", "-1001234567890", "positive"),
        ("OWNER_IDS", "0", "positive"),
        ("OWNER_IDS", "1,@me", "not a name"),
        ("OWNER_IDS", "1;2", "separated by commas"),
        ("OWNER_IDS", "1 2", "separated by commas"),
        ("OWNER_IDS", "1|2,3", "separated by commas"),
        ("CHANNELS", "@x", "4 to 32 letters"),
        ("CHANNELS", "@films,@" + "x" * 33, "4 to 32 letters"),
        ("VAULT_CHANNEL", "@1films", "the first one a letter"),
        ("DATA_DIR", "~nobody-of-this-name/x", "home folder"),
        ("CHANNELS", "1600000001", "write -1001600000001"),
        ("CHANNELS", "-1600000001", "write -1001600000001"),
        ("CHANNELS", "@films,1001600000001", "write -1001600000001"),
        ("CHANNELS", "-4242", "supergroup"),
        ("CHANNELS", "-1001600000001234", "ten digits"),
        ("CHANNELS", "0", "@username"),
        ("VAULT_CHANNEL", "1600000027", "write -1001600000027"),
        ("VAULT_CHANNEL", "-27", "supergroup"),
        ("VAULT_CHANNEL", "1001600000027", "write -1001600000027"),
        ("API_HASH", '"0123456789abcdef0123456789abcdef"', "quotation mark"),
        ("BOT_TOKEN", "'777:secret-part'", "quotation mark"),
        ("OWNER_IDS", '"1","2"', "quotation mark"),
        ("PUBLIC_ACCESS", "'true'", "quotation mark"),
        ("DATA_DIR", "\u201cdata\u201d", "quotation mark"),
        ("SECRET_KEY", '"0123456789abcdef0123456789abcdef"', "quotation mark"),
        ("DATABASE_URL", "sqlite:///x.db # mine", "comment"),
        ("API_HASH", "# from my.telegram.org", "comment"),
        ("PORT", "8080\t# the usual one", "comment"),
        ("LOG_LEVEL", "INFO #", "comment"),
        ("CORS_ORIGINS", "foo", "https://app.example.org"),
        ("CORS_ORIGINS", "https://a.example,https://b.example/page", "https://app.example.org"),
        ("ALLOWED_HOSTS", "https://tv.example.org", "neither a scheme"),
        ("ALLOWED_HOSTS", "tv.example.org:8080", "nor a port"),
        ("ALLOWED_HOSTS", "*.example.org", "no *"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """O"""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    text = str(caught.value)
    assert words in text
    assert text.startswith(name)
    assert "\n" not in text
    assert not re.search(r"[Ii]nput should|unable to|valid |pattern|parse|Value error|string", text), "pydantic's words"


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "777 my precious")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert "precious" not in str(caught.value)


def test_all_missing_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """19: with the folder, as the command may have been started in another one than that of `.env`."""
    for name in GOOD:
        monkeypatch.delenv(name)
    with pytest.raises(ConfigError, match="API_HASH, API_ID, BOT_TOKEN are not set: put them into") as caught:
        read_settings()
    assert f"there is no .env in this folder ({tmp_path})" in str(caught.value)
    (tmp_path / ".env").write_text("API_ID=5\nAPI_HASH=0123456789abcdef0123456789abcdef\n")
    with pytest.raises(ConfigError, match=r"^BOT_TOKEN is not set: put it into") as caught:
        read_settings()
    assert "there is no" not in str(caught.value)


def test_secrets_do_not_show_in_the_settings_text() -> None:
    text = repr(read_settings())
    assert GOOD["API_HASH"] not in text
    assert "secret-part" not in text


def test_an_env_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=1\xff\n")
    with pytest.raises(ConfigError, match=r"^\.env cannot be read \(it is not UTF-8 text\)"):
        read_settings()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("this is junk\n", 1),
        ("PORT=8081\n\n# mine\n\nthis is junk\nHOST=::1\n", 5),
        ("A='two\nlines'\nexport B=1\r\n=my precious\n", 4),
        ('SECRET_KEY="my precious\n\n', 1),
        ("PORT: 8081\n", 1),
    ],
)
def test_a_line_of_an_env_file_that_is_no_setting_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, line: int
) -> None:
    """8: by its number; it is not repeated."""
    (tmp_path / ".env").write_text(text)
    with pytest.raises(ConfigError, match=rf"^\.env, line {line}: is not NAME=value: ") as caught:
        read_settings()
    assert "precious" not in str(caught.value)
    assert caplog.text == ""


@pytest.mark.parametrize("text", ["", "\n\n", "# PORT\n  # x\nexport PORT = 8081 # mine\nPORT\n", "PORT=\n\n\n"])
def test_an_env_file_without_such_a_line_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_text(text)
    assert read_settings().api_id == 12345


def test_an_env_file_of_someone_else_is_named_and_a_folder_of_someone_else_has_none(tmp_path: Path) -> None:
    as_root()
    (tmp_path / ".env").write_text("PORT=1001\n")
    (tmp_path / ".env").chmod(0)
    try:
        os.seteuid(1000)
        assert not os.access(tmp_path, os.X_OK, effective_ids=True)
        assert read_settings().port == 8080
        os.seteuid(0)
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        os.seteuid(1000)
        with pytest.raises(ConfigError, match=r"^\.env cannot be read \(Permission denied\)"):
            read_settings()
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, field in Settings.model_fields.items()
        if field.annotation in (int, float, bool) or get_origin(field.annotation) is Literal
    ],
)
@pytest.mark.parametrize("value", ["\\ ? //", "-1e9", "1_000_000_000_000_000", "9" * 5000])
def test_a_wrong_number_or_word_is_told_in_our_words(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """20: none of pydantic's sentences reaches anybody."""
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert re.match(rf"{name.upper()} is wrong: (it (has to be|may be)|a (size|port) is) ", str(caught.value))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"), ("0.0.0.0", "http://127.0.0.1:8080"), ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"), ("tv.lan", "http://tv.lan:8080"),
    ],
)  # fmt: skip
def test_the_default_of_public_url_can_be_opened(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    """20: links of a server that listens everywhere, or on an IPv6 address."""
    monkeypatch.setenv("HOST", host)
    assert read_settings().public_url == url


def test_origins_are_compared_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "CORS_ORIGINS", "*, HTTPS://App.Example:443/, http://a.example:80, http://[::1]:8443, capacitor://x"
    )
    assert read_settings().cors_origins == (
        "*", "https://app.example", "http://a.example", "http://[::1]:8443", "capacitor://x",
    )  # fmt: skip


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """O: else a folder of this name is made."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("DATA_DIR", "~/streamvault")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///~/films.db")
    monkeypatch.setenv("TELEGRAM_SERVER_KEY", "~/key.pem")
    settings = read_settings()
    assert settings.data_dir == Path("/home/ada/streamvault")
    assert settings.database_path == Path("/home/ada/films.db")
    assert settings.telegram_server_key == Path("/home/ada/key.pem")


def test_quotes_and_comments_of_an_env_file_are_no_part_of_the_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SESSION_NAME='quoted'  # by me\nDATABASE_URL=sqlite:///x.db # mine\n")
    settings = read_settings()
    assert settings.session_name == "quoted"
    assert settings.database_path == settings.data_dir / "x.db"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("OWNER_ID", "OWNER_IDS"),
        ("VAULT_CHANEL", "VAULT_CHANNEL"),
        ("public_acces", "PUBLIC_ACCESS"),
        ("BOT-TOKEN", "BOT_TOKEN"),
    ],
)
def test_a_misspelt_name_is_told(tmp_path: Path, written: str, meant: str) -> None:
    """19: in .env; and in the sentence about a setting that is missing."""
    (tmp_path / ".env").write_text(f"{written}=1\nCOMPOSE_PROJECT_NAME=x\nTZ=UTC\nPORT=8080\n")
    assert misspelt_names() == [f"{written.upper()} in .env is no setting: did you mean {meant}?"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTP_PORT", "PORT"),
        ("TELEGRAM_VAULT_CHANNEL", "VAULT_CHANNEL"),
        ("server_host", "HOST"),
        ("STREAMVAULT_CDN", "CDN"),
    ],
)
def test_a_name_with_a_word_too_many_is_told_where_the_setting_is_not_set(
    tmp_path: Path, written: str, meant: str
) -> None:
    """15."""
    (tmp_path / ".env").write_text(f"{written}=1\nPOSTGRES_PORT=5432\nDB_HOST=db\n")
    assert misspelt_names() == [f"{written.upper()} in .env is no setting: did you mean {meant}?"]
    (tmp_path / ".env").write_text(f"{written}=1\n{meant}=1\n")
    assert misspelt_names() == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [("PORTT", "PORT"), ("CHANELS", "CHANNELS"), ("API_IDD", "API_ID"), ("STREAMVAULT_HOST", "HOST")],
)
def test_the_environment_is_looked_at_as_well(monkeypatch: pytest.MonkeyPatch, written: str, meant: str) -> None:
    """15: names of one word too; those of other programs are left alone."""
    for name in (
        "HOSTNAME",
        "HTTP_PORT",
        "PGPORT",
        "DB_HOST",
        "DISPLAY",
        "TELEGRAM_BOT_TOKEN",
        "REPORT",
        "LOGNAME",
        "EXPORT",
    ):
        monkeypatch.setenv(name, "1")
    assert misspelt_names() == []
    monkeypatch.setenv(written, "1")
    assert misspelt_names() == [f"{written} in the environment is no setting: did you mean {meant}?"]


def test_a_misspelt_name_in_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """19: as compose passes `.env` on."""
    monkeypatch.setenv("OWNER_ID", "1")
    assert misspelt_names() == ["OWNER_ID in the environment is no setting: did you mean OWNER_IDS?"]
    monkeypatch.delenv("API_HASH")
    monkeypatch.setenv("API_HASHS", "1")
    with pytest.raises(ConfigError, match=r"API_HASH is not set.*did you mean API_HASH"):
        read_settings()
