"""H17: ports of data connections as servers write them."""

import pytest

from streamvault.leech.sources.ftp.replies import Reply, extended_port, passive_port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Entering Extended Passive Mode (|||50006|)", 50006),
        ("Entering Extended Passive Mode (|||50006|).", 50006),
        ("|||50006|", 50006),
        ("ok (!!!1!) ", 1),
        ("(|||65536|)", None),
        ("(|||0|)", None),
        ("(|1|10.0.0.1|50006|)", None),
        ("none", None),
    ],
)
def test_ports_of_epsv(text: str, port: int | None) -> None:
    assert extended_port(Reply(229, text)) == port
    assert extended_port(Reply(227, text)) is None


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Entering Passive Mode (10,0,0,1,195,86)", 50006),
        ("Entering Passive Mode (10,0,0,1,195,86).", 50006),
        ("=10,0,0,1,195,86", 50006),
        ("10,0,0,1,195,86", 50006),
        ("(10,0,0,1,256,86)", None),
        ("(10,0,0,1,0,0)", None),
        ("(10,0,0,1,1)", None),
        ("(1,10,0,0,1,195,86)", None),
    ],
)
def test_ports_of_pasv(text: str, port: int | None) -> None:
    assert passive_port(Reply(227, text)) == port
