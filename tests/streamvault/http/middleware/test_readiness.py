"""What /readyz tells everybody of the conditions."""

import pytest

from streamvault.health.conditions import Cause
from streamvault.health.readiness import Readiness
from streamvault.http.middleware.readiness import public


def flooded(*ends: float | None) -> Readiness:
    """Accounts with the same flood wait, which began one second after the other."""
    readiness = Readiness(clock=lambda: 900.0)
    for number, until in enumerate(ends):
        cause = Cause("wait", detail=f"account {number}", since=100.0 + number, until=until)
        readiness.conditions.begin("flood", cause, subject=f"account {len(ends) - number}")
    return readiness


@pytest.mark.parametrize(
    ("ends", "until"),
    [((5000.5,), 5001), ((5000.0, 7000.0), 7000), ((7000.0, 5000.0, 6000.0), 7000), ((5000.0, None), None)],
)
def test_accounts_with_the_same_condition_are_one_entry(ends: tuple[float | None, ...], until: int | None) -> None:
    """From the earliest beginning to the latest end."""
    readiness = flooded(*ends)
    assert public(readiness.conditions) == [{"what": "flood", "since": 100, "until": until, "reason": "wait"}]
    assert len(readiness.conditions.present) == len(ends), "those who run the server read each"


def test_other_reasons_kinds_and_data_centres_are_entries_of_their_own() -> None:
    readiness = Readiness()
    readiness.conditions.begin("account", Cause("log in"), subject="one")
    readiness.conditions.begin("account", Cause("wait"), subject="another")
    readiness.conditions.begin("telegram", Cause("wait"), subject="another")
    for dc_id in (1, 2):
        readiness.conditions.begin("data_centre", Cause("away"), subject=str(dc_id))
    told = [(one["what"], one.get("subject"), one["reason"]) for one in public(readiness.conditions)]
    assert sorted(told, key=str) == [
        ("account", None, "log in"), ("account", None, "wait"), ("data_centre", "1", "away"),
        ("data_centre", "2", "away"), ("telegram", None, "wait"),
    ]  # fmt: skip
