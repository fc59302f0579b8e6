"""Migrates session files of version 1, which had one table per kind of value, to records."""

import sqlite3

from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.values import Flood, Home, Identity, Peer, StoredKey

_PEERS = "SELECT id, access_hash, type, phone_number, seen FROM peers"
_TABLES = ("account", "keys", "addresses", "floods", "peers", "usernames", "update_states")


def migrate_version1(db: sqlite3.Connection) -> None:
    """Write the records for the content of the old tables, and drop those; within the caller's transaction."""
    api_id, account_id, server, home_dc, user_id = db.execute(
        "SELECT api_id, bot_id, server, home_dc, user_id FROM account"
    ).fetchone()
    records = {codec.IDENTITY: codec.pack(Identity(api_id, account_id, server))}
    if user_id is not None:
        records[codec.HOME] = codec.pack(Home(home_dc, user_id))
    for dc_id, key, imported in db.execute("SELECT dc_id, auth_key, imported FROM keys"):
        records[codec.key_name(dc_id)] = codec.pack(StoredKey(dc_id, key, confirmed=True, imported=bool(imported)))
    for family, until in db.execute("SELECT family, until FROM floods"):
        records[codec.flood_name(family)] = codec.pack(Flood(until, length=0.0))
    addresses = db.execute("SELECT dc_id, host, port, ipv6, media_only, cdn FROM addresses ORDER BY position")
    records[codec.ADDRESSES] = codec.pack_all(DcAddress(*row[:3], *map(bool, row[3:])) for row in addresses)
    records |= _peers(db)
    db.executemany("INSERT INTO records VALUES (?, ?)", records.items())
    for table in _TABLES:
        db.execute(f"DROP TABLE {table}")


def _peers(db: sqlite3.Connection) -> dict[str, bytes]:
    names: dict[int, list[str]] = {}
    for name, id_ in db.execute("SELECT username, id FROM usernames"):
        names.setdefault(id_, []).append(name)
    records = {
        codec.peer_name(id_): codec.pack(Peer(id_, access_hash, kind, phone, seen, tuple(names.get(id_, ()))))
        for id_, access_hash, kind, phone, seen in db.execute(_PEERS)
    }
    for row in db.execute("SELECT id, pts, qts, date, seq FROM update_states"):
        records[codec.state_name(row[0])] = codec.pack_all([row])
    return records
