"""Mirrors: made, listed, removed, by owners and the terminal; nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from streamvault.leech.mirror.model import State
from tests.support.files import CHANNEL
from tests.support.site import FOREIGN, OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in

WANTED = {"source": CHANNEL, "target": OTHER}
NEEDED = {"id", "source", "target", "state", "reason", "lag", "lag_seconds", "copied", "left_out", "created_at"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        await site.access.people.invite(MEMBER, "Ann", can=["read", "leech"])
        yield site


async def asked(browser: Browser, method: str, path: str = "", *, status: int, body: Any = None) -> Any:
    answer = await browser.ask(method, f"/api/mirrors{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def test_a_mirror_is_made_listed_and_removed(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    made = await asked(owner, "POST", status=201, body=WANTED)
    assert made.keys() >= NEEDED
    assert (made["source"], made["target"], made["state"], made["person"]) == (CHANNEL, OTHER, "queued", OWNER)
    assert await asked(owner, "GET", status=200) == {"items": [made], "next_cursor": None}
    again = await asked(owner, "POST", status=200, body={**WANTED, "deletions": True})
    assert (again["id"], again["deletions"]) == (made["id"], True)
    await site.access.audit.flush()
    assert f"{made['id']} {CHANNEL} to {OTHER}" in (await owner.get("/api/audit")).text
    await asked(owner, "DELETE", f"/{made['id']}", status=204)
    await asked(owner, "DELETE", f"/{made['id']}", status=404)
    assert await asked(owner, "GET", status=200) == {"items": [], "next_cursor": None}


async def test_its_state_and_lag(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    id = (await asked(owner, "POST", status=201, body=WANTED))["id"]
    table: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"state": State.COPYING, "place": 80, "top": 100, "behind_since": 1.0}, {"lag": 20, "retry_at": None}),
        ({"state": State.FOLLOWING, "behind_since": None}, {"lag": 0, "lag_seconds": 0}),
        ({"state": State.WAITING, "due": 7.5, "reason": "why"}, {"lag": 20, "retry_at": 7, "reason": "why"}),
        ({"left_out": {"quiz": 2, "dice": 0}}, {"left_out": [{"reason": "quiz", "count": 2}]}),
    )
    for stored, expected in table:
        mirrors = site.stored_mirrors.stored
        mirrors[id] = replace(mirrors[id], **stored)
        [item] = (await asked(owner, "GET", status=200))["items"]
        assert {name: item[name] for name in expected} == expected
    assert item["lag_seconds"] == 0


async def test_what_is_refused(site: Site) -> None:
    owner, member = await logged_in(site, OWNER), await logged_in(site, MEMBER)
    table: tuple[tuple[Any, int, str], ...] = (
        ({"source": CHANNEL}, 422, "target"),
        ({**WANTED, "source": 5}, 422, "source"),
        ({**WANTED, "more": 1}, 422, "more"),
        ({**WANTED, "source": FOREIGN}, 400, "no channel"),
        ({**WANTED, "source": OTHER}, 400, "same channel"),
    )
    for body, status, text in table:
        assert text in (await asked(owner, "POST", status=status, body=body))["detail"], body
    await asked(owner, "POST", status=201, body=WANTED)
    circle = await asked(owner, "POST", status=409, body={"source": OTHER, "target": CHANNEL})
    assert "for ever" in circle["detail"]
    assert "owner" in (await asked(member, "POST", status=403, body=WANTED))["detail"]
    await asked(member, "GET", status=403)
    await asked(member, "DELETE", f"/{'0' * 16}", status=403)


async def test_a_word_on_deletions(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    id = (await asked(owner, "POST", status=201, body=WANTED))["id"]
    await asked(owner, "POST", f"/{id}/deletions", status=409, body={"delete": True})
    mirrors = site.stored_mirrors.stored
    mirrors[id] = replace(mirrors[id], state=State.ASKING, asked=30)
    decided = await asked(owner, "POST", f"/{id}/deletions", status=200, body={"delete": True})
    assert (decided["state"], decided["asked"]) == ("copying", 30)
