"""Counters add up over labels, peaks keep the highest."""

import json

from tgemulator.counters import Counters


def test_values_are_summed_over_the_labels_that_match() -> None:
    counters = Counters()
    counters.add("getfile", dc=2, user=1)
    counters.add("getfile", 4, dc=2, user=7)
    counters.add("getfile", dc=4, user=7)
    assert counters.value("getfile") == 6
    assert counters.value("getfile", dc=2) == 5
    assert counters.value("getfile", user=7, dc=4) == 1
    assert counters.value("getfile", dc=9) == 0
    assert counters.value("never counted") == 0
    assert counters.by("getfile", "user", dc=2) == {1: 1, 7: 4}


def test_a_peak_keeps_the_highest_value() -> None:
    counters = Counters()
    for value in (2, 5, 3):
        counters.peak("in_flight", value)
    assert counters.value("in_flight") == 5


def test_the_snapshot_is_json_and_reset_clears_it() -> None:
    counters = Counters()
    counters.add("errors", code=420, text="FLOOD_WAIT_3")
    counters.peak("in_flight", 2)
    assert json.loads(json.dumps(counters.snapshot())) == {
        "counters": {"errors": [{"labels": {"code": 420, "text": "FLOOD_WAIT_3"}, "value": 1}]},
        "peaks": {"in_flight": 2},
    }
    counters.reset()
    assert counters.snapshot() == {"counters": {}, "peaks": {}}
