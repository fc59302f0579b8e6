"""Leech jobs: added, listed, changed, by owners, members and the terminal."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.leech import transitions
from streamvault.leech.choice import ChoiceNeeded, Choosable, asking
from streamvault.leech.model import Described, Job, Piece, State, Transfer
from streamvault.leech.torrent_files import LONGEST, START, file_address
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in, nobody
from tests.support.swarm import torrent_of

BEN = MEMBER + 1
FILM = "https://example.org/Garten.mkv"
NEEDED = {
    "id", "source", "name", "state", "reason", "bytes_done", "bytes_total", "rate", "eta", "attempts", "messages",
    "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    given: dict[str, Any] = {"leech_bot_token": "55:leech", "leech_channel": CHANNEL}
    async with open_site(public_access=False, owner_ids=(OWNER,), **given) as site:
        for person in (MEMBER, BEN):
            await site.access.people.invite(person, "Ann", can=["read", "leech"])
        yield site


async def add(browser: Browser, source: str = FILM, *, status: int = 201, **more: Any) -> dict[str, Any]:
    answer = await browser.ask("POST", "/api/jobs", json={"source": source, **more})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def ids(browser: Browser, query: str = "") -> list[str]:
    answer = await browser.get(f"/api/jobs{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def job_of(site: Site, id: str) -> Job:
    job = await site.stored_jobs.get(id)
    assert job is not None
    return job


def detail(answer: httpx.Response, status: int) -> str:
    """What a problem says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    return str(body["detail"])


