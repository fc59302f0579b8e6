"""Who was removed stays out: whatever was under way, and whatever was made before, also after another invitation."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from streamvault.access.decision import Request, decide
from streamvault.access.identity import MEMBER_RIGHTS, OWNER_RIGHTS, Target
from streamvault.access.links import Grant, LinkSigner, Scope, grant_of_person
from streamvault.access.people import CREDENTIALS, NoSuchPerson
from streamvault.access.service import Access, Credentials
from streamvault.access.store.base import Record
from streamvault.errors import AccessDenied, CatalogError
from streamvault.http.rules import RULES
from streamvault.media.model import Origin
from tests.support.access_records import MemoryAccessRecords

OWNER, MEMBER, VISITOR = 1, 2, 3
FILE = Origin(-100, 7)


@dataclass(frozen=True)
class Given:
    owner_ids: frozenset[int] = frozenset({OWNER})
    member_ids: frozenset[int] = frozenset({MEMBER})
    public_access: bool = False


@dataclass
class SlowChannel:
    """A channel of MEMBERS; Telegram answers when `told` is set, and has been `asked` then."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def holds(self, person: int) -> bool | None:
        self.asked.set()
        await self.told.wait()
        return True


class Stage:
    def __init__(self, channel: SlowChannel | None = None) -> None:
        self.records = MemoryAccessRecords()
        self.signer = LinkSigner(b"secret of these tests")
        self.access = Access(Given(), self.records, self.signer, membership=channel)

    async def opens(self, token: str, origin: Origin | None = None) -> bool:
        """Whether a token gives anything."""
        found = await self.access.identify(Credentials(token=token, in_header=True), origin)
        return "read" in found.identity.can

    async def logs_in(self, cookie: str) -> bool:
        return (await self.access.identify(Credentials(cookie=cookie), None)).identity.role != "none"


async def while_reading(stage: Stage, change: Callable[[], Awaitable[object]]) -> None:
    """Make `change` after the next reading of a record, before who reads gets it."""
    get = stage.records.get

    async def get_then_change(kind: object, id: str) -> object:
        found = await get(kind, id)  # type: ignore[arg-type]
        stage.records.get = get  # type: ignore[method-assign]
        await change()
        return found

    stage.records.get = get_then_change  # type: ignore[method-assign, assignment]


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_a_removal_while_telegram_is_asked_is_not_undone_by_its_answer() -> None:
    channel = SlowChannel()
    stage = Stage(channel)
    people = stage.access.people
    await people.invite(VISITOR)
    record = stage.records.stored["person", str(VISITOR)]
    await stage.records.change("person", record.id, before=record.value, after={"name": "Vi"})
    asking = asyncio.ensure_future(people.standing(VISITOR))
    await channel.asked.wait()
    await people.invite(VISITOR)
    await stage.access.remove(VISITOR)
    channel.told.set()
    assert (await asking).role == "none"
    assert (await people.standing(VISITOR)).role == "none"


async def test_a_removal_while_the_name_is_stored_is_not_undone_by_it(stage: Stage) -> None:
    people = stage.access.people
    await people.invite(VISITOR, "Vi")
    await while_reading(stage, lambda: stage.access.remove(VISITOR))
    await people.seen(VISITOR, "Violet")
    assert (await people.standing(VISITOR)).role == "none"
    assert (await people.standing(VISITOR)).person.name == "Violet"


async def test_a_removal_while_a_member_is_changed_is_not_undone_by_the_change(stage: Stage) -> None:
    people = stage.access.people
    for who in (VISITOR, MEMBER):
        await people.invite(who, "Vi", chats=[-100])
        await while_reading(stage, lambda who=who: stage.access.remove(who))  # type: ignore[misc]
        with pytest.raises(NoSuchPerson, match="again"):
            await people.invite(who, "Violet")
        standing = await people.standing(who)
        assert (standing.role, standing.removals) == ("none", 1)


async def test_each_removal_is_counted_also_with_invitations_between(stage: Stage) -> None:
    people = stage.access.people
    await people.invite(VISITOR)

    async def remove_and_invite() -> None:
        await people.remove(VISITOR)
        await people.invite(VISITOR)

    await while_reading(stage, remove_and_invite)
    await people.remove(VISITOR)
    standing = await people.standing(VISITOR)
    assert (standing.role, standing.removals) == ("none", 2)


async def test_two_changes_at_once_both_hold(stage: Stage) -> None:
    people = stage.access.people
    await people.invite(VISITOR, "Vi")
    await while_reading(stage, lambda: people.invite(VISITOR, chats=[-100]))
    await people.invite(VISITOR, can=["read"])
    standing = await people.standing(VISITOR)
    assert (standing.person.name, standing.chats) == ("Vi", frozenset({-100}))
    assert standing.can == frozenset({"read"})


async def test_what_is_not_given_of_a_member_stays_as_it_is(stage: Stage) -> None:
    people = stage.access.people
    await people.invite(MEMBER, "Ben", chats=[-100], can=["read"])
    changes: tuple[dict[str, Any], ...] = ({"name": "Benno"}, {}, {"chats": [-200]}, {"chats": []}, {"can": []})
    for change in changes:
        before = await people.standing(MEMBER)
        await people.invite(MEMBER, **change)
        after = await people.standing(MEMBER)
        assert after.person.name == change.get("name", before.person.name)
        assert after.chats == frozenset(change.get("chats", before.chats or ()))
        assert after.can == frozenset(change.get("can", before.can))
    await people.invite(MEMBER, chats=None)
    assert ((await people.standing(MEMBER)).chats, (await people.standing(MEMBER)).can) == (None, frozenset())
    await people.invite(MEMBER, can=None)
    assert (await people.standing(MEMBER)).can == MEMBER_RIGHTS


