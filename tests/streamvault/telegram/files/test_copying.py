"""Messages are copied once, whatever becomes of the answers; what Telegram refuses is told apart from a lost right."""

import time
from typing import Any

import pytest

from streamvault.errors import UploadFailed
from streamvault.media.uploads import Copy
from streamvault.telegram import message_media
from streamvault.telegram.accounts.locations import read_messages
from streamvault.telegram.files.upload import AccountUploads
from tests.streamvault.telegram.conftest import Online
from tests.support.stack import EmulatedWorld, chat_id_of

FORWARD = "messages.forwardMessages"


async def copy_of(world: EmulatedWorld, online: Online, posts: list[int], *, target: Any = None) -> Copy:
    """A copy of messages of the films' channel."""
    source = chat_id_of(world.films)
    found = await read_messages(online.accounts.main, source, posts)
    files = tuple(message_media.unique_id(message_media.raw_media(one)) for one in found)
    keys = tuple(f"job/copy/{id}" for id in posts)
    return Copy(chat_id_of(target or world.vault), source, tuple(posts), keys, files, time.time())


def files_in(world: EmulatedWorld) -> list[int]:
    return [message.file.id for message in world.vault.messages.values() if message.file is not None]


async def test_a_lost_answer_copies_nothing_twice(world: EmulatedWorld, online: Online) -> None:
    for number, old_answer in enumerate((False, True)):
        posts = [(await world.post_synthetic(1000, seed=10 * number + seed))[1] for seed in (1, 2)]
        copy = await copy_of(world, online, posts)
        uploads, before = AccountUploads(online.accounts.main), files_in(world)
        world.emulator.faults.lost_answer(method=FORWARD, times=1)
        if old_answer:
            world.emulator.faults.old_answer()
        copies = await uploads.copy(copy)
        assert copies is not None
        assert [world.vault.messages[id].file for id in copies] == [world.films.messages[id].file for id in posts]
        assert len(files_in(world)) == len(before) + 2
        assert await AccountUploads(online.accounts.main).copy(copy) == copies, "as another worker asks again"
        assert len(files_in(world)) == len(before) + 2
        assert world.emulator.counters.value("calls", method=FORWARD) == 3 * (number + 1)


async def test_what_may_not_be_copied_is_told_apart_from_a_right_that_is_missing(
    world: EmulatedWorld, online: Online
) -> None:
    uploads = AccountUploads(online.accounts.main)
    _, post = await world.post_synthetic(1000)
    closed = world.emulator.world.add_channel("Closed", creator=world.owner)
    world.emulator.world.add_member(closed, world.bot)
    with pytest.raises(UploadFailed, match="make it an administrator"):
        await uploads.copy(await copy_of(world, online, [post], target=closed))
    copy = await copy_of(world, online, [post])
    world.films.noforwards = True
    assert await uploads.copy(copy) is None
    world.films.noforwards = False
    world.emulator.faults.error(400, "MESSAGE_ID_INVALID", method=FORWARD, times=1)
    assert await uploads.copy(copy) is None
    assert files_in(world) == []