class TestAdding:
    async def test_what_no_worker_does_is_refused_and_not_left_out_silently(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        refused: dict[str, dict[str, Any]] = {
            "either packed or unpacked": {"zip": True, "unzip": True},
            "keep their names": {"unzip": True, "name": "x.mkv"},
            "no archive": {"unzip": True, "ytdlp": True},
            "of what yt-dlp fetches only": {"select": [1]},
            "or asked about": {"ytdlp": True, "select": [1], "choose": True},
        }
        for why, wish in refused.items():
            answer = await owner.ask("POST", "/api/jobs", json={"source": FILM, **wish})
            assert why in detail(answer, 400)
        assert await ids(owner) == []

    async def test_a_torrent_file_is_handed_in_where_torrents_are_taken(self, site: Site, tmp_path: Path) -> None:
        torrent = torrent_of(tmp_path, {"Garden/film.mkv": b"film" * 50_000}, trackers=("http://t.example/SECRET",))
        whole: dict[str, Any] = {"source": file_address(torrent.data), "select": [1]}
        owner = await logged_in(site, OWNER)
        assert "LEECH_TORRENTS=true" in detail(await owner.ask("POST", "/api/jobs", json=whole), 400)
        given: dict[str, Any] = {"leech_bot_token": "55:leech", "leech_channel": CHANNEL, "leech_torrents": True}
        async with open_site(public_access=False, owner_ids=(OWNER,), **given) as taking:
            owner = await logged_in(taking, OWNER)
            job = await add(owner, **whole)
            assert job["source"] == f"magnet:?xt=urn:btih:{torrent.params.info_hashes.v1}&dn=Garden"
            assert "SECRET" not in str(job)
            assert (await add(owner, torrent.link, select=[1], status=200))["id"] == job["id"]
            assert "torrents" in (await owner.get("/api/me")).json()["server"]["features"]
            for more in ({"zip": True}, {"unzip": True}):
                answer = await owner.ask("POST", "/api/jobs", json={"source": torrent.link, **more})
                assert "posted as they are" in detail(answer, 400)
            longest = START + "A" * (LONGEST - len(START))
            assert "no .torrent file" in detail(await owner.ask("POST", "/api/jobs", json={"source": longest}), 400)

    async def test_pages_and_their_entries_are_chosen(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        job = await add(owner, ytdlp=True, select=[5, 1, 5])
        assert (job["ytdlp"], job["select"]) == (True, [1, 5])
        answer = await owner.ask("POST", "/api/jobs", json={"source": FILM, "ytdlp": True, "select": [0, 1]})
        assert "numbered from 1" in detail(answer, 400)
        for source in ("ftp://example.org/x", "--exec=touch x"):
            answer = await owner.ask("POST", "/api/jobs", json={"source": source, "ytdlp": True})
            assert "http://, https://" in detail(answer, 400)
        assert await ids(owner) == [job["id"]]

    async def test_what_there_is_can_be_chosen_from(self, site: Site) -> None:
        owner, ann = await logged_in(site, OWNER), await logged_in(site, MEMBER)
        job = await add(owner, ytdlp=True, choose=True)
        path = f"/api/jobs/{job['id']}/entries"
        assert job["choose"] is True
        assert "not known yet" in detail(await owner.get(path), 409)
        stored = await job_of(site, job["id"])
        needed = ChoiceNeeded([Choosable(n, f"No. {n} \ud83d") for n in (1, 2, 5)], "All")
        held = transitions.claim(stored, "w", now=stored.due)
        chosen = transitions.choosing(replace(held, transfer=asking(Transfer(), needed)), now=stored.due)
        assert await site.stored_jobs.replace(chosen)
        names = [(one["number"], one["name"], one["picked"]) for one in (await owner.get(path)).json()["items"]]
        assert names == [(1, "No. 1 ?", False), (2, "No. 2 ?", False), (5, "No. 5 ?", False)]
        answer = await owner.ask("PUT", path, json={"select": [5, 4, 1]})
        assert [one["number"] for one in answer.json()["items"] if one["picked"]] == [1, 5]
        assert (await ann.get(path)).status_code == 404
        assert (await ann.ask("PUT", path, json={"select": []})).status_code == 404
        resumed = (await owner.ask("POST", f"/api/jobs/{job['id']}/resume")).json()
        assert (resumed["state"], resumed["select"], resumed["choose"]) == ("queued", [1, 5], False)
        for answer in (await owner.get(path), await owner.ask("PUT", path, json={"select": []})):
            assert "Nothing is to be chosen" in detail(answer, 409)

    async def test_a_job_is_queued_and_shown(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        wanted: dict[str, Any] = {"name": "Der Garten.mkv", "as_document": True}
        job = await add(owner, **wanted)
        assert job.keys() >= NEEDED
        assert (job["source"], job["state"], job["chat_id"], job["person"]) == (FILM, "queued", CHANNEL, OWNER)
        assert {name: job[name] for name in wanted} == wanted
        assert (job["bytes_done"], job["bytes_total"], job["eta"], job["messages"]) == (0, None, None, [])
        assert (await owner.get(f"/api/jobs/{job['id']}")).json() == job
        assert await ids(owner) == [job["id"]]

    async def test_it_is_audited_without_credentials(self, site: Site) -> None:
        """H15."""
        owner = await logged_in(site, OWNER)
        job = await add(owner, "https://user:p%40ss-word@example.org/x.mkv")
        await site.access.audit.flush()
        shown = (await owner.get("/api/audit")).text
        assert f"{job['id']} https://example.org/x.mkv" in shown
        assert job["source"] == "https://example.org/x.mkv"
        for text in (shown, str(job), repr(site.stored_jobs.stored), (await owner.get("/api/jobs")).text):
            assert "ss-word" not in text
        assert site.jobs.address(await job_of(site, job["id"])) == "https://user:p%40ss-word@example.org/x.mkv"

    async def test_the_same_source_is_the_job_that_is_there(self, site: Site) -> None:
        member, other = await logged_in(site, MEMBER), await logged_in(site, BEN)
        job = await add(member)
        assert await add(member, f"{FILM}#t", status=200) == job
        assert (await add(other, status=200))["id"] == job["id"]
        assert (await add(other, chat_id=OTHER))["id"] != job["id"]

    async def test_what_was_leeched_and_deleted_is_leeched_again(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        job = await add(owner)
        await site.put(media_file(7))
        done = replace(
            await job_of(site, job["id"]), state=State.DONE, transfer=Transfer(pieces=(Piece(0, 1, message_id=7),))
        )
        await site.stored_jobs.replace(done)
        again = await add(owner, status=200)
        assert (again["id"], again["messages"]) == (job["id"], [{"chat_id": CHANNEL, "message_id": 7}])
        posted = replace(await job_of(site, job["id"]), transfer=Transfer(pieces=(Piece(0, 1, message_id=8),)))
        await site.stored_jobs.replace(posted)
        assert (await add(owner))["id"] != job["id"]

    @pytest.mark.parametrize(
        "source", ["", " ", "file:///etc/passwd", "no address", "https://", "https://h:99999/", "magnet:?xt=urn:btih:1",
                   "ht\ntp://x/", "x" * 8193, "https://host/" + "x" * 9000, 5, None, ["https://host/x"]],
    )  # fmt: skip
    async def test_what_is_no_source_is_told(self, site: Site, source: object) -> None:
        answer = await (await logged_in(site, OWNER)).ask("POST", "/api/jobs", json={"source": source})
        assert detail(answer, answer.status_code)
        assert answer.status_code in (400, 422)
        assert site.stored_jobs.stored == {}

    @pytest.mark.parametrize(
        "more", [{"name": "../x"}, {"name": "."}, {"name": " .. "},
                 {"name": "a/b.mkv"}, {"name": "a\\b"}, {"name": "a\0b"}, {"name": " "},
                 {"name": "x" * 256}, {"select": [-1]}, {"select": ["x"]}, {"select": list(range(10_001))},
                 {"chat_id": "x"}, {"chat_id": 1 << 64}, {"zip": "perhaps"}, {"exec": "id"}],
    )  # fmt: skip
    async def test_wrong_wishes_are_told(self, site: Site, more: dict[str, Any]) -> None:
        answer = await (await logged_in(site, OWNER)).ask("POST", "/api/jobs", json={"source": FILM, **more})
        assert detail(answer, 422)
        assert site.stored_jobs.stored == {}

    async def test_a_body_that_is_too_large_or_none(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        for body, status in ((b"[" * 3_000_000, 413), (b"{", 422), (b"", 422), (b'{"source": "\\ud800"}', 422)):
            headers = {"Content-Type": "application/json"}
            detail(await owner.ask("POST", "/api/jobs", content=body, headers=headers), status)

    async def test_the_file_goes_to_a_channel_of_this_server(self, site: Site) -> None:
        owner, member = await logged_in(site, OWNER), await logged_in(site, MEMBER)
        assert (await add(owner, chat_id=OTHER))["chat_id"] == OTHER
        answer = await owner.ask("POST", "/api/jobs", json={"source": FILM, "chat_id": FOREIGN})
        assert f"{FOREIGN}" in detail(answer, 404)
        await site.access.people.invite(MEMBER, chats=[OTHER])
        await site.access.revoked()
        answer = await member.ask("POST", "/api/jobs", json={"source": FILM, "chat_id": CHANNEL})
        assert "channel" in detail(answer, 403)
        assert "channel" in detail(await member.ask("POST", "/api/jobs", json={"source": FILM}), 403)

    async def test_a_server_without_a_leech_bot_or_channel(self) -> None:
        async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
            owner = await logged_in(site, OWNER)
            assert "LEECH_BOT_TOKEN" in detail(await owner.ask("POST", "/api/jobs", json={"source": FILM}), 409)
            assert "leech" not in (await owner.get("/api/me")).json()["server"]["features"]
            assert await ids(owner) == []
        async with open_site(public_access=False, owner_ids=(OWNER,), leech_bot_token="55:leech") as site:
            owner = await logged_in(site, OWNER)
            assert "LEECH_CHANNEL" in detail(await owner.ask("POST", "/api/jobs", json={"source": FILM}), 409)
            assert "leech" in (await owner.get("/api/me")).json()["server"]["features"]
            assert (await add(owner, chat_id=CHANNEL))["chat_id"] == CHANNEL

    async def test_nobody_queues_without_end(self, site: Site) -> None:
        site.jobs._bounds = replace(site.jobs._bounds, open=2)
        member = await logged_in(site, MEMBER)
        for number in range(2):
            await add(member, f"{FILM}?{number}")
        assert "2 jobs" in detail(await member.ask("POST", "/api/jobs", json={"source": FILM}), 429)


class TestSeeing:
    async def test_pages(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        added = [(await add(owner, f"{FILM}?{number}"))["id"] for number in range(7)]
        found, cursor = list[str](), ""
        while True:
            page = (await owner.get(f"/api/jobs?limit=3{cursor}")).json()
            found += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert sorted(found) == sorted(added)
        assert found == [one.id for one in await site.stored_jobs.listed(limit=100)]
        for wrong in ("?limit=0", "?limit=201", "?state=lost", "?cursor=" + "x" * 101):
            detail(await owner.get(f"/api/jobs{wrong}"), 422)

    async def test_by_state(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        first, second = (await add(owner))["id"], (await add(owner, f"{FILM}?2"))["id"]
        third = (await add(owner, f"{FILM}?3"))["id"]
        await owner.ask("POST", f"/api/jobs/{first}/cancel")
        await owner.ask("POST", f"/api/jobs/{second}/pause")
        assert await ids(owner, "?state=cancelled") == [first]
        assert sorted(await ids(owner, "?state=cancelled&state=queued")) == sorted([first, third])

    async def test_members_see_their_own_and_owners_all(self, site: Site) -> None:
        owner, member, other = [await logged_in(site, person) for person in (OWNER, MEMBER, BEN)]
        mine, theirs = (await add(member))["id"], (await add(owner, f"{FILM}?2"))["id"]
        assert await ids(member) == [mine]
        assert await ids(other) == []
        assert sorted(await ids(owner)) == sorted([mine, theirs])
        for path in (f"/api/jobs/{mine}", f"/api/jobs/{theirs}", "/api/jobs/" + "0" * 16):
            if path.endswith(mine):
                assert (await member.get(path)).status_code == 200
            detail(await other.get(path), 404)
        for action in ("pause", "resume", "cancel", "retry"):
            detail(await other.ask("POST", f"/api/jobs/{mine}/{action}"), 404)
        assert (await owner.ask("POST", f"/api/jobs/{mine}/cancel")).status_code == 200

    async def test_the_right_leech_is_needed(self, site: Site) -> None:
        await site.access.people.invite(BEN, can=None)
        await site.access.revoked()
        for browser, status in ((await logged_in(site, BEN), 403), (nobody(site), 401)):
            for method, path in (("GET", ""), ("POST", ""), ("GET", "/" + "0" * 16), ("POST", f"/{'0' * 16}/cancel")):
                detail(await browser.ask(method, f"/api/jobs{path}", json={"source": FILM}), status)

    async def test_the_terminal_sees_all(self, site: Site) -> None:
        mine = (await add(await logged_in(site, MEMBER)))["id"]
        _, token = await site.access.tokens.create(None, "scripts", can=["leech"])
        for text in (token, site.links.sign(None, scope="leech", expires_at=None)):
            headers = {"Authorization": f"Bearer {text}"}
            listed = await nobody(site).get("/api/jobs", headers=headers)
            assert mine in [one["id"] for one in listed.json()["items"]]
            assert (await nobody(site).get("/api/catalog", headers=headers)).status_code == 403
            added = await nobody(site).ask("POST", "/api/jobs", headers=headers, json={"source": f"{FILM}?{len(text)}"})
            assert added.json()["person"] is None

    async def test_names_of_every_script_and_what_utf8_lacks(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        assert (await add(owner, "https://h/%E4%B8%89%E4%BD%93.mkv"))["name"] == "三体.mkv"
        assert (await add(owner, "https://h/a/?x"))["name"] == "a"
        assert (await add(owner, "https://Host"))["name"] == "host"
        id = (await add(owner, name="né🎬 Фильм.mkv"))["id"]
        assert (await owner.get(f"/api/jobs/{id}")).json()["name"] == "né🎬 Фильм.mkv"
        id = (await add(owner, f"{FILM}?2"))["id"]
        bad = replace(await job_of(site, id), transfer=Transfer(Described("a\ud800b", 5)), reason="\udfff")
        await site.stored_jobs.replace(bad)
        shown = (await owner.get(f"/api/jobs/{id}")).json()
        assert (shown["name"], shown["reason"]) == ("a?b", "?")

    async def test_progress(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        id = (await add(owner))["id"]
        held = await site.jobs.claim("w")
        assert held is not None
        await site.jobs.save(held, lambda job: transitions.progressed(
            job, now=job.updated, state=State.TRANSFERRING, transfer=Transfer(Described("a.mkv", 1000)),
            bytes_done=400, bytes_total=1000, rate=99.6,
        ))  # fmt: skip
        shown = (await owner.get(f"/api/jobs/{id}")).json()
        assert [shown[name] for name in ("name", "state", "bytes_done", "bytes_total", "rate", "eta")] == [
            "a.mkv", "transferring", 400, 1000, 100, 6,
        ]  # fmt: skip


class TestChanging:
    async def test_all_that_can_be_done(self, site: Site) -> None:
        member = await logged_in(site, MEMBER)
        id = (await add(member))["id"]
        for action, state in (("pause", "paused"), ("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"),
                              ("cancel", "cancelled"), ("retry", "queued"), ("retry", "queued")):  # fmt: skip
            answer = await member.ask("POST", f"/api/jobs/{id}/{action}")
            assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text

    async def test_of_a_worker_it_is_wished(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        id = (await add(owner))["id"]
        assert await site.jobs.claim("w") is not None
        shown = (await owner.ask("POST", f"/api/jobs/{id}/pause")).json()
        assert (shown["state"], shown["wish"]) == ("reading", "pause")
        assert (await owner.ask("POST", f"/api/jobs/{id}/resume")).json()["wish"] is None
        assert (await owner.ask("POST", f"/api/jobs/{id}/cancel")).json()["wish"] == "cancel"
        assert "being cancelled" in detail(await owner.ask("POST", f"/api/jobs/{id}/resume"), 409)

    async def test_what_cannot_be_done_says_why(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        id = (await add(owner))["id"]
        await site.stored_jobs.replace(replace(await job_of(site, id), state=State.DONE))
        for action in ("pause", "resume", "cancel", "retry"):
            assert "done" in detail(await owner.ask("POST", f"/api/jobs/{id}/{action}"), 409)

    async def test_what_there_is_not(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        id = (await add(owner))["id"]
        for method, path, status in (
            ("POST", f"/api/jobs/{id}/explode", 404), ("GET", f"/api/jobs/{id}/pause", 405),
            ("DELETE", f"/api/jobs/{id}", 405), ("GET", "/api/jobs/nothing", 422), ("POST", "/api/jobs/%00/pause", 422),
        ):  # fmt: skip
            detail(await owner.ask(method, path), status)

    async def test_the_database_fails(self, site: Site) -> None:
        owner = await logged_in(site, OWNER)
        id = (await add(owner))["id"]
        site.stored_jobs.failing = True
        for method, path in (("GET", ""), ("POST", ""), ("GET", f"/{id}"), ("POST", f"/{id}/pause")):
            answer = await owner.ask(method, f"/api/jobs{path}", json={"source": f"{FILM}?x"})
            detail(answer, 503)
            assert answer.headers["Retry-After"]

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | (st.dictionaries(st.sampled_from(["source", "name", "select", "chat_id", "zip"]) | st.text(), inner))
            ),
            max_leaves=9,
        )
    )
    async def test_any_body_gets_a_clear_answer(self, site: Site, body: Any) -> None:
        answer = await (await logged_in(site, OWNER)).ask("POST", "/api/jobs", json=body)
        assert detail(answer, answer.status_code)
        assert answer.status_code in (400, 422)
