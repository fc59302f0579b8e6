"""phone.*: group calls over MTProto, as Kurigram's raw API has them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from pyrogram import errors, raw

from tests.support.clients import kurigram
from tests.support.media_client import CAMERA, MediaClient
from tests.support.waiting import until
from tests.tgemulator.services.conftest import Stage, Starter, staged
from tgemulator.world.call_model import GroupCall
from tgemulator.world.model import Channel, Chat, User

pytestmark = pytest.mark.asyncio(loop_scope="module")

phone, types = raw.functions.phone, raw.types


class Updates:
    """The updates that a client gets of one chat and its calls; each is taken once."""

    def __init__(self, client: Any, chat: Channel) -> None:
        self._seen, self._chat = client.seen, chat

    async def call(self, kind: type[Any] = types.GroupCall, **fields: Any) -> Any:
        """The oldest updateGroupCall with a call of this kind and these fields."""
        peer = types.PeerChannel(channel_id=self._chat.id)

        def fits(item: Any) -> bool:
            if not isinstance(item, types.UpdateGroupCall) or item.peer != peer:
                return False
            return isinstance(item.call, kind) and _fits(item.call, fields)

        return await self._take(fits)

    async def said(self, action: type[Any]) -> Any:
        """The action of the oldest service message of that kind."""
        peer = types.PeerChannel(channel_id=self._chat.id)

        def fits(item: Any) -> bool:
            message = getattr(item, "message", None)
            return getattr(message, "peer_id", None) == peer and isinstance(getattr(message, "action", None), action)

        return (await self._take(fits)).message.action

    async def participant(self, user: User, call: GroupCall, **fields: Any) -> Any:
        """The participant in the oldest update of this account with these fields."""
        peer = types.PeerUser(user_id=user.id)

        def fits(item: Any) -> bool:
            if not isinstance(item, types.UpdateGroupCallParticipants) or item.call.id != call.id:
                return False
            return all(one.peer == peer and _fits(one, fields) for one in item.participants)

        return (await self._take(fits)).participants[0]

    async def _take(self, fits: Callable[[Any], bool]) -> Any:
        update = await until(lambda: next((item for item in self._seen if fits(item)), None))
        self._seen.remove(update)
        return update


def _fits(item: Any, fields: dict[str, Any]) -> bool:
    return all(getattr(item, name) == value for name, value in fields.items())


def of(answer: Any, kind: type[Any]) -> Any:
    """The one update of that kind in an answer."""
    [found] = [update for update in answer.updates if isinstance(update, kind)]
    return found


def named(call: GroupCall, *, wrong: int = 0) -> Any:
    return types.InputGroupCall(id=call.id, access_hash=call.access_hash + wrong)


def peer_for(stage: Stage, user: User, chat: Chat) -> Any:
    if not isinstance(chat, Channel):
        return types.InputPeerChat(chat_id=chat.id)
    hash_ = stage.world.access_hash(user.id, "channel", number=chat.id)
    return types.InputPeerChannel(channel_id=chat.id, access_hash=hash_)


def user_for(stage: Stage, viewer: User, user: User) -> Any:
    return types.InputPeerUser(user_id=user.id, access_hash=stage.world.access_hash(viewer.id, "user", number=user.id))


def join(call: GroupCall, *, source: int = 1001, video: bool = False, **fields: Any) -> Any:
    params = types.DataJSON(data=MediaClient(source=source, video=video).offer)
    given = {"join_as": types.InputPeerSelf(), "video_stopped": not video or None, "params": params} | fields
    return phone.JoinGroupCall(call=named(call), **given)


def edit(call: GroupCall, participant: Any = None, **fields: Any) -> Any:
    return phone.EditGroupCallParticipant(call=named(call), participant=participant or types.InputPeerSelf(), **fields)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One emulator for all tests here: each has a chat of its own."""
    async with staged() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def start(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Starter]:
    """`await start(user)`: a Kurigram client of that account, started once for all tests."""
    folder, started = tmp_path_factory.mktemp("sessions"), dict[int, Any]()
    async with AsyncExitStack() as stack:

        async def client_of(user: User) -> Any:
            if user.id not in started:
                client = kurigram(stage.emulator, user, folder)
                client.seen = seen = list[Any]()

                async def keep(_: Any, update: Any, users: Any, chats: Any) -> None:
                    seen.append(update)

                client.on_raw_update()(keep)
                started[user.id] = await stack.enter_async_context(client)
            return started[user.id]

        yield client_of


