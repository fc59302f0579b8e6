"""Which channels are served without CHANNELS: those to which an owner has added the bot, however that becomes known."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.errors import FileMissing
from streamvault.indexing.live import OnMissed, ignore_missed
from streamvault.telegram.updates import inviters, queues
from tests.support.bot_stage import PAUSE, Stage, bot_stage, origin_of
from tests.support.handlers import handling
from tests.support.stack import chat_id_of
from tests.support.waiting import until
from tgemulator.errors import RpcError
from tgemulator.services.chats import get_participant
from tgemulator.services.registry import Call


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path, channels=()) as opened:
        yield opened


class Questions:
    """Answers channels.getParticipant as the emulator does, or with `error`, or with `answer`; `asked` holds the
    channels' ids.
    """

    def __init__(self, error: str = "", *, answer: Any = None) -> None:
        self.asked: list[int] = []
        self.error = error
        self.answer = answer

    async def __call__(self, call: Call, query: Any) -> Any:
        self.asked.append(query.channel.channel_id)
        if self.error:
            raise RpcError(420 if self.error.startswith("FLOOD") else 400, self.error)
        return self.answer or await get_participant(call, query)


def updates_of(stage: Stage) -> Any:
    assert stage.accounts is not None
    return stage.accounts.main.client.updates


def queues_of(stage: Stage) -> Any:
    return updates_of(stage)._channels._queues


def strangers_channel(stage: Stage, title: str = "Cheap pills", *, megagroup: bool = False) -> Any:
    stranger = stage.world.add_user(f"+1555{len(stage.world.users):04}", first_name="Mallory")
    channel = stage.world.add_channel(title, creator=stranger, megagroup=megagroup)
    stage.world.add_member(channel, stage.telegram.bot, admin=True)
    return channel


async def joins_unnoticed(stage: Stage, *channels: Any, missed: OnMissed = ignore_missed) -> None:
    """The bot is added to channels while it is offline, and Telegram has forgotten that when it comes back."""
    await stage.stop()
    for channel in channels:
        stage.world.add_member(channel, stage.telegram.bot, admin=True)
    stage.world.mailbox(stage.telegram.bot.id).events.resize(0)
    await stage.start(missed=missed)


async def post(stage: Stage, channel: Any, **message: Any) -> Any:
    return await stage.world.post(channel, **({"file": stage.file()} | message))


async def indexed(stage: Stage) -> None:
    """Wait until a further post of the owner's channel is indexed: what came before it in its queue was handled."""
    await stage.row(origin_of(stage.telegram.films, await post(stage, stage.telegram.films, text="behind")))
    await stage.settled()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if "is not served" in one.getMessage()]


@pytest.mark.parametrize("megagroup", [False, True])
async def test_nothing_of_a_strangers_channel_is_stored(
    stage: Stage, caplog: pytest.LogCaptureFixture, megagroup: bool
) -> None:
    """1, Q: posts, edits, deletions, a copy of the owner's file; one line says where and who."""
    film = stage.file("film.mp4")
    mine = await post(stage, stage.telegram.films, file=film, text="mine")
    await stage.row(origin_of(stage.telegram.films, mine))
    other = strangers_channel(stage, megagroup=megagroup)
    copy = await post(stage, other, file=film, text="his")
    await stage.world.edit(await post(stage, other), text="edited", file=stage.file("other.mp4", seed=9))
    await stage.world.delete(await post(stage, other))
    await indexed(stage)
    assert {row.origin.chat_id for row in await stage.rows()} == {chat_id_of(stage.telegram.films)}
    assert await stage.catalog.mark(f"pts/{chat_id_of(other)}") is None
    assert chat_id_of(other) not in await stage.catalog.chats()
    with pytest.raises(FileMissing):
        await stage.finder.find(chat_id_of(other), copy.id)
    [line] = warnings(caplog)
    assert "Cheap pills" in line
    assert f"user {other.creator_id} ('Mallory')" in line


@pytest.mark.parametrize("by_owner", [True, False])
async def test_without_an_update_telegram_is_asked_who_added_the_bot(
    stage: Stage, caplog: pytest.LogCaptureFixture, by_owner: bool
) -> None:
    """1: a chat that is first seen by a post."""
    questions = Questions()
    creator = stage.telegram.owner if by_owner else stage.world.add_user("+15559999", first_name="Mallory")
    channel = stage.world.add_channel("Older", creator=creator)
    with handling(raw.functions.channels.GetParticipant, questions):
        await joins_unnoticed(stage, channel)
        made = [await post(stage, channel) for _ in range(3)]
        if by_owner:
            for one in made:
                await stage.row(origin_of(channel, one))
            assert warnings(caplog) == []
        else:
            await until(lambda: warnings(caplog), pause=PAUSE)
            await stage.settled()
            assert await stage.rows() == []
            assert "Mallory" in warnings(caplog)[0]
        assert questions.asked == [channel.id]


