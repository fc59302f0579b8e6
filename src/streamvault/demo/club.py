"""A group with years of talk, and a walk through its history that is under way while the demo runs.

Its messages are older than the bot's membership, and every request for them is answered slowly, so that the walk can be
watched for some minutes. The files in it are forwarded from the channels, which show each file once.
"""

import asyncio
import random
from bisect import bisect_right
from collections.abc import Sequence

from streamvault.demo.world import DAY, DemoWorld, Posted, chat_id
from streamvault.server.services import Services
from tgemulator.emulator import Emulator
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Forward

MESSAGES = 9_000
FORWARDED = 0.03
"""The share of messages that hold a file, once there are some in the channels."""
SLOW = 14.0
"""Seconds until a request for a hundred messages is answered; the server waits for longer ones."""
YEARS = 4

_SAID = (
    "Seen it twice, still do not know whose lamp it was.", "Friday at mine, bring a blanket.", "👍", "The ending!",
    "Does anybody have the second season?", "Кто сегодня выбирает?", "字幕はありますか？", "من يختار الليلة؟",
    "The bells are the best part.", "Too much fog, if you ask me.", "Nobody asked you.", "🍿🍿", "Next week, then.",
)  # fmt: skip


def fill(emulator: Emulator, demo: DemoWorld, posted: Sequence[Posted]) -> None:
    """Write the group's messages, from YEARS ago until yesterday; `posted` in the order of the dates."""
    rng, now = random.Random(17), emulator.world.now()
    apart = YEARS * 365 * DAY / MESSAGES
    people = (demo.owner, demo.friend)
    posts = [post.message for post in posted]
    dates = [post.date for post in posts]
    for number in range(MESSAGES):
        date = now - DAY - round((MESSAGES - number) * apart)
        draft = Draft(rng.choice(_SAID), date=date)
        known = bisect_right(dates, date)
        if known and rng.random() < FORWARDED:
            post = posts[rng.randrange(known)]
            draft = Draft(post.text, post.file, date=date, forward=Forward(post.peer, post=post.id, date=post.date))
        emulator.world.post_drafts(demo.club, [draft], sender=people[rng.random() < 0.4])


async def walk(emulator: Emulator, demo: DemoWorld, services: Services) -> None:
    """Have the owner add the bot to the group, and start a walk through it."""
    emulator.faults.slow_answer(SLOW, method="channels.getMessages", channel=demo.club.id)
    emulator.world.add_member(demo.club, demo.bot, admin=True)
    number = chat_id(demo.club)
    while True:
        if await services.finder.chats.holds(number):
            break
        await asyncio.sleep(0.05)
    await services.indexing.walks.start(number)