@pytest.fixture
def club(stage: Stage) -> Channel:
    """A public supergroup of Ada's; Bob is in it."""
    username = f"club_{len(stage.world.chats)}"
    made = stage.world.add_channel("Club", creator=stage.ada, megagroup=True, username=username)
    stage.world.add_member(made, stage.bob)
    return made


def call_in(stage: Stage, chat: Chat) -> GroupCall:
    found = stage.world.calls.of_chat(chat)
    assert found is not None
    return found


async def test_a_call_begins_is_found_and_ends(stage: Stage, start: Starter, club: Channel) -> None:
    bob, ada = await start(stage.bob), await start(stage.ada)
    seen = Updates(bob, club)
    with pytest.raises(errors.ChatAdminRequired):
        await bob.invoke(phone.CreateGroupCall(peer=peer_for(stage, stage.bob, club), random_id=1))
    made = await ada.invoke(phone.CreateGroupCall(peer=peer_for(stage, stage.ada, club), random_id=1, title="Songs"))
    own = of(made, types.UpdateGroupCall).call
    assert (own.title, own.creator, own.can_change_join_muted, own.min) == ("Songs", True, True, False)
    told = await seen.call()
    assert (told.call.id, told.call.min, told.call.creator) == (own.id, True, False)
    assert told.peer == types.PeerChannel(channel_id=club.id)
    said = await seen.said(types.MessageActionGroupCall)
    assert said.call == types.InputGroupCall(id=own.id, access_hash=own.access_hash)
    full = await bob.invoke(phone_full(stage, stage.bob, club))
    assert full.full_chat.call.id == own.id
    assert full.chats[0].call_active
    with pytest.raises(errors.BadRequest, match="CREATE_CALL_FAILED"):
        await ada.invoke(phone.CreateGroupCall(peer=peer_for(stage, stage.ada, club), random_id=2))
    call = call_in(stage, club)
    with pytest.raises(errors.ChatAdminRequired):
        await bob.invoke(phone.DiscardGroupCall(call=named(call)))
    ended = of(await ada.invoke(phone.DiscardGroupCall(call=named(call))), types.UpdateGroupCall).call
    assert isinstance(ended, types.GroupCallDiscarded)
    assert (await seen.call(types.GroupCallDiscarded)).call.id == own.id
    assert (await seen.said(types.MessageActionGroupCall)).duration is not None
    assert (await bob.invoke(phone_full(stage, stage.bob, club))).full_chat.call is None
    with pytest.raises(errors.BadRequest, match="GROUPCALL_ALREADY_DISCARDED"):
        await ada.invoke(phone.DiscardGroupCall(call=named(call)))
    with pytest.raises(errors.Forbidden, match="GROUPCALL_FORBIDDEN"):
        await bob.invoke(join(call))


def phone_full(stage: Stage, user: User, chat: Channel) -> Any:
    hash_ = stage.world.access_hash(user.id, "channel", number=chat.id)
    return raw.functions.channels.GetFullChannel(channel=types.InputChannel(channel_id=chat.id, access_hash=hash_))


async def test_a_scheduled_call_cannot_be_joined_before_it_begins(stage: Stage, start: Starter, club: Channel) -> None:
    ada = await start(stage.ada)
    seen = Updates(ada, club)
    peer, now = peer_for(stage, stage.ada, club), stage.world.now()
    for date in (now - 5, now + 9 * 86400):
        with pytest.raises(errors.ScheduleDateInvalid):
            await ada.invoke(phone.CreateGroupCall(peer=peer, random_id=1, schedule_date=date))
    await ada.invoke(phone.CreateGroupCall(peer=peer, random_id=1, schedule_date=now + 3600))
    call = call_in(stage, club)
    assert (await seen.said(types.MessageActionGroupCallScheduled)).schedule_date == now + 3600
    with pytest.raises(errors.GroupcallInvalid):
        await ada.invoke(join(call))
    waiting = await ada.invoke(phone.ToggleGroupCallStartSubscription(call=named(call), subscribed=True))
    assert of(waiting, types.UpdateGroupCall).call.schedule_start_subscribed
    begun = of(await ada.invoke(phone.StartScheduledGroupCall(call=named(call))), types.UpdateGroupCall).call
    assert begun.schedule_date is None
    for query in (
        phone.StartScheduledGroupCall(call=named(call)),
        phone.ToggleGroupCallStartSubscription(call=named(call), subscribed=True),
    ):
        with pytest.raises(errors.Forbidden, match="GROUPCALL_ALREADY_STARTED"):
            await ada.invoke(query)
    await ada.invoke(join(call))