@pytest.mark.parametrize(
    "error",
    [
        *("USER_NOT_PARTICIPANT", "CHAT_ADMIN_REQUIRED", "METHOD_INVALID"),
        *("CHANNEL_PRIVATE", "CHANNEL_INVALID", "PEER_ID_INVALID"),
    ],
)
async def test_a_channel_is_foreign_if_telegram_does_not_say_who_added_the_bot(
    stage: Stage, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    """3: it is asked once, however many posts come, and named once in the log."""
    await assert_foreign_at_the_first_answer(stage, caplog, Questions(error))


def _left(number: int) -> Any:
    return raw.types.ChannelParticipantLeft(peer=raw.types.PeerUser(user_id=number))


def _banned(number: int) -> Any:
    rights = raw.types.ChatBannedRights(until_date=0, view_messages=True)
    peer = raw.types.PeerUser(user_id=number)
    return raw.types.ChannelParticipantBanned(peer=peer, kicked_by=1, date=1, banned_rights=rights, left=True)


@pytest.mark.parametrize("participant", [_left, _banned])
async def test_a_channel_is_foreign_if_the_bot_is_no_member_any_more(
    stage: Stage, caplog: pytest.LogCaptureFixture, participant: Callable[[int], Any]
) -> None:
    """3: removed again before it was asked who had added it."""
    answer = raw.types.channels.ChannelParticipant(participant=participant(stage.telegram.bot.id), chats=[], users=[])
    await assert_foreign_at_the_first_answer(stage, caplog, Questions(answer=answer))


async def assert_foreign_at_the_first_answer(
    stage: Stage, caplog: pytest.LogCaptureFixture, questions: Questions
) -> None:
    channel = stage.world.add_channel("Unclear", creator=stage.telegram.owner)
    with handling(raw.functions.channels.GetParticipant, questions):
        await joins_unnoticed(stage, channel)
        for _ in range(3):
            await post(stage, channel)
        [line] = await until(lambda: warnings(caplog), pause=PAUSE)
        assert "'Unclear'" in line
        assert "does not say who" in line
        await updates_of(stage)._channels.catch_up()
        assert questions.asked == [channel.id]
    assert len(warnings(caplog)) == 1
    assert await stage.rows() == []


async def test_a_channel_becomes_ours_when_an_owner_gives_the_bot_rights(stage: Stage) -> None:
    """1: an owner who is an administrator of somebody else's channel."""
    channel = strangers_channel(stage, "Shared")
    await post(stage, channel)
    await stage.settled()
    assert await stage.rows() == []
    stage.world.add_member(channel, stage.telegram.owner, admin=True)
    stage.world.add_member(channel, stage.telegram.bot, admin=True, actor=stage.telegram.owner)
    await until(lambda: _serves(stage, channel), pause=PAUSE)
    await stage.row(origin_of(channel, await post(stage, channel)))


async def _serves(stage: Stage, channel: Any) -> bool:
    return chat_id_of(channel) in await stage.finder.our_chats()


async def test_a_flood_wait_for_the_question_delays_that_channel_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """1: a stranger's channel must not look like updates that cannot be fetched, nor hold up an owner's."""
    async with bot_stage(tmp_path, channels=()) as stage:
        channel = stage.world.add_channel("Unclear", creator=stage.telegram.owner)
        questions = Questions("FLOOD_WAIT_30")
        with handling(raw.functions.channels.GetParticipant, questions):
            await joins_unnoticed(stage, channel)
            await post(stage, channel)
            await until(lambda: questions.asked, pause=PAUSE)
            await stage.row(origin_of(stage.telegram.films, await post(stage, stage.telegram.films)))
        assert "cannot be fetched" not in caplog.text
        assert questions.asked == [channel.id]


@pytest.mark.parametrize("by_owner", [True, False])
async def test_a_supergroup_that_was_a_basic_group_is_ours_if_an_owner_added_the_bot(
    stage: Stage, caplog: pytest.LogCaptureFixture, by_owner: bool
) -> None:
    """O: the basic group itself is reported as not served."""
    creator = stage.telegram.owner if by_owner else stage.world.add_user("+15559999", first_name="Mallory")
    group = stage.world.add_group("Friends", creator=creator)
    stage.world.add_member(group, stage.telegram.bot)
    await until(lambda: warnings(caplog), pause=PAUSE)
    assert "supergroup" in warnings(caplog)[0]
    made = stage.world.migrate(group)
    stage.world.add_member(made, stage.telegram.bot, admin=True)
    await post(stage, made)
    await (until(lambda: _serves(stage, made), pause=PAUSE) if by_owner else until(lambda: warnings(caplog)[1:]))
    await stage.settled()
    assert [row.origin.chat_id for row in await stage.rows()] == ([chat_id_of(made)] if by_owner else [])


async def test_posts_that_were_dropped_while_nobody_was_known_are_listed_once_an_owner_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """8: few updates of an undecided channel are kept; the others are fetched from the first one's pts on."""
    monkeypatch.setattr(queues, "MAX_UNDECIDED", 3)
    monkeypatch.setattr(inviters, "RECHECK", 0.01)
    channel = stage.world.add_channel("Unclear", creator=stage.telegram.owner)
    questions = Questions("FLOOD_WAIT_3600")
    with handling(raw.functions.channels.GetParticipant, questions):
        await joins_unnoticed(stage, channel)
        made = [await post(stage, channel)]
        await until(lambda: questions.asked, pause=PAUSE)
        made += [await post(stage, channel) for _ in range(9)]
        await indexed(stage)
        assert len(queues_of(stage)[chat_id_of(channel)]._pending) == 3
        stage.world.add_member(channel, stage.telegram.bot, admin=True, actor=stage.telegram.owner)
        for one in made:
            await stage.row(origin_of(channel, one))


async def test_an_owners_command_is_answered_in_a_group_that_strangers_flood(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """8: Telegram does not say who added the bot, and more messages came than are kept."""
    monkeypatch.setattr(queues, "MAX_UNDECIDED", 3)
    group = stage.world.add_channel("Unclear", creator=stage.telegram.owner, megagroup=True)
    mallory = stage.world.add_user("+15558888", first_name="Mallory")
    stage.world.add_member(group, mallory)
    questions = Questions("FLOOD_WAIT_3600")
    with handling(raw.functions.channels.GetParticipant, questions):
        await joins_unnoticed(stage, group)
        film = await post(stage, group, sender=mallory)
        await until(lambda: questions.asked, pause=PAUSE)
        for _ in range(5):
            await post(stage, group, sender=mallory, text="/link", file=None)
        command = await stage.world.post(group, sender=stage.telegram.owner, text="/link", reply_to=film.id)
        await indexed(stage)
        bot = stage.telegram.bot.id
        await until(lambda: [one for one in group.messages.values() if one.sender_id == bot], pause=PAUSE)
    [answer] = [one for one in group.messages.values() if one.sender_id == bot]
    assert answer.reply_to == command.id


async def test_nothing_is_kept_for_foreign_channels(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """8: the queue and the task of each end once its posts are ignored."""
    others = [strangers_channel(stage, f"Pills {number}") for number in range(5)]
    for _ in range(2):
        for other in others:
            await post(stage, other)
        await indexed(stage)
        await until(lambda: not {chat_id_of(other) for other in others} & queues_of(stage).keys(), pause=PAUSE)
        await until(lambda: len(updates_of(stage)._channels._tasks) == len(queues_of(stage)), pause=PAUSE)
    assert len(warnings(caplog)) == len(others)


async def test_a_channel_that_was_ignored_because_too_many_waited_is_walked_once_an_owner_chose_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """8: one line in the log says that channels are ignored."""
    monkeypatch.setattr(inviters, "MAX_WAITING", 1)
    walked: list[tuple[int, bool]] = []

    async def missed(chat_id: int, *, followed: bool) -> None:
        walked.append((chat_id, followed))

    first, second = (stage.world.add_channel(name, creator=stage.telegram.owner) for name in ("First", "Second"))
    stage.world.tell_of_channels = False
    await joins_unnoticed(stage, first, second, missed=missed)
    questions = Questions("FLOOD_WAIT_3600")
    with handling(raw.functions.channels.GetParticipant, questions):
        await post(stage, first)
        await until(lambda: questions.asked, pause=PAUSE)
        for _ in range(3):
            await post(stage, second)
        await until(lambda: "others are ignored" in caplog.text, pause=PAUSE)
        await until(lambda: chat_id_of(second) not in queues_of(stage), pause=PAUSE)
        await stage.finder.chats.choose(chat_id_of(second), "Second")
        await stage.row(origin_of(second, await post(stage, second)))
    assert walked == [(chat_id_of(second), True)]
    assert caplog.text.count("others are ignored") == 1
