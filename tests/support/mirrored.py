"""What a mirror's target has to hold, and sources with all that a channel may hold."""

import hashlib
from typing import Any

from pyrogram import raw

from streamvault.leech.mirror.desk import Made, Wanted
from streamvault.leech.mirror.model import Mirror, State
from streamvault.server.services import Services
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent
from tgemulator.world.drafts import Draft


async def mirror(services: Services, source: Any, target: Any, **wishes: Any) -> Mirror:
    """Make a mirror of two channels of the emulator."""
    desk = services.mirrors.desk
    wanted = Wanted(chat_id_of(source), chat_id_of(target), **wishes)
    made: Made = await desk.add(wanted, *await desk.find(wanted))
    return made.mirror


async def reaches(services: Services, id: str, *states: State, seconds: float = 60) -> Mirror:
    """Wait until the mirror is in one of these states."""

    async def there() -> Mirror | None:
        found = await services.mirrors.store.get(id)
        assert found is not None
        return found if found.state in states and found.pending is None else None

    return await until(there, timeout=seconds, pause=0.02)


def posted(channel: Any) -> list[Any]:
    """The messages of a channel that are there, without service messages."""
    return [one for one in channel.messages.values() if not one.deleted and one.action is None]


def shown(messages: list[Any]) -> list[tuple[Any, ...]]:
    """What copies have in common with their messages: text, entities, bytes, name, album and the answered message, the
    last two as places in the list.
    """
    places = {message.id: number for number, message in enumerate(messages)}
    albums: dict[int, int] = {}
    found = []
    for number, one in enumerate(messages):
        album = None if one.grouped_id is None else albums.setdefault(one.grouped_id, number)
        file = None if one.file is None else (one.file.kind, one.file.name, one.file.size, _digest(one.file))
        entities = [str(entity) for entity in one.entities]
        other = None if one.other is None else type(one.other).__name__
        found.append((one.text, entities, file, other, album, places.get(one.reply_to)))
    return found


def _digest(file: Any) -> str:
    return hashlib.sha256(file.content.read(0, file.size)).hexdigest()


async def fill(world: EmulatedWorld, channel: Any, *, count: int, seed: int = 1) -> list[Any]:
    """At least `count` messages that are copied: texts, documents, albums over the edges of hundreds, answers, with
    holes and, by the way, quizzes, dice, view-once media and service messages. Those that are copied, in order.
    """
    copied: list[Any] = []
    number = seed * 10_000
    while len(copied) < count:
        number += 1
        copied += await _some(world, channel, number, copied)
    return copied


async def _some(world: EmulatedWorld, channel: Any, number: int, before: list[Any]) -> list[Any]:
    emulated = world.emulator.world
    match number % 11:
        case 0 | 1 | 2:
            text = f"text {number} #tag and a word"
            entity = raw.types.MessageEntityBold(offset=0, length=4)
            return [await emulated.post(channel, text=text, entities=[entity])]
        case 3:
            await emulated.delete([await emulated.post(channel, text="gone") for _ in range(7)])
            return [await emulated.post(channel, text="the same text each time")]
        case 4:
            answered = before[-3] if len(before) > 3 else None
            reply = None if answered is None else answered.id
            button = raw.types.KeyboardInlineButton(
                text="there", type=raw.types.InlineButtonTypeUrl(url="https://example.org")
            )
            keys = raw.types.ReplyInlineMarkup(rows=[raw.types.KeyboardInlineButtonRow(buttons=[button])])
            return [await emulated.post(channel, text=f"answer {number}", reply_to=reply, reply_markup=keys)]
        case 5:
            await odd(world, channel)
            return []
        case 6 | 7:
            files = [small(world, f"{number}-{member}.pdf", number * 10 + member) for member in range(3)]
            return list(await emulated.post_album(channel, files, text=f"album {number}"))
        case _:
            file = small(world, f"film {number}.mkv", number)
            return [await emulated.post(channel, file=file, text=f"caption {number}")]


async def odd(world: EmulatedWorld, channel: Any) -> None:
    """A message of each kind that is left out."""
    question = raw.types.TextWithEntities(text="?", entities=[])
    answers = [raw.types.PollAnswer(text=question, option=bytes([number])) for number in range(2)]
    poll = raw.types.Poll(id=1, question=question, answers=answers, quiz=True, hash=0)
    quiz = raw.types.MessageMediaPoll(poll=poll, results=raw.types.PollResults())
    file = small(world, "once.jpg", 4)
    drafts = [
        Draft(other=quiz),
        Draft(other=raw.types.MessageMediaDice(value=3, emoticon="x")),
        Draft(file=file, view_once=10),
        Draft(action=raw.types.MessageActionPinMessage()),
    ]
    world.emulator.world.post_drafts(channel, drafts)


def small(world: EmulatedWorld, name: str, seed: int, size: int = 4321) -> Any:
    """A small file."""
    return world.emulator.files.add(SyntheticContent(size, seed), dc_id=HOME_DC, name=name)