async def test_a_join_is_answered_with_the_way_to_the_media_server(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    bob, ada = await start(stage.bob), await start(stage.ada)
    await ada.invoke(join(call, source=7))
    seen = Updates(ada, club)
    version = call.version
    answer = await bob.invoke(join(call, source=2**32 - 5, video=True))
    connection = json.loads(of(answer, types.UpdateGroupCallConnection).params.data)
    assert connection["transport"]["candidates"][0]["ip"] == "127.0.0.1"
    update = of(answer, types.UpdateGroupCallParticipants)
    [own] = update.participants
    assert (own.source, own.is_self, own.just_joined, own.muted, update.version) == (-5, True, True, False, version + 1)
    assert own.video.source_groups[0].sources == [CAMERA]
    joined = await seen.participant(stage.bob, call, just_joined=True)
    assert (joined.source, joined.is_self, joined.versioned) == (-5, False, True)
    assert (await seen.call(participants_count=2)).call.min
    with pytest.raises(errors.BadRequest, match="GROUPCALL_SSRC_DUPLICATE_MUCH"):
        await ada.invoke(join(call, source=CAMERA))
    again = of(await bob.invoke(join(call, source=9)), types.UpdateGroupCallParticipants)
    assert (again.participants[0].source, len(call.participants)) == (9, 2)
    assert (await seen.participant(stage.bob, call, source=9)).just_joined
    assert call.of_account(stage.bob.id) is not None
    assert stage.world.calls_by_id[call.id].videos() == 0


async def test_what_a_join_is_refused_for(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    secret = stage.world.add_channel("Secret", creator=stage.ada, megagroup=True)
    hidden = stage.world.calls.create(secret)
    bob, bot = await start(stage.bob), await start(stage.bot)
    with pytest.raises(errors.GroupcallInvalid):
        await bob.invoke(phone.GetGroupCall(call=named(call, wrong=1), limit=1))
    with pytest.raises(errors.Forbidden, match="GROUPCALL_FORBIDDEN"):
        await bob.invoke(join(hidden))
    with pytest.raises(errors.BadRequest, match="DATA_JSON_INVALID"):
        await bob.invoke(join(call, params=types.DataJSON(data="{}")))
    for other in (user_for(stage, stage.bob, stage.ada), peer_for(stage, stage.bob, club)):
        with pytest.raises(errors.JoinAsPeerInvalid):
            await bob.invoke(join(call, join_as=other))
    for query in (
        phone.LeaveGroupCall(call=named(call), source=0),
        phone.CheckGroupCall(call=named(call), sources=[1]),
    ):
        with pytest.raises(errors.BadRequest, match="GROUPCALL_JOIN_MISSING"):
            await bob.invoke(query)
    for query in (join(call), phone.CreateGroupCall(peer=types.InputPeerSelf(), random_id=1)):
        with pytest.raises(errors.BotMethodInvalid):
            await bot.invoke(query)
    assert call.participants == {}


async def test_participants_come_by_pages_and_hidden_ones_are_counted(
    stage: Stage, start: Starter, club: Channel
) -> None:
    call = stage.world.calls.create(club)
    users = [stage.world.add_user(f"+1555020{number:02}", first_name=f"L{number}") for number in range(35)]
    for user in users:
        stage.world.calls.join(call, user, muted=True)
    stage.world.calls.join(call, stage.ada, peer=stage.films.peer)
    stage.world.calls.join(call, stage.world.add_user("+15550300", first_name="Hidden"), hidden=True)
    bob = await start(stage.bob)
    first = await bob.invoke(phone.GetGroupCall(call=named(call), limit=-1))
    assert (len(first.participants), first.call.participants_count) == (20, 37)
    second = await bob.invoke(
        phone.GetGroupParticipants(call=named(call), ids=[], sources=[], offset=first.participants_next_offset, limit=0)
    )
    assert (len(second.participants), second.next_offset, second.count) == (16, "", 37)
    listed = [one.peer for one in (*first.participants, *second.participants)]
    assert listed == [
        *(types.PeerUser(user_id=user.id) for user in users),
        types.PeerChannel(channel_id=stage.films.id),
    ]
    assert stage.films.id in {chat.id for chat in second.chats}
    wanted = phone.GetGroupParticipants(
        call=named(call), ids=[], sources=[first.participants[3].source], offset="", limit=10
    )
    assert [one.peer for one in (await bob.invoke(wanted)).participants] == listed[3:4]
    with pytest.raises(errors.BadRequest, match="OFFSET_INVALID"):
        await bob.invoke(phone.GetGroupParticipants(call=named(call), ids=[], sources=[], offset="x", limit=1))


async def test_leaving_being_kicked_and_the_end_of_a_call_are_told(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    bob, ada = await start(stage.bob), await start(stage.ada)
    await ada.invoke(join(call, source=7))
    await bob.invoke(join(call, source=8))
    seen, own = Updates(ada, club), Updates(bob, club)
    await bob.invoke(phone.LeaveGroupCall(call=named(call), source=8))
    left = await seen.participant(stage.bob, call, left=True)
    assert (left.source, left.versioned) == (8, True)
    await bob.invoke(join(call, source=10))
    stage.world.remove_member(club, stage.bob)
    assert (await own.participant(stage.bob, call, left=True)).is_self
    assert (await seen.participant(stage.bob, call, left=True)).source == 10
    assert call.of_account(stage.bob.id) is None
    stage.world.calls.discard(call)
    assert (await seen.call(types.GroupCallDiscarded)).call.id == call.id


async def test_administrators_mute_and_people_ask_to_speak(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    bob, ada = await start(stage.bob), await start(stage.ada)
    await bob.invoke(join(call, source=8, video=True))
    await ada.invoke(join(call, source=9))
    seen = Updates(bob, club)
    bobs, adas = user_for(stage, stage.ada, stage.bob), user_for(stage, stage.bob, stage.ada)
    await ada.invoke(edit(call, bobs, muted=True, volume=5000))
    muted = await seen.participant(stage.bob, call)
    assert (muted.muted, muted.can_self_unmute, muted.volume) == (True, False, 5000)
    with pytest.raises(errors.Forbidden, match="GROUPCALL_FORBIDDEN"):
        await bob.invoke(edit(call, muted=False))
    raised = of(await bob.invoke(edit(call, raise_hand=True)), types.UpdateGroupCallParticipants).participants[0]
    assert raised.raise_hand_rating
    await ada.invoke(edit(call, bobs, muted=False))
    allowed = await seen.participant(stage.bob, call, can_self_unmute=True)
    assert (allowed.muted, allowed.raise_hand_rating) == (True, None)
    spoken = of(await bob.invoke(edit(call, muted=False, video_paused=True)), types.UpdateGroupCallParticipants)
    assert (spoken.participants[0].muted, spoken.participants[0].video.paused) == (False, True)
    for_bob = of(await bob.invoke(edit(call, adas, muted=True)), types.UpdateGroupCallParticipants).participants[0]
    assert (for_bob.muted_by_you, for_bob.muted) == (True, False)
    for fields, error in (
        ({"volume": 0}, "USER_VOLUME_INVALID"),
        ({"raise_hand": True}, "RAISE_HAND_FORBIDDEN"),
    ):
        with pytest.raises(errors.BadRequest, match=error):
            await bob.invoke(edit(call, **fields))
    stopped = of(await bob.invoke(edit(call, video_stopped=True)), types.UpdateGroupCallParticipants)
    assert stopped.participants[0].video is None
    shown = of(await bob.invoke(edit(call, video_stopped=False)), types.UpdateGroupCallParticipants)
    assert shown.participants[0].video.source_groups[0].sources == [CAMERA]
    with pytest.raises(errors.BadRequest, match="VIDEO_STOP_FORBIDDEN"):
        await ada.invoke(edit(call, video_stopped=False))
    await ada.invoke(phone.LeaveGroupCall(call=named(call), source=9))
    with pytest.raises(errors.BadRequest, match="PARTICIPANT_JOIN_MISSING"):
        await bob.invoke(edit(call, adas, muted=True))


async def test_listeners_only_but_for_those_with_a_speakers_link(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    bob, ada = await start(stage.bob), await start(stage.ada)
    silenced = await ada.invoke(phone.ToggleGroupCallSettings(call=named(call), join_muted=True))
    assert of(silenced, types.UpdateGroupCall).call.join_muted
    with pytest.raises(errors.BadRequest, match="GROUPCALL_NOT_MODIFIED"):
        await ada.invoke(phone.ToggleGroupCallSettings(call=named(call), join_muted=True))
    link = (await ada.invoke(phone.ExportGroupCallInvite(call=named(call), can_self_unmute=True))).link
    plain = (await bob.invoke(phone.ExportGroupCallInvite(call=named(call)))).link
    assert (link.partition("=")[0], plain) == (plain, f"https://t.me/{club.username}?videochat")
    listening = of(await bob.invoke(join(call, source=1)), types.UpdateGroupCallParticipants).participants[0]
    assert (listening.muted, listening.can_self_unmute) == (True, False)
    hash_ = link.partition("=")[2]
    speaking = await bob.invoke(join(call, source=2, invite_hash=hash_))
    assert of(speaking, types.UpdateGroupCallParticipants).participants[0].muted is False
    await ada.invoke(phone.ToggleGroupCallSettings(call=named(call), reset_invite_hash=True))
    late = of(await bob.invoke(join(call, source=3, invite_hash=hash_)), types.UpdateGroupCallParticipants)
    assert late.participants[0].muted
    assert of(await ada.invoke(join(call, source=4)), types.UpdateGroupCallParticipants).participants[0].muted is False
    private = stage.world.calls.create(stage.world.add_channel("Private", creator=stage.ada, megagroup=True))
    with pytest.raises(errors.Forbidden, match="PUBLIC_CHANNEL_MISSING"):
        await ada.invoke(phone.ExportGroupCallInvite(call=named(private)))


async def test_titles_recording_streams_and_screens(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    ada = await start(stage.ada)
    for query, field, value in (
        (phone.EditGroupCallTitle(call=named(call), title="B"), "title", "B"),
        (
            phone.ToggleGroupCallRecord(call=named(call), start=True, video=True, video_portrait=False),
            "record_video_active",
            True,
        ),
    ):
        assert getattr(of(await ada.invoke(query), types.UpdateGroupCall).call, field) == value
        with pytest.raises(errors.BadRequest, match="GROUPCALL_NOT_MODIFIED"):
            await ada.invoke(query)
    peer = peer_for(stage, stage.ada, club)
    first = await ada.invoke(phone.GetGroupCallStreamRtmpUrl(peer=peer, revoke=False))
    assert first == await ada.invoke(phone.GetGroupCallStreamRtmpUrl(peer=peer, revoke=False))
    assert (await ada.invoke(phone.GetGroupCallStreamRtmpUrl(peer=peer, revoke=True))).key != first.key
    screen = phone.JoinGroupCallPresentation(
        call=named(call), params=types.DataJSON(data=MediaClient(source=5, video=True).offer)
    )
    with pytest.raises(errors.BadRequest, match="GROUPCALL_JOIN_MISSING"):
        await ada.invoke(screen)
    await ada.invoke(join(call))
    shown = await ada.invoke(screen)
    assert of(shown, types.UpdateGroupCallConnection).presentation
    assert of(shown, types.UpdateGroupCallParticipants).participants[0].presentation.audio_source == 5
    gone = await ada.invoke(phone.LeaveGroupCallPresentation(call=named(call)))
    assert of(gone, types.UpdateGroupCallParticipants).participants[0].presentation is None
    stage.world.calls.discard(call)
    streamed = stage.world.calls.create(club, stream="rtmp")
    channels = phone.GetGroupCallStreamChannels(call=named(streamed))
    with pytest.raises(errors.BadRequest, match="GROUPCALL_JOIN_MISSING"):
        await ada.invoke(channels)
    answer = await ada.invoke(join(streamed, muted=True))
    assert json.loads(of(answer, types.UpdateGroupCallConnection).params.data)["rtmp"]
    assert (await ada.invoke(channels)).channels == []


async def test_one_joins_as_a_channel_of_ones_own(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    ada = await start(stage.ada)
    peer, films = peer_for(stage, stage.ada, club), peer_for(stage, stage.ada, stage.films)
    peers = (await ada.invoke(phone.GetGroupCallJoinAs(peer=peer))).peers
    assert peers == [
        types.PeerUser(user_id=stage.ada.id),
        types.PeerChannel(channel_id=stage.films.id),
        types.PeerChannel(channel_id=club.id),
    ]
    await ada.invoke(phone.SaveDefaultGroupCallJoinAs(peer=peer, join_as=films))
    full = await ada.invoke(phone_full(stage, stage.ada, club))
    assert full.full_chat.groupcall_default_join_as == types.PeerChannel(channel_id=stage.films.id)
    joined = await ada.invoke(join(call, join_as=films))
    [own] = of(joined, types.UpdateGroupCallParticipants).participants
    assert (own.peer, own.is_self) == (types.PeerChannel(channel_id=stage.films.id), True)
    await ada.invoke(join(call, source=2))
    assert [one.peer for one in call.participants.values()] == [("user", stage.ada.id)]


async def test_video_slots_and_invitations(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    call.video_limit = 0
    ada, bob = await start(stage.ada), await start(stage.bob)
    seen = Updates(bob, club)
    joined = await ada.invoke(join(call, video=True))
    assert of(joined, types.UpdateGroupCallParticipants).participants[0].video is None
    found = of(joined, types.UpdateGroupCall).call
    assert (found.can_start_video, found.unmuted_video_limit) == (False, 0)
    guest = types.InputUser(user_id=stage.bob.id, access_hash=user_for(stage, stage.ada, stage.bob).access_hash)
    await ada.invoke(phone.InviteToGroupCall(call=named(call), users=[guest]))
    said = await seen.said(types.MessageActionInviteToGroupCall)
    assert said.users == [stage.bob.id]


async def test_a_basic_group_and_a_broadcast_channel_have_calls_too(stage: Stage, start: Starter) -> None:
    group = stage.world.add_group("Family", creator=stage.ada)
    stage.world.add_member(group, stage.bob)
    stage.world.add_member(stage.films, stage.bob)
    ada, bob = await start(stage.ada), await start(stage.bob)
    await ada.invoke(phone.CreateGroupCall(peer=peer_for(stage, stage.ada, group), random_id=1))
    call = call_in(stage, group)
    full = await bob.invoke(raw.functions.messages.GetFullChat(chat_id=group.id))
    assert full.full_chat.call == named(call)
    await bob.invoke(join(call, source=3))
    live = stage.world.calls.create(stage.films)
    listening = of(await bob.invoke(join(live, source=4)), types.UpdateGroupCallParticipants).participants[0]
    assert (listening.muted, listening.can_self_unmute) == (True, False)


async def test_a_group_that_becomes_a_supergroup_keeps_its_call(stage: Stage, start: Starter) -> None:
    group = stage.world.add_group("Family", creator=stage.ada)
    call = stage.world.calls.create(group)
    ada = await start(stage.ada)
    await ada.invoke(join(call, source=3))
    made = stage.world.migrate(group)
    full = await ada.invoke(phone_full(stage, stage.ada, made))
    assert (full.full_chat.call, group.call_id) == (named(call), None)
    assert len(call.participants) == 1


async def test_the_media_server_is_asked_whether_it_hears(stage: Stage, start: Starter, club: Channel) -> None:
    call = stage.world.calls.create(club)
    ada = await start(stage.ada)
    loop = asyncio.get_running_loop()
    transport, media = await loop.create_datagram_endpoint(MediaClient, local_addr=("127.0.0.1", 0))
    answer = await ada.invoke(join(call, params=types.DataJSON(data=media.offer)))
    check = phone.CheckGroupCall(call=named(call), sources=[media.source, 99])
    assert await ada.invoke(check) == []
    media.take(of(answer, types.UpdateGroupCallConnection).params.data)
    await media.connect()
    await until(lambda: stage.emulator.recording(call, stage.ada).connected)
    assert await ada.invoke(check) == [media.source]
    stage.emulator.faults.call_closed()
    assert await ada.invoke(check) == []
    transport.close()
