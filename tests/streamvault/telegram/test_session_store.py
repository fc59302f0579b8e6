"""What a session file keeps, whom it belongs to, and what it says when it cannot be used."""

import sqlite3
from pathlib import Path

import pytest
from pyrogram import raw
from pyrogram.storage import UpdateState

from streamvault.errors import ConfigError
from streamvault.telegram.dc import DcAddress
from streamvault.telegram.session_store import FileSessionStore, Home, Identity, StoredKey

IDENTITY = Identity(api_id=1, bot_id=700, server="telegram")
KEY = StoredKey(2, bytes(range(256)))


async def opened(path: Path, identity: Identity = IDENTITY) -> FileSessionStore:
    store = FileSessionStore(path)
    await store.open(identity)
    return store


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def damage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, and long enough to be taken for one" * 100)


def content(path: Path) -> bytes:
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions" / "bot.session"


async def test_folder_and_file_are_for_their_owner_only(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)
    store = await opened(path)
    assert mode(path.parent) == 0o700
    assert mode(path) == 0o600
    await store.close()


async def test_a_key_is_on_disk_when_put_returns(path: Path) -> None:
    store = await opened(path)
    await store.put_key(KEY)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as other:
        rows = other.execute("SELECT dc_id, auth_key, imported FROM keys").fetchall()
    other.close()
    assert rows == [(2, KEY.key, 0)]
    await store.close()


async def test_everything_is_there_after_opening_again(path: Path) -> None:
    store = await opened(path)
    addresses = (DcAddress(2, "10.0.0.2", 443), DcAddress(4, "::4", 443, ipv6=True, media_only=True))
    await store.put_key(KEY)
    await store.put_key(StoredKey(4, bytes(256)))
    await store.set_addresses(addresses)
    await store.set_flood("login", 1234.5)
    assert await store.home() is None
    await store.set_home(Home(4, 700))
    await store.close()
    store = await opened(path)
    assert await store.home() == Home(4, 700)
    assert await store.key(2) == KEY
    assert await store.key(4) == StoredKey(4, bytes(256), imported=True)
    assert await store.key(5) is None
    assert await store.addresses() == addresses
    assert await store.floods() == {"login": 1234.5}
    await store.close()


async def test_dropping_a_dead_key_leaves_its_successor(path: Path) -> None:
    store = await opened(path)
    successor = StoredKey(2, bytes(reversed(range(256))))
    await store.put_key(successor)
    await store.drop_key(KEY)
    assert await store.key(2) == successor
    await store.drop_key(successor)
    assert await store.key(2) is None
    await store.close()


async def test_peers_and_states_survive_and_are_looked_up_as_kurigram_does(path: Path) -> None:
    store = await opened(path)
    store.peers.update_peers([(700, 7, "bot", None), (-1001234, 9, "channel", None), (-55, 0, "group", "123")])
    store.peers.update_usernames([(-1001234, ["films", None]), (700, ["vault_bot"])])
    store.peers.update_usernames([(-1001234, ["movies"])])
    store.peers.set_states([UpdateState(0, 10, 1, 100, 2)])
    store.peers.set_states([UpdateState(0, 11, None, None, None), UpdateState(-1001234, 5, None, None, None)])
    await store.put_key(KEY)
    store.peers.update_peers([(701, 8, "user", "456")])
    await store.close()
    store = await opened(path)
    peers = store.peers
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
    assert peers.states([-1001234]) == []
    await store.close()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (Identity(1, 701, "telegram"), "another bot"),
        (Identity(2, 700, "telegram"), "another API_ID"),
        (Identity(1, 700, "key 00ff"), "another Telegram server"),
    ],
)
async def test_a_session_of_somebody_else_is_refused_and_left_alone(path: Path, other: Identity, what: str) -> None:
    store = await opened(path)
    await store.put_key(KEY)
    await store.close()
    before = content(path)
    with pytest.raises(ConfigError, match=what):
        await opened(path, other)
    assert content(path) == before


async def test_a_damaged_file_is_refused_and_left_alone(path: Path) -> None:
    damage(path)
    before = content(path)
    with pytest.raises(ConfigError, match="is damaged") as caught:
        await opened(path)
    assert "\n" not in str(caught.value)
    assert content(path) == before


async def test_a_newer_versions_file_is_refused(path: Path) -> None:
    await (await opened(path)).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ConfigError, match="newer version"):
        await opened(path)


async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written"):
        await opened(tmp_path / "file" / "bot.session")


def test_a_key_is_not_printed() -> None:
    assert "auth" not in repr(KEY)
    assert repr(KEY.key) not in repr(KEY)
