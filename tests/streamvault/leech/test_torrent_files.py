"""A .torrent file as an address, and what it is known by."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import WITH_TORRENTS, public_address, read_address
from streamvault.leech.torrent_files import LONGEST, MOST, START, file_address, file_of, named_by
from tests.support.swarm import V1, V2, torrent_of

FILES = {"Garden film.mkv": b"film" * 40_000}
PASSKEY = "0123456789abcdef"


@pytest.mark.parametrize("flags", [0, V1, V2])
def test_it_is_known_by_what_its_magnet_link_is(tmp_path: Path, flags: int) -> None:
    torrent = torrent_of(tmp_path, FILES, flags=flags, trackers=(f"http://tracker.example/{PASSKEY}/announce",))
    address = file_address(torrent.data)
    assert file_of(address) == torrent.data
    of_file = read_address(address, schemes=WITH_TORRENTS)
    of_link = read_address(torrent.link, schemes=WITH_TORRENTS)
    assert of_file.same == of_link.same
    assert of_file.shown == of_link.same + "&dn=Garden%20film.mkv"
    for shown in (of_file.shown, of_link.shown, public_address(address), public_address(torrent.link)):
        assert PASSKEY not in shown


def test_without_torrents_one_sentence_says_so(tmp_path: Path) -> None:
    torrent = torrent_of(tmp_path, FILES)
    for address in (file_address(torrent.data), torrent.link):
        with pytest.raises(SourceRefused, match="LEECH_TORRENTS=true"):
            read_address(address)


WRONG = (
    b"", b"d", b"de", b"le", b"i1e", b"<html>", b"d-1:xe", b"d4:infoi1ee", b"d4:infodee", b"d4:info999999999:xe",
    b"d4:info" + b"l" * 200_000, b"d4:info" + b"l" * 200 + b"e" * 200 + b"e", b"d4:infod6:pieces0:",
    b"d4:infod4:name3:abcee",
)  # fmt: skip


def test_what_is_no_torrent_is_refused() -> None:
    for data in WRONG:
        with pytest.raises(ValueError, match="it "):
            file_address(data)


def test_sizes_are_bounded() -> None:
    small = b"d4:infod6:pieces0:ee"
    assert named_by(small).v2 is None
    overhead = len(b"d7:comment999999:4:infod6:pieces0:ee")
    for more, fits in ((0, True), (1, False)):
        data = b"d7:comment%d:%s4:infod6:pieces0:ee" % (MOST - overhead + more, b"x" * (MOST - overhead + more))
        assert len(data) == MOST + more
        if fits:
            assert len(file_address(data)) == LONGEST
            continue
        with pytest.raises(ValueError, match="more than 256 KiB"):
            file_address(data)


@given(st.binary(max_size=200))
@example(b"d4:infod12:meta versioni2eee")
def test_any_bytes_are_named_or_refused(data: bytes) -> None:
    for wrapped in (data, b"d4:info" + data + b"e"):
        try:
            assert named_by(wrapped).hash
        except ValueError:
            continue


@given(st.text(max_size=80))
def test_any_address_of_a_file_is_refused_or_one(text: str) -> None:
    for address in (f"data:{text}", START + text):
        with pytest.raises(SourceRefused):
            read_address(address, schemes=WITH_TORRENTS)
