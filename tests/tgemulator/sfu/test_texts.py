"""Offers, answers, STUN, RTP and RTCP as bytes."""

import json

import pytest

from tgemulator.sfu.offer import (
    Offer,
    OfferError,
    SourceGroup,
    Transport,
    answer_text,
    parse_offer,
    signed,
    stream_text,
    unsigned,
)
from tgemulator.sfu.rtp import RtpPacket, SenderReport, build_rtp, parse_rtp, picture_loss, remb, sender_reports
from tgemulator.sfu.stun import BindingRequest, is_stun, parse_request, success

# RFC 5769, 2.1 and 2.2
PWD = "VOkJxbRl1RmTxUk/WvJxBt"
TRANSACTION = "b7e7a701bc34d686fa87dfae"
REQUEST = bytes.fromhex(
    f"000100582112a442{TRANSACTION}802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)

OFFER = {
    "ufrag": "abcd",
    "pwd": "secret",
    "fingerprints": [{"hash": "sha-256", "setup": "passive", "fingerprint": "aa:bb"}],
    "ssrc": -5,
    "ssrc-groups": [
        {"semantics": "SIM", "sources": [1, 3, 5]},
        {"semantics": "FID", "sources": [1, 2]},
        {"semantics": "FID", "sources": [3, 4]},
    ],
}


def test_an_offer_is_read() -> None:
    offer = parse_offer(json.dumps(OFFER))
    groups = (SourceGroup("SIM", (1, 3, 5)), SourceGroup("FID", (1, 2)), SourceGroup("FID", (3, 4)))
    assert offer == Offer("abcd", "secret", "AA:BB", 2**32 - 5, groups)
    assert (offer.video_sources, offer.retransmissions) == ((1, 3, 5), {2: 1, 4: 3})
    assert (signed(offer.source), unsigned(-5), signed(7)) == (-5, 2**32 - 5, 7)
    sound_only = parse_offer(json.dumps({key: value for key, value in OFFER.items() if key != "ssrc-groups"}))
    assert (sound_only.video_sources, sound_only.retransmissions) == ((), {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        *(json.dumps({key: value for key, value in OFFER.items() if key != gone}) for gone in sorted(OFFER)[:3]),
    ],
)
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises(OfferError):
        parse_offer(text)


def test_an_answer_has_what_clients_insist_on() -> None:
    answer = json.loads(answer_text(Transport("127.0.0.1", 4000, "u", "p", "CC"), codecs=("H264", "VP8")))
    candidate = answer["transport"]["candidates"][0]
    assert (candidate["ip"], candidate["port"]) == ("127.0.0.1", "4000")
    assert all(isinstance(value, str) for value in candidate.values())
    names = [kind["name"] for kind in answer["video"]["payload-types"]]
    assert [name for name in names if name in ("H264", "VP8")] == ["H264", "VP8"]
    assert {"rtp-hdrexts"} <= answer["video"].keys() & answer["audio"].keys()
    feedback = json.dumps(answer["video"])
    assert "goog-remb" in feedback
    assert "transport-cc" not in feedback
    assert (json.loads(stream_text()), json.loads(stream_text(rtmp=True))["rtmp"]) == ({"stream": True}, True)


def test_a_binding_request_is_read_and_its_hmac_checked() -> None:
    assert is_stun(REQUEST)
    expected = BindingRequest(bytes.fromhex(TRANSACTION), "evtj:h6vY", nominates=False, authentic=True)
    assert parse_request(REQUEST, pwd=PWD) == expected
    wrong = parse_request(REQUEST, pwd="another")
    assert wrong is not None
    assert not wrong.authentic
    assert parse_request(REQUEST[:-1], pwd=PWD) is None
    assert not is_stun(b"\x80" + REQUEST[1:])


def test_the_answer_names_the_address_that_was_seen() -> None:
    request = BindingRequest(bytes.fromhex(TRANSACTION), "", nominates=False, authentic=True)
    answer = success(request, ("192.0.2.1", 32853), pwd=PWD)
    assert answer[:20].hex() == f"0101002c2112a442{TRANSACTION}"
    assert answer[20:32].hex() == "002000080001a147e112a643"  # RFC 5769, 2.2
    assert answer[32:36].hex() == "00080014"
    assert answer[56:60].hex() == "80280004"


def test_rtp_packets_lose_extensions_and_padding() -> None:
    packet = RtpPacket(111, 65_535, 2**32 - 1, 7, True, b"sound")
    assert parse_rtp(build_rtp(packet)) == packet
    plain = build_rtp(packet)
    extended = bytes([plain[0] | 0x30]) + plain[1:12] + b"\xbe\xde\0\1\x10\x01\0\0" + plain[12:] + b"\0\0\3"
    assert parse_rtp(extended) == packet
    assert [parse_rtp(bad) for bad in (b"", plain[:11], b"\0" + plain[1:], bytes([plain[0] | 0x10]) + plain[1:12])] == [
        None
    ] * 4


def test_feedback_and_reports_are_rtcp() -> None:
    assert picture_loss(1, 2).hex() == "81ce00020000000100000002"
    assert remb(1, (2,), bitrate=1_000_000).hex() == "8fce0005000000010000000052454d42010bd09000000002"
    report = bytes.fromhex("80c80006000000090000001080000000000000050000000000000000")
    assert sender_reports(picture_loss(1, 2) + report) == [SenderReport(9, 16.5, 5)]
    assert sender_reports(report[:12]) == []
