"""Addresses of data centres: the setting TELEGRAM_SERVER, and the order in which addresses are tried."""

import pytest

from streamvault.errors import ConfigError
from streamvault.telegram.network.data_centres import DataCentres, DcAddress, entry_address, parse_server

ENTRY = DcAddress(2, "10.0.0.2", 443)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("2@127.0.0.1:4430", DcAddress(2, "127.0.0.1", 4430)),
        ("10@emulator:1", DcAddress(10, "emulator", 1)),
        ("4@[::1]:65535", DcAddress(4, "::1", 65535, ipv6=True)),
        (" 1@tg.example.org:443 ", DcAddress(1, "tg.example.org", 443)),
    ],
)
def test_a_server_is_given_as_dc_host_and_port(text: str, address: DcAddress) -> None:
    assert parse_server(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1:443", "2@127.0.0.1", "2@:443", "0@host:443", "2@host:0", "2@host:65536", "2@::1:443",
     "-2@host:443", "2@[::1]", "2@ho st:443", "2@host:443/path", "a@host:443"],
)  # fmt: skip
def test_another_form_of_server_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="dc@host:port"):
        parse_server(text)


def test_without_a_server_the_entry_is_telegrams() -> None:
    assert entry_address(None, ipv6=False).dc_id == 2
    assert ":" in entry_address(None, ipv6=True).host


def _known() -> tuple[DcAddress, ...]:
    return (
        DcAddress(2, "10.9.9.9", 443),
        DcAddress(4, "10.0.0.4", 443),
        DcAddress(4, "10.0.1.4", 443, media_only=True),
        DcAddress(4, "::4", 443, ipv6=True),
        DcAddress(203, "10.0.0.203", 443, cdn=True),
    )


def test_media_only_addresses_are_first_for_media_and_unused_otherwise() -> None:
    data_centres = DataCentres(ENTRY, ip_version="4", trusted=True)
    data_centres.learn(_known())
    assert [a.host for a in data_centres.find(4, media=True)] == ["10.0.1.4", "10.0.0.4"]
    assert [a.host for a in data_centres.find(4)] == ["10.0.0.4"]
    assert data_centres.find(203, media=True) == ()
    assert [a.host for a in data_centres.find(203, cdn=True)] == ["10.0.0.203"]
    assert data_centres.find(2, cdn=True) == data_centres.find(4, cdn=True) == ()
    assert data_centres.find(5) == ()


def test_a_given_entry_stays_first_and_the_built_in_one_is_replaced() -> None:
    given, built_in = (DataCentres(ENTRY, ip_version="4", trusted=trusted) for trusted in (True, False))
    assert built_in.find(2) == (ENTRY,)
    for data_centres in (given, built_in):
        data_centres.learn(_known())
    assert [a.host for a in given.find(2)] == ["10.0.0.2", "10.9.9.9"]
    assert [a.host for a in built_in.find(2)] == ["10.9.9.9"]


def test_ip_version_6_uses_ipv6_addresses() -> None:
    data_centres = DataCentres(entry_address(None, ipv6=True), ip_version="6", trusted=False)
    data_centres.learn(_known())
    assert [a.host for a in data_centres.find(4)] == ["::4"]
