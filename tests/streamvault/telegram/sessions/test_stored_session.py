"""What a stored session keeps, to which account it belongs, and how it fails when it cannot be used."""

import sqlite3
import time
from pathlib import Path

import pytest
from pyrogram import raw
from pyrogram.storage import UpdateState

from streamvault.errors import ConfigError
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.peers import MOST_PEERS
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Flood, Home, Identity, StoredKey

IDENTITY = Identity(api_id=1, account_id=700, server="telegram")
KEY = StoredKey(2, bytes(range(256)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


async def opened(folder: Path, identity: Identity = IDENTITY) -> StoredSession:
    session = StoredSession(FileBackend(folder, "bot"))
    await session.open(identity)
    return session


def content(folder: Path) -> bytes:
    return (folder / "bot.session").read_bytes()


async def test_a_key_is_on_disk_when_put_key_returns(folder: Path) -> None:
    session = await opened(folder)
    await session.put_key(KEY)
    assert set(await FileBackend(folder, "bot").peek()) == {"identity", "key:2"}
    await session.close()


async def test_all_values_are_there_after_reopening(folder: Path) -> None:
    session = await opened(folder)
    addresses = (DcAddress(2, "10.0.0.2", 443), DcAddress(4, "::4", 443, ipv6=True, media_only=True))
    exported = StoredKey(4, bytes(256), confirmed=True, export_id=7, export_bytes=b"authorization")
    await session.put_key(KEY)
    await session.put_key(exported)
    await session.set_addresses(addresses)
    await session.set_flood("login", Flood(1234.5, 60.0))
    await session.set_spent("key", (1.0, 2.5))
    await session.set_login_sent_to(2)
    session.note_salt(2, -5)
    session.note_route("socks5 10.0.0.1:1080")
    assert [session.home, session.login_sent_to] == [None, 2]
    await session.close()
    session = await opened(folder)
    assert (session.key(2), session.key(4), session.key(5)) == (KEY, exported, None)
    assert session.all_keys() == (KEY, exported)
    assert session.addresses == addresses
    assert session.floods == {"login": Flood(1234.5, 60.0)}
    assert (session.spent("key"), session.spent("export")) == ((1.0, 2.5), ())
    assert (session.salt(2), session.salt(4)) == (-5, 0)
    assert session.route == "socks5 10.0.0.1:1080"
    assert [session.login_sent_to] == [2]
    await session.set_home(Home(2, 700))
    assert [session.login_sent_to] == [None]
    await session.close()
    session = await opened(folder)
    assert session.home == Home(2, 700)
    assert session.key(2) == StoredKey(2, KEY.key, confirmed=True, imported=True)
    await session.forget_home()
    assert [session.home, session.key(2), session.salt(2)] == [None, None, 0]
    await session.close()


async def test_dropping_a_dead_key_keeps_a_newer_one(folder: Path) -> None:
    session = await opened(folder)
    successor = StoredKey(2, bytes(reversed(range(256))))
    await session.put_key(successor)
    await session.drop_key(KEY)
    assert session.key(2) == successor
    await session.drop_key(successor)
    assert session.key(2) is None
    await session.close()


async def test_peers_and_states_survive_and_are_found_as_kurigram_looks_them_up(folder: Path) -> None:
    session = await opened(folder)
    session.peers.update_peers([(700, 7, "bot", None), (-1001234, 9, "channel", None), (-55, 0, "group", "123")])
    session.peers.update_usernames([(-1001234, ["films", None]), (700, ["vault_bot"])])
    session.peers.update_usernames([(-1001234, ["movies"])])
    session.peers.set_states([UpdateState(0, 10, 1, 100, 2)])
    session.peers.set_states([UpdateState(0, 11, None, None, None), UpdateState(-1001234, 5, None, None, None)])
    await session.put_key(KEY)
    session.peers.update_peers([(701, 8, "user", "456")])
    await session.close()
    session = await opened(folder)
    peers = session.peers
    assert peers.peer_by_id(700) == raw.types.InputPeerUser(user_id=700, access_hash=7)
    assert peers.peer_by_username("movies").access_hash == 9
    assert peers.peer_by_phone("123") == raw.types.InputPeerChat(chat_id=55)
    assert peers.peer_by_phone("456").user_id == 701
    with pytest.raises(KeyError):
        peers.peer_by_id(1)
    for lookup in (peers.peer_by_username, peers.peer_by_phone):
        with pytest.raises(KeyError):
            lookup("films")
    assert peers.states(0) == [UpdateState(0, 11, 1, 100, 2)]
    assert {state.id for state in peers.states()} == {0, -1001234}
    peers.delete_states([-1001234])
    await session.close()
    session = await opened(folder)
    assert [state.id for state in session.peers.states()] == [0]
    await session.close()


async def test_the_least_recently_seen_peers_are_dropped(folder: Path) -> None:
    session = await opened(folder)
    session.peers.update_peers((number, number, "user", None) for number in range(1, MOST_PEERS + 1))
    session.peers.update_peers([(1, 1, "user", None), (MOST_PEERS + 1, 5, "user", None)])
    assert session.peers.peer_by_id(1).access_hash == 1
    with pytest.raises(KeyError):
        session.peers.peer_by_id(2)
    await session.close()
    records = await FileBackend(folder, "bot").peek()
    assert len([name for name in records if name.startswith("peer:")]) == MOST_PEERS
    assert "peer:2" not in records


async def test_seeing_the_same_peer_again_writes_nothing(folder: Path) -> None:
    session = await opened(folder)
    for _ in range(3):
        session.peers.update_peers([(700, 7, "bot", None)])
        session.peers.update_usernames([(700, ["vault_bot"])])
        written = session.peers.take_changes()
    assert written == {}
    await session.close()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (Identity(1, 701, "telegram"), "another bot"),
        (Identity(2, 700, "telegram"), "another API_ID"),
        (Identity(2, 0, "telegram"), "another API_ID"),
        (Identity(1, 700, "key 00ff"), "another Telegram server"),
    ],
)
async def test_a_session_of_another_account_is_refused_and_left_unchanged(
    folder: Path, other: Identity, what: str
) -> None:
    session = await opened(folder)
    await session.put_key(KEY)
    await session.close()
    before = content(folder)
    with pytest.raises(ConfigError, match=what):
        await opened(folder, other)
    assert content(folder) == before
    await (await opened(folder)).close()


