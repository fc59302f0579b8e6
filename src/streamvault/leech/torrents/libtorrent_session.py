"""libtorrent as the child process uses it: its settings, and torrents of unknown origin. `program` alone imports it."""

import base64
from collections.abc import Mapping
from hashlib import sha1, sha256
from typing import Any

import libtorrent as lt

LARGEST = 10 << 20
"""Bytes of a .torrent file."""
_LOADED: dict[str, Any] = {
    "max_buffer_size": LARGEST, "max_pieces": 1 << 21, "max_decode_depth": 100, "max_decode_tokens": 2_000_000,
}  # fmt: skip
_UNTYPED: Any = lt
"""Functions whose dictionaries are typed otherwise than they are."""
_BARE = b"d4:info"
_SETTINGS: dict[str, Any] = {
    "listen_interfaces": "0.0.0.0:0",  # with a proxy, a socket for the proxy's datagrams alone
    "enable_incoming_tcp": False, "enable_incoming_utp": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "enable_ip_notifier": False, "ssrf_mitigation": True, "validate_https_trackers": True,
    "apply_ip_filter_to_trackers": True, "apply_filter_to_dht": True, "proxy_type": lt.proxy_type_t.socks5_pw,
    "proxy_hostnames": True, "proxy_peer_connections": True, "proxy_tracker_connections": True,
    "proxy_hostname": "127.0.0.1", "webtorrent_stun_server": "", "max_metadata_size": LARGEST,
    "metadata_token_limit": 2_000_000, "connections_limit": 80, "max_peerlist_size": 1000, "aio_threads": 2,
    "hashing_threads": 1, "file_pool_size": 16, "max_queued_disk_bytes": 8 << 20, "checking_mem_usage": 64,
    "alert_queue_size": 500, "max_failcount": 5, "min_reconnect_time": 10, "auto_scrape_interval": 86_400,
    "alert_mask": int(lt.alert_category.error | lt.alert_category.storage),
    "user_agent": f"libtorrent/{lt.__version__}",
}  # fmt: skip
_NAMED = ("0.0.0.0", "::")  # noqa: S104 - nothing is bound to them
"""What stands in libtorrent for the address of a web seed whose name the proxy resolves. The proxy refuses them."""
_TRACKERS = ("http://", "https://", "udp://")


def session_of(way: Mapping[str, Any], dht: str) -> lt.session:
    """A session that reaches others by the proxy of `way` alone, and none of the addresses that it refuses. `dht`: the
    nodes by which it joins the DHT, "" for none of it.
    """
    session: lt.session = _UNTYPED.session(
        {
            **_SETTINGS, "enable_dht": bool(dht), "dht_bootstrap_nodes": dht, "proxy_port": way["port"],
            "proxy_username": way["user"], "proxy_password": way["password"],
        }
    )  # fmt: skip
    rules = lt.ip_filter()
    for first, last, refused in way["rules"]:
        rules.add_rule(first, last, int(refused))
    for name in _NAMED:
        rules.add_rule(name, name, 0)
    session.set_ip_filter(rules)
    return session


def torrent_of(data: bytes) -> lt.add_torrent_params:
    """A .torrent file, or a bare description as peers send it. Raises RuntimeError for what is neither."""
    if not data.startswith(_BARE):
        return _params(_UNTYPED.load_torrent_buffer(data, _LOADED))
    # a .torrent file of version 2 has hashes beside its description, which peers send, too: resume data may lack them
    info = data[len(_BARE) : -1]
    keys = _UNTYPED.bdecode(info)
    hashes = b"9:info-hash20:" + sha1(info).digest() if b"pieces" in keys else b""  # noqa: S324 - that is its name
    if keys.get(b"meta version") == 2:
        hashes += b"10:info-hash232:" + sha256(info).digest()
    whole = b"d11:file-format22:libtorrent resume file12:file-versioni1e4:info" + info + hashes + b"e"
    return _params(_UNTYPED.read_resume_data(whole, _LOADED))


def bare(info: lt.torrent_info) -> bytes:
    """The description of a torrent alone, as `torrent_of` reads it."""
    return _BARE + info.info_section() + b"e"


def magnet_of(link: str) -> lt.add_torrent_params:
    """A magnet link. Raises RuntimeError for what is none."""
    return lt.parse_magnet_uri(link)


def join_magnet(params: lt.add_torrent_params, link: str) -> None:
    """Trackers, web seeds and peers of a magnet link for a torrent that was looked up by it."""
    told = magnet_of(link)
    params.trackers = [*params.trackers, *told.trackers]
    params.url_seeds = [*params.url_seeds, *told.url_seeds]
    params.peers = [*params.peers, *told.peers]


def prepare(params: lt.add_torrent_params, folder: str, *, private: bool) -> None:
    """No addresses but those of schemes that are judged; begun at once, and by nobody else than this."""
    params.save_path = folder
    tiers = [*params.tracker_tiers, *[0] * (len(params.trackers) - len(params.tracker_tiers))]
    kept = [(one, tier) for one, tier in zip(params.trackers, tiers, strict=False) if one.lower().startswith(_TRACKERS)]
    params.trackers, params.tracker_tiers = [one for one, _ in kept], [tier for _, tier in kept]
    params.url_seeds = [one for one in params.url_seeds if one.lower().startswith(_TRACKERS[:2])]
    flags = lt.torrent_flags
    params.flags &= ~(flags.auto_managed | flags.paused | flags.seed_mode)
    params.flags |= flags.disable_lsd | flags.apply_ip_filter
    if private:
        params.flags |= flags.disable_dht | flags.disable_pex


def _params(params: lt.add_torrent_params) -> lt.add_torrent_params:
    return params


def decoded(text: str) -> bytes:
    """Bytes as they stand in JSON."""
    return base64.b64decode(text)


def encoded(data: bytes) -> str:
    """Bytes for JSON."""
    return base64.b64encode(data).decode()
