"""Who asks: sessions, API tokens and links, with what is kept of them, and what other processes take away."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from streamvault.access.cache import FRESH, STALE, AccessCache
from streamvault.access.identity import Identity, Target
from streamvault.access.links import Grant, LinkSigner
from streamvault.access.service import Access, Credentials
from streamvault.access.sessions import GRACE, LONGEST, MAX_SESSIONS, ROTATION
from streamvault.errors import AccessDenied, CatalogError
from streamvault.media.model import Origin
from tests.support.access_records import MemoryAccessRecords

OWNER, MEMBER, STRANGER = 11, 22, 33
FILE = Origin(-100, 7)


@dataclass
class Clock:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Given:
    """The settings of access."""

    owner_ids: frozenset[int] = frozenset({OWNER})
    member_ids: frozenset[int] = frozenset({MEMBER})
    public_access: bool = False


@dataclass
class Channel:
    """A channel whose members may log in; `members` None: Telegram does not say."""

    members: set[int] | None = field(default_factory=set)
    asked: int = 0

    async def holds(self, person: int) -> bool | None:
        self.asked += 1
        return None if self.members is None else person in self.members


@dataclass
class Stage:
    """One or more processes over the same records."""

    clock: Clock = field(default_factory=Clock)
    records: MemoryAccessRecords = field(default_factory=MemoryAccessRecords)
    signer: LinkSigner = field(init=False)

    def __post_init__(self) -> None:
        self.signer = LinkSigner(b"secret of these tests", clock=self.clock)

    def process(self, given: Given = Given(), channel: Channel | None = None) -> Access:
        return Access(
            given, self.records, self.signer, membership=channel, cache=AccessCache(clock=self.clock), clock=self.clock
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def by_cookie(access: Access, cookie: str) -> Identity:
    return (await access.identify(Credentials(cookie=cookie), None)).identity


async def by_token(access: Access, token: str, origin: Origin | None = None, *, viewer: str = "a") -> Identity:
    found = await access.identify(Credentials(token=token, viewer=lambda: viewer, in_header=True), origin)
    if found.refused is not None:
        raise found.refused
    access.uses.add(found.identity)
    return found.identity


def link_token(stage: Stage, id: str) -> str:
    return stage.signer.sign(None, scope="link", expires_at=None, grant=Grant("link", int(id, 16)))


async def test_a_session_costs_one_look_at_the_database_a_minute(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    assert (await by_cookie(access, cookie)).role == "member"
    before = stage.records.calls.total()
    for _ in range(100):
        await by_cookie(access, cookie)
    assert stage.records.calls.total() == before
    stage.clock.now += FRESH
    await by_cookie(access, cookie)
    assert stage.records.calls.total() > before


async def test_a_session_goes_on_while_the_database_is_away_but_not_for_ever(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    await by_cookie(access, cookie)
    stage.records.failing = True
    stage.clock.now += FRESH + 1
    assert (await by_cookie(access, cookie)).role == "member"
    stage.clock.now += STALE
    with pytest.raises(CatalogError):
        await by_cookie(access, cookie)


async def test_what_one_process_takes_away_others_notice_by_the_epoch(stage: Stage) -> None:
    one, other = stage.process(), stage.process()
    cookie = await one.sessions.begin(MEMBER, browser="Firefox", address="")
    text = (await one.tokens.create(MEMBER, "Kodi", can=["read"]))[1]
    link = await one.links.create(MEMBER, Target(origin=FILE))
    assert (await by_cookie(other, cookie)).role == "member"
    assert (await by_token(other, text)).role == "member"
    assert (await by_token(other, link_token(stage, link.id))).role == "guest"
    await one.remove(MEMBER)
    rounds = iter(range(2))

    class Enough(Exception):
        pass

    async def sleep(_: float) -> None:
        if next(rounds, None) is None:
            raise Enough

    with pytest.raises(Enough):
        await other.watch(sleep=sleep)
    assert (await by_cookie(other, cookie)).role == "none"
    for token in (text, link_token(stage, link.id)):
        with pytest.raises(AccessDenied):
            await by_token(other, token)


async def test_the_tokens_in_lists_of_a_person_end_with_the_persons_rights(stage: Stage) -> None:
    access = stage.process()
    token = stage.signer.sign(FILE, scope="file", expires_at=None, grant=Grant("person", MEMBER))
    found = await by_token(access, token, FILE)
    assert (found.role, found.target, sorted(found.can)) == ("guest", Target(origin=FILE), ["playback", "read"])
    await access.remove(MEMBER)
    with pytest.raises(AccessDenied):
        await by_token(access, token, FILE)


async def test_a_member_stays_removed_although_the_settings_name_them(stage: Stage) -> None:
    access = stage.process()
    assert (await access.standing(MEMBER)).role == "member"
    await access.remove(MEMBER)
    assert (await access.standing(MEMBER)).role == "none"
    await access.people.invite(MEMBER)
    await access.revoked()
    assert (await access.standing(MEMBER)).role == "member"


async def test_those_in_the_channel_of_members_may_log_in_until_they_leave_it(stage: Stage) -> None:
    channel = Channel({STRANGER})
    access = stage.process(channel=channel)
    assert (await access.standing(STRANGER)).role == "member"
    channel.members = None
    stage.clock.now += 2 * 3600
    assert (await access.standing(STRANGER)).role == "member", "Telegram says nothing, so the last answer stands"
    channel.members = set()
    stage.clock.now += 2 * 3600
    assert (await access.standing(STRANGER)).role == "none"
    asked = channel.asked
    stage.clock.now += FRESH + 1
    assert (await access.standing(STRANGER)).role == "none"
    assert channel.asked == asked + 1, "who is not in it is asked about again soon: they may have joined"


async def test_the_secret_of_a_session_is_exchanged_and_a_lost_answer_costs_no_log_in(stage: Stage) -> None:
    access = stage.process()
    first = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    stage.clock.now += ROTATION
    second = (await access.identify(Credentials(cookie=first), None)).cookie
    assert second is not None
    assert second != first
    stage.clock.now += 10 * GRACE
    assert (await by_cookie(access, first)).role == "member", "the answer with the new one may have been lost"
    assert (await by_cookie(access, second)).role == "member"
    stage.clock.now += FRESH + GRACE
    assert (await by_cookie(access, second)).role == "member"
    assert (await by_cookie(access, first)).role == "none"


async def test_a_session_ends_after_ninety_days_however_much_it_is_used(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    began = stage.clock.now
    while stage.clock.now < began + LONGEST - ROTATION:
        stage.clock.now += ROTATION
        found = await access.identify(Credentials(cookie=cookie), None)
        assert found.identity.role == "member"
        cookie = found.cookie or cookie
    stage.clock.now = began + LONGEST
    assert (await by_cookie(access, cookie)).role == "none"


async def test_a_person_has_a_bounded_number_of_sessions_and_the_latest_stay(stage: Stage) -> None:
    access = stage.process()
    cookies = []
    for _ in range(MAX_SESSIONS + 3):
        stage.clock.now += 1
        cookies.append(await access.sessions.begin(MEMBER, browser="Firefox", address=""))
    assert len(await access.sessions.listed(MEMBER)) == MAX_SESSIONS
    roles = [(await by_cookie(access, cookie)).role for cookie in cookies]
    assert roles == ["none"] * 3 + ["member"] * MAX_SESSIONS


def changed(text: str) -> Iterator[str]:
    for index, sign in enumerate(text):
        yield text[:index] + ("x" if sign != "x" else "y") + text[index + 1 :]
    yield from (text[:-1], text + "x", text.swapcase(), text[::-1])


async def test_no_changed_cookie_or_token_opens_anything(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    for wrong in changed(cookie):
        assert (await by_cookie(access, wrong)).role == "none", wrong
    text = (await access.tokens.create(MEMBER, "Kodi", can=["read"]))[1]
    link = link_token(stage, (await access.links.create(None, Target(origin=FILE))).id)
    for token in (text, link):
        for wrong in changed(token):
            with pytest.raises(AccessDenied):
                await by_token(access, wrong)


async def test_a_cookie_is_no_bearer_token_and_the_other_way_round(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    bearer = await access.sessions.begin(MEMBER, browser="Firefox", address="", bearer=True)
    assert (await by_token(access, bearer)).role == "member"
    assert (await by_cookie(access, bearer)).role == "none"
    with pytest.raises(AccessDenied):
        await by_token(access, f"svs_{cookie}")
    in_query = Credentials(token=bearer, in_header=False)
    assert (await access.identify(in_query, None)).identity.role == "none", "it is kept out of addresses"


async def test_a_bound_link_counts_viewers_not_requests(stage: Stage) -> None:
    access = stage.process()
    link = await access.links.create(None, Target(origin=FILE), viewers=2)
    token = link_token(stage, link.id)
    for viewer in ("a", "b", "a", "b"):
        assert (await by_token(access, token, viewer=viewer)).role == "guest"
    with pytest.raises(AccessDenied, match="opened it already"):
        await by_token(access, token, viewer="c")
    stored = await access.links.of(link.id)
    assert stored is not None
    assert stored.viewers == 2


async def test_uses_are_written_in_one_go_and_none_is_lost_when_the_database_fails(stage: Stage) -> None:
    access = stage.process()
    link = await access.links.create(None, Target(origin=FILE))
    for _ in range(5):
        await by_token(access, link_token(stage, link.id))
    stage.records.failing = True
    with pytest.raises(CatalogError):
        await access.uses.write()
    stage.records.failing = False
    await access.uses.write()
    await access.uses.write()
    stored = await access.links.of(link.id)
    assert stored is not None
    assert stored.uses == 5


async def test_nothing_secret_is_stored(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    text = (await access.tokens.create(MEMBER, "Kodi", can=["read"]))[1]
    stored = repr(stage.records.stored)
    assert cookie.partition(".")[2] not in stored
    assert text.removeprefix("sv_") not in stored


async def test_a_secret_whose_successor_was_lost_is_exchanged_again_the_next_day(stage: Stage) -> None:
    access = stage.process()
    first = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    stage.clock.now += ROTATION
    lost = (await access.identify(Credentials(cookie=first), None)).cookie
    assert lost is not None
    assert (await access.identify(Credentials(cookie=first), None)).cookie is None
    stage.clock.now += ROTATION
    second = (await access.identify(Credentials(cookie=first), None)).cookie
    assert second is not None
    assert (await by_cookie(access, lost)).role == "none"
    assert (await by_cookie(access, second)).role == "member"
    stage.clock.now += FRESH + GRACE
    assert (await by_cookie(access, first)).role == "none"


async def test_a_session_whose_secret_another_process_has_exchanged_goes_on_here(stage: Stage) -> None:
    one, other = stage.process(), stage.process()
    cookie = await one.sessions.begin(MEMBER, browser="Firefox", address="")
    stage.clock.now += ROTATION - 10
    assert (await by_cookie(other, cookie)).role == "member"
    stage.clock.now += 10
    fresh = (await one.identify(Credentials(cookie=cookie), None)).cookie
    assert fresh is not None
    stage.clock.now += 2
    for process in (one, other):
        assert (await by_cookie(process, fresh)).role == "member"


async def test_wrong_secrets_of_a_session_cost_one_look_a_second(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    await by_cookie(access, cookie)
    before = stage.records.calls["get"]
    for wrong in changed(cookie):
        if wrong[:17] == cookie[:17]:
            assert (await by_cookie(access, wrong)).role == "none"
    assert stage.records.calls["get"] <= before + 1


async def test_after_the_new_secret_was_seen_no_request_writes(stage: Stage) -> None:
    access = stage.process()
    first = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    stage.clock.now += ROTATION
    second = (await access.identify(Credentials(cookie=first), None)).cookie
    assert second is not None
    await by_cookie(access, second)
    before = stage.records.calls["change"]
    for _ in range(5):
        assert (await by_cookie(access, second)).role == "member"
    assert stage.records.calls["change"] == before


async def test_those_who_are_in_do_not_wait_for_a_database_that_is_away(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    await by_cookie(access, cookie)
    stage.records.failing = True
    stage.clock.now += FRESH + 1
    before = stage.records.calls.total()
    for _ in range(20):
        assert (await by_cookie(access, cookie)).role == "member"
    assert stage.records.calls.total() <= before + 2, "it is asked again after a while, not for each request"


async def test_a_removal_that_fails_throws_nobody_out(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    await by_cookie(access, cookie)
    stage.records.failing = True
    with pytest.raises(CatalogError):
        await access.remove(STRANGER)
    assert (await by_cookie(access, cookie)).role == "member"


async def test_many_requests_at_once_share_one_read(stage: Stage) -> None:
    access = stage.process()
    cookie = await access.sessions.begin(MEMBER, browser="Firefox", address="")
    before = stage.records.calls["get"]
    found = await asyncio.gather(*(by_cookie(access, cookie) for _ in range(20)))
    assert {one.role for one in found} == {"member"}
    assert stage.records.calls["get"] <= before + 2  # the session, and the person