async def test_a_bot_is_refused_the_session_of_a_user(folder: Path) -> None:
    await (await opened(folder, Identity(1, 0, "telegram"))).close()
    with pytest.raises(ConfigError, match="another bot or user"):
        await opened(folder, Identity(1, 700, "telegram"))
    await (await opened(folder, Identity(1, 0, "telegram"))).close()


@pytest.mark.parametrize("records", [{"key:2": b"{}"}, {"identity": b"nonsense"}, {"home": b"[1]"}])
async def test_damaged_records_are_refused_and_left_unchanged(folder: Path, records: dict[str, bytes]) -> None:
    await (await opened(folder)).close()
    backend = FileBackend(folder, "bot")
    await backend.open()
    await backend.write(records)
    await backend.close()
    before = content(folder)
    with pytest.raises(ConfigError, match="is damaged"):
        await opened(folder)
    assert content(folder) == before


async def test_a_file_of_version_1_keeps_its_keys(folder: Path) -> None:
    folder.mkdir()
    db = sqlite3.connect(folder / "bot.session")
    db.executescript(VERSION_1)
    db.execute("INSERT INTO account VALUES (1, 700, 'telegram', 4, 700)")
    db.executemany("INSERT INTO keys VALUES (?, ?, ?)", [(2, KEY.key, 0), (4, bytes(256), 1)])
    db.execute("INSERT INTO addresses VALUES (0, 2, '10.0.0.2', 443, 0, 1, 0)")
    db.execute("INSERT INTO floods VALUES ('login', ?)", (time.time() + 50,))
    db.execute("INSERT INTO peers VALUES (-1001234, 9, 'channel', NULL, ?)", (int(time.time()),))
    db.execute("INSERT INTO usernames VALUES ('films', -1001234)")
    db.execute("INSERT INTO update_states VALUES (0, 11, 1, 100, 2)")
    db.commit()
    db.close()
    for _ in range(2):
        session = await opened(folder)
        assert session.home == Home(4, 700)
        assert session.key(2) == StoredKey(2, KEY.key, confirmed=True)
        assert session.key(4) == StoredKey(4, bytes(256), confirmed=True, imported=True)
        assert session.addresses == (DcAddress(2, "10.0.0.2", 443, media_only=True),)
        assert session.floods["login"].until > time.time()
        assert session.peers.peer_by_username("films").access_hash == 9
        assert session.peers.states() == [UpdateState(0, 11, 1, 100, 2)]
        await session.close()


VERSION_1 = """
CREATE TABLE account (api_id INTEGER NOT NULL, bot_id INTEGER NOT NULL, server TEXT NOT NULL,
                      home_dc INTEGER, user_id INTEGER);
CREATE TABLE keys (dc_id INTEGER PRIMARY KEY, auth_key BLOB NOT NULL, imported INTEGER NOT NULL DEFAULT 0);
CREATE TABLE addresses (position INTEGER PRIMARY KEY, dc_id INTEGER NOT NULL, host TEXT NOT NULL,
                        port INTEGER NOT NULL, ipv6 INTEGER NOT NULL, media_only INTEGER NOT NULL,
                        cdn INTEGER NOT NULL);
CREATE TABLE floods (family TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE peers (id INTEGER PRIMARY KEY, access_hash INTEGER, type TEXT NOT NULL, phone_number TEXT,
                    seen INTEGER NOT NULL);
CREATE INDEX peers_by_phone ON peers (phone_number);
CREATE TABLE usernames (username TEXT PRIMARY KEY, id INTEGER NOT NULL);
CREATE INDEX usernames_by_id ON usernames (id);
CREATE TABLE update_states (id INTEGER PRIMARY KEY, pts INTEGER, qts INTEGER, date INTEGER, seq INTEGER);
PRAGMA user_version = 1;
"""


def test_repr_shows_no_key() -> None:
    assert "auth" not in repr(KEY)
    assert repr(KEY.key) not in repr(KEY)
