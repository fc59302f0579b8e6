"""/mirror in the leech bot's chats."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamvault.leech.mirror.asking import Request
from streamvault.leech.mirror.model import Mirror, State
from streamvault.telegram.bot.leech import mirror_words, wording
from streamvault.telegram.bot.leech.mirrors import PATIENCE
from tests.streamvault.telegram.bot.leech.test_managing import forge
from tests.support.leech_chat import Chat, buttons, code, leech_chat
from tests.support.waiting import until

SOURCE, TARGET = -1001234567890, -1001234567891
HEX = "0123456789abcdef"


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


async def ask(chat: Chat, text: str, sender: Any = None) -> Any:
    """What is answered at once."""
    before = len(chat.said(sender))
    await chat.write(text, sender)
    return await chat.answer(before + 1, reader=sender)


async def asked(chat: Chat) -> Request:
    """The only request, once it is stored."""
    [request] = await until(lambda: list(chat.asked_of_mirrors.stored.values()), pause=0.005)
    return request


def answer(chat: Chat, request: Request, text: str, mirror: str | None = None, *, age: float = 0.0) -> None:
    """The server answers, or (age) takes its time."""
    chat.asked_of_mirrors.stored[request.id] = replace(
        request, answer=text or None, mirror=mirror, created=request.created - age
    )


async def test_the_answer_of_the_server_is_told_once(chat: Chat) -> None:
    await chat.bot.mirror_teller.tell()  # what an earlier process may have asked
    reads = chat.asked_of_mirrors.reads
    await chat.bot.mirror_teller.tell()
    assert chat.asked_of_mirrors.reads == reads, "nothing is expected"
    command = await chat.write(f"/mirror @films {TARGET} -d")
    request = await asked(chat)
    assert (request.what, request.source, request.target) == ("add", "@films", TARGET)
    assert (request.person, request.deletions, request.once) == (chat.owner.id, True, False)
    await chat.bot.mirror_teller.tell()
    assert chat.said() == []
    answer(chat, request, "", age=PATIENCE + 1)
    for _ in range(2):
        await chat.bot.mirror_teller.tell()
    assert [one.text for one in chat.said()] == [mirror_words.LATER]
    await chat.restart()
    answer(chat, request, "It becomes a copy.", HEX)
    told = dict(chat.asked_of_mirrors.stored)
    await chat.bot.mirror_teller.tell()
    assert chat.asked_of_mirrors.stored == {}
    done = chat.said()[-1]
    assert (done.text, code(done)) == (f"It becomes a copy.\n{HEX}\n/mirror shows how far it is.", [HEX])
    assert done.reply_to == command.id
    chat.asked_of_mirrors.stored |= told  # as if the process had died before it was forgotten
    await chat.restart()
    await chat.bot.mirror_teller.tell()
    assert len(chat.said()) == 2
    assert chat.asked_of_mirrors.stored == {}


async def test_a_list_has_pages_and_buttons(chat: Chat) -> None:
    assert (await ask(chat, "/mirror")).text == mirror_words.NO_MIRRORS
    names = ["Films <b>", *(f"{'я' * 200} {number}" for number in range(10))]
    for number, name in enumerate(names):
        mirror = Mirror(f"{number:016x}", SOURCE - number, TARGET, float(number), name, "Copy", left_out={"quiz": 2})
        await chat.mirrors.add(replace(mirror, state=State.FOLLOWING, copied=1))
    chat.mirrors.stored[f"{1:016x}"] = replace(chat.mirrors.stored[f"{1:016x}"], state=State.ASKING, asked=30)
    listed = await ask(chat, "/mirror list")
    assert listed.text.startswith("11 mirrors (page 1 of 3)\n\n1. Films <b> to Copy\nis followed, 1 message copied\n")
    assert "left out: 2 × quiz" in listed.text
    assert len(listed.text.encode("utf-16-le")) // 2 <= 4096
    assert list(buttons(listed))[:4] == ["End 1", "Delete 30 of 2", "Keep them", "End 2"]
    assert all(len(data) <= 64 for data in buttons(listed).values())
    assert (await chat.press(listed, "Keep them")).message == mirror_words.ASKED
    assert ((await asked(chat)).what, (await asked(chat)).mirror) == ("keep", f"{1:016x}")
    await chat.restart()
    await chat.press(listed, "More")
    await until(lambda: "page 2 of 3" in listed.text, pause=0.005)
    assert "End 6" in buttons(listed)


async def test_only_owners_do_that(chat: Chat) -> None:
    await chat.mirrors.add(Mirror(HEX, SOURCE, TARGET, 1.0, "Films", "Copy"))
    mia, eve = chat.somebody("Mia", may=True), chat.somebody("Eve")
    for text in ("/mirror", f"/mirror {SOURCE} {TARGET}", f"/mirror remove {HEX}"):
        assert (await ask(chat, text, mia)).text == mirror_words.NOT_OWNER
    assert (await ask(chat, "/mirror", eve)).text == wording.not_allowed(eve.id)
    for presser, tried, said in (
        (mia, f"mirror:remove:{HEX}".encode(), wording.NOT_YOURS),
        (mia, b"mirror:page:0", wording.NOT_YOURS),
        (chat.owner, b"mirror:remove:../x", mirror_words.NO_MIRROR),
        (chat.owner, b"mirror:add:" + HEX.encode(), mirror_words.NO_MIRROR),
        (chat.owner, b"mirror:", mirror_words.NO_MIRROR),
    ):
        answered = await chat.world.press(presser, await forge(chat, presser, tried), tried)
        assert answered.message == said, tried
    assert chat.asked_of_mirrors.stored == {}
    assert "Which channels?" in (await ask(chat, "/mirror @films")).text
    chat.asked_of_mirrors.failing = True
    assert (await ask(chat, f"/mirror remove {HEX}")).text == wording.UNAVAILABLE