async def test_nothing_of_before_a_removal_counts_after_another_invitation(stage: Stage) -> None:
    access = stage.access
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    text = (await access.tokens.create(MEMBER, "Kodi", can=["read"]))[1]
    link = await access.links.create(MEMBER, Target(origin=FILE))
    shared = stage.signer.sign(None, scope="link", expires_at=None, grant=Grant("link", int(link.id, 16)))
    listed = stage.signer.sign(FILE, scope="file", expires_at=None, grant=grant_of_person(MEMBER, removals=0))
    tokens = ((text, None), (shared, FILE), (listed, FILE))
    for token, origin in tokens:
        assert await stage.opens(token, origin)
    for _ in range(3):
        await access.remove(MEMBER)
        assert not any([await stage.opens(token, origin) for token, origin in tokens])
        await access.people.invite(MEMBER)
        assert (await access.standing(MEMBER)).role == "none", "the minute of what is kept"
        await access.revoked()
        assert (await access.standing(MEMBER)).role == "member"
        assert not any([await stage.opens(token, origin) for token, origin in tokens])
        assert not await stage.logs_in(cookie)
    now = (await access.standing(MEMBER)).removals
    assert now == 3
    fresh = stage.signer.sign(FILE, scope="file", expires_at=None, grant=grant_of_person(MEMBER, removals=now))
    assert await stage.opens(fresh, FILE)


@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_what_was_made_during_a_removal_ends_with_the_next_invitation(stage: Stage, kind: str) -> None:
    access = stage.access
    await access.remove(MEMBER)
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")  # the log-in was under way
    await access.tokens.create(MEMBER, "Kodi", can=["read"])
    await access.links.create(MEMBER, Target(origin=FILE))
    await stage.records.add(Record("login", "once:x", 0.0, {}, person=MEMBER))
    await stage.records.add(Record("invitation", "invite:x", 0.0, {}, person=MEMBER))
    assert [one for one in stage.records.stored.values() if one.kind == kind]
    await access.people.invite(MEMBER)
    await access.revoked()
    assert not await stage.logs_in(cookie)
    assert not [one for one in stage.records.stored.values() if one.kind == kind]


async def test_a_removal_that_the_database_broke_off_takes_effect_at_once(stage: Stage) -> None:
    """The person is gone; only what belonged to them is still stored."""
    cookie = await stage.access.sessions.begin(MEMBER, browser="Firefox", address="")
    assert await stage.logs_in(cookie)
    epoch = await stage.records.epoch()
    stage.records.failing_methods = {"delete_of"}
    with pytest.raises(CatalogError):
        await stage.access.remove(MEMBER)
    stage.records.failing_methods = set()
    assert await stage.records.epoch() > epoch, "other processes are told"
    assert not await stage.logs_in(cookie)


async def test_a_link_opens_no_more_than_who_made_it_may_see(stage: Stage) -> None:
    access = stage.access
    link = await access.links.create(MEMBER, Target(query="garten"))
    token = stage.signer.sign(None, scope="link", expires_at=None, grant=Grant("link", int(link.id, 16)))
    for chats, can, expected in (
        ([-100], None, {"read", "playback"}),
        ([-200], ("read",), {"read"}),
        ([], ("read", "links"), {"read"}),
    ):
        await access.people.invite(MEMBER, chats=chats, can=can)  # type: ignore[arg-type]
        await access.revoked()
        who = (await access.identify(Credentials(token=token), None)).identity
        assert (who.chats, set(who.can)) == (frozenset(chats), expected)
    await access.people.invite(MEMBER, can=("links",))
    await access.revoked()
    refused = (await access.identify(Credentials(token=token), None)).refused
    assert isinstance(refused, AccessDenied)


def test_the_grant_of_a_person_keeps_people_and_removals_apart() -> None:
    people, counts = (1, 5_000_000_000, (1 << 52) - 1), (0, 1, 2, 2047)
    grants = {grant_of_person(person, removals=count) for person in people for count in counts}
    assert len(grants) == len(people) * len(counts)
    signer = LinkSigner(b"secret")
    for grant in grants:
        assert signer.claims(signer.sign(FILE, scope="file", expires_at=None, grant=grant), FILE).grant == grant


@pytest.mark.parametrize("kind", ["person", "token"])
@pytest.mark.parametrize(("scope", "most"), [("server", {"read", "index", "playback"}), ("index", {"index"})])
async def test_no_signed_token_makes_its_holder_an_owner(stage: Stage, kind: str, scope: Scope, most: set[str]) -> None:
    """Whatever it was signed for: an address gets into other hands."""
    made, _ = await stage.access.tokens.create(OWNER, "all", can=sorted(OWNER_RIGHTS))
    grant = grant_of_person(OWNER, removals=0) if kind == "person" else Grant("token", int(made.id, 16))
    token = stage.signer.sign(None, scope=scope, expires_at=None, grant=grant)
    who = (await stage.access.identify(Credentials(token=token, in_header=True), None)).identity
    assert (who.role, set(who.can)) == ("guest", most)
    for rule in (RULES["/api/people"]["POST"], RULES["/api/tokens"]["POST"], RULES["/api/links"]["POST"]):
        assert decide(who, rule, Request()) is not None
