"""Messages of Telegram become files of the library: by copy where that is allowed, else read and uploaded again."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from pyrogram import raw

from tests.e2e.test_leech import api_token, asked
from tests.support.films import jpeg
from tests.support.http_client import request
from tests.support.leech_stage import MIB, TOKEN
from tests.support.server import ServerProcess, environment_for, server_process
from tests.support.stack import FOREIGN_DC, HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import BytesContent, SyntheticContent, synthetic_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZE = 11 * MIB + 123
"""Bytes of a file that goes by saveBigFilePart."""
VIDEO = raw.types.DocumentAttributeVideo(duration=61.5, w=640, h=360, supports_streaming=True)
BOLD = raw.types.MessageEntityBold(offset=0, length=3)


@dataclass
class Elsewhere:
    """A server with a leech bot, and chats that are none of its own."""

    stack: EmulatedWorld
    server: ServerProcess
    token: str

    def chat(self, title: str, **options: Any) -> Any:
        return self.stack.emulator.world.add_channel(title, creator=self.stack.owner, **options)

    def file(self, name: str, *, size: int = 3000, seed: int = 1, dc_id: int = HOME_DC, **options: Any) -> Any:
        return self.stack.emulator.files.add(SyntheticContent(size, seed), dc_id=dc_id, name=name, **options)

    async def post(self, chat: Any, name: str, *, text: str = "", file: Any = None, **extra: Any) -> Any:
        return await self.stack.emulator.world.post(chat, file=file or self.file(name), text=text, **extra)

    async def leech(self, link: str, **options: Any) -> Any:
        """The job of a link in the end."""
        status, job = await asked(self.server, "/api/jobs", self.token, body={"source": link, **options})
        assert status == 201, job
        return await self.until(job, lambda found: found["state"] in ("done", "failed"))

    async def until(self, job: Any, wished: Callable[[Any], bool]) -> Any:
        """The job as soon as it is so."""

        async def reached() -> Any:
            _, found = await asked(self.server, f"/api/jobs/{job['id']}", self.token)
            return found if wished(found) else None

        return await until(reached, timeout=60, pause=0.05)

    def posted(self, job: Any) -> list[Any]:
        """The messages that a job names, which nobody has deleted."""
        return [self.stack.vault.messages[message["message_id"]] for message in job["messages"]]

    async def entries(self, place: str) -> dict[str, Any]:
        """Jobs by the ends of their links."""
        _, found = await asked(self.server, "/api/jobs?limit=200", self.token)
        start = f"https://t.me/{place}/"
        return {job["source"].removeprefix(start): job for job in found["items"] if job["source"].startswith(start)}

    async def streamed(self, message: Any) -> bytes:
        async def answered() -> Any:
            reply = await request(self.server.address, f"/stream/{chat_id_of(self.stack.vault)}/{message.id}")
            return reply if reply.status == 200 else None

        return bytes((await until(answered, timeout=20, pause=0.05)).body)

    def calls(self, method: str) -> int:
        return self.stack.emulator.counters.value("calls", method=method)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elsewhere]:
    folder = tmp_path_factory.mktemp("leech")
    async with (
        emulator_world() as world,
        server_process(
            world, folder, entry=HOME_DC, VAULT_CHANNEL=str(chat_id_of(world.vault)), LEECH_BOT_TOKEN=TOKEN
        ) as server,
    ):
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC, username="fetching_bot")
        world.emulator.world.add_member(world.vault, bot, admin=True)
        await server.start()
        await server.ready()
        yield Elsewhere(world, server, await api_token(folder, environment_for(world, folder, entry=HOME_DC)))


async def test_a_public_message_is_copied_and_is_there_once(elsewhere: Elsewhere) -> None:
    public = elsewhere.chat("Public", username="public_films")
    post = await elsewhere.post(public, "A film.mkv", text="The film", entities=[BOLD])
    stated = elsewhere.calls("upload.saveFilePart")
    job = await elsewhere.leech(f"tg://resolve?domain=Public_Films&post={post.id}")
    assert (job["state"], job["notes"], job["bytes_done"]) == ("done", ["copied within Telegram"], 3000)
    assert (job["source"], job["name"]) == (f"https://t.me/public_films/{post.id}", "A film.mkv")
    [copy] = elsewhere.posted(job)
    assert (copy.file.id, copy.text, copy.forward) == (post.file.id, "The film", None)
    assert [type(one) for one in copy.entities] == [raw.types.MessageEntityBold]
    assert elsewhere.calls("upload.saveFilePart") == stated
    assert await elsewhere.streamed(copy) == synthetic_bytes(1, 0, 3000)
    link = {"source": f"https://public_films.t.me/{post.id}?t=5"}
    status, again = await asked(elsewhere.server, "/api/jobs", elsewhere.token, body=link)
    assert (status, again["id"]) == (200, job["id"]), "the same message by another link"
    twin = await elsewhere.post(public, "", file=post.file)
    known = await elsewhere.leech(f"https://t.me/public_films/{twin.id}")
    assert (known["messages"], known["notes"]) == (job["messages"], ["it was in the channel already"])


async def test_an_album_is_copied_as_one_also_when_the_answer_is_lost(elsewhere: Elsewhere) -> None:
    public = elsewhere.chat("Albums", username="public_albums")
    await elsewhere.post(public, "before.jpg")
    files = [elsewhere.file(f"{number}.mkv", seed=10 + number) for number in range(3)]
    album = await elsewhere.stack.emulator.world.post_album(public, files, text="Three")
    sent = elsewhere.calls("messages.forwardMessages")
    elsewhere.stack.emulator.faults.lost_answer(method="messages.forwardMessages", times=1)
    job = await elsewhere.leech(f"https://t.me/public_albums/{album[1].id}")
    assert (job["state"], job["bytes_done"]) == ("done", 9000)
    assert elsewhere.calls("messages.forwardMessages") == sent + 2
    copies = elsewhere.posted(job)
    assert [copy.file.name for copy in copies] == ["0.mkv", "1.mkv", "2.mkv"]
    assert len({copy.grouped_id for copy in copies}) == 1
    assert copies[0].grouped_id is not None
    assert [one.file.id for one in vault_files(elsewhere) if one.file in files] == [one.id for one in files]
    single = await elsewhere.leech(f"https://t.me/public_albums/{album[1].id}?single")
    assert [one["message_id"] for one in single["messages"]] == [copies[1].id]


async def test_a_range_takes_its_topic_counts_holes_and_keeps_albums(elsewhere: Elsewhere) -> None:
    world = elsewhere.stack.emulator.world
    forum = elsewhere.chat("Forum", username="public_forum", megagroup=True, forum=True)
    world.add_member(forum, bot_of(elsewhere), admin=True)
    topic, other = world.add_topic(forum, "Films"), world.add_topic(forum, "Music")
    inside = {"thread": topic.id, "sender": elsewhere.stack.owner}
    first = await elsewhere.post(forum, "first.mkv", file=elsewhere.file("first.mkv", seed=20), **inside)
    await elsewhere.post(forum, "other.mp3", thread=other.id, sender=elsewhere.stack.owner)
    await world.post(forum, text="no file", **inside)
    gone = await elsewhere.post(forum, "gone.mkv", file=elsewhere.file("gone.mkv", seed=21), **inside)
    group = world.new_group_id()
    album = [
        await elsewhere.post(forum, "", file=elsewhere.file(f"{seed}.mkv", seed=seed), grouped_id=group, **inside)
        for seed in (22, 23)
    ]
    await world.delete(gone)
    job = await elsewhere.leech(f"https://t.me/public_forum/{topic.id}/{album[-1].id + 3}-{first.id}")
    span = album[-1].id + 4 - first.id
    assert job["state"] == "done"
    assert job["reason"] == (f"all 2 entries. Left out of {span} messages: 4 that are not there, 1 without a file")
    found = await elsewhere.entries("public_forum")
    both = found[f"{topic.id}/{album[0].id}-{album[1].id}"]
    assert [one.file.name for one in elsewhere.posted(both)] == ["22.mkv", "23.mkv"]
    assert len({one.grouped_id for one in elsewhere.posted(both)}) == 1
    assert [one.file.name for one in elsewhere.posted(found[f"{first.id}?single"])] == ["first.mkv"]
    assert not [one for one in vault_files(elsewhere) if one.file.name in ("other.mp3", "gone.mkv")]
    empty = await elsewhere.leech(f"https://t.me/public_forum/{gone.id}-{gone.id - 1}")
    assert empty["state"] == "failed"
    assert empty["reason"].startswith("No message of this range holds a file.")


async def test_what_is_protected_is_uploaded_again_byte_for_byte(elsewhere: Elsewhere) -> None:
    world = elsewhere.stack.emulator.world
    private = elsewhere.chat("Protected")
    world.add_member(private, bot_of(elsewhere), admin=True)
    film = elsewhere.file("Film.mp4", size=SIZE, seed=30, dc_id=FOREIGN_DC, mime_type="video/mp4", attributes=[VIDEO])
    post = await elsewhere.post(private, "", file=film, text="Big film", entities=[BOLD])
    files = [elsewhere.file(f"{seed}.pdf", seed=seed) for seed in (31, 32)]
    album = await world.post_album(private, files, text="Two")
    private.noforwards = True
    job = await elsewhere.leech(f"https://t.me/c/{private.id}/{post.id}")
    assert (job["state"], job["notes"], job["bytes_done"]) == ("done", [], SIZE)
    [copy] = elsewhere.posted(job)
    assert (copy.file.name, copy.file.mime_type, copy.text) == ("Film.mp4", "video/mp4", "Big film")
    assert copy.file.id != film.id
    assert [type(one) for one in copy.entities] == [raw.types.MessageEntityBold]
    [video] = [one for one in copy.file.attributes if isinstance(one, raw.types.DocumentAttributeVideo)]
    assert (video.duration, video.w, video.h, video.supports_streaming) == (61.5, 640, 360, True)
    assert await elsewhere.streamed(copy) == synthetic_bytes(30, 0, SIZE)
    job = await elsewhere.leech(f"https://t.me/c/{private.id}/{album[0].id}")
    assert (job["state"], job["reason"]) == ("done", "all 2 entries")
    found = await elsewhere.entries(f"c/{private.id}")
    texts = {copy.file.name: copy.text for one in album for copy in elsewhere.posted(found[f"{one.id}?single"])}
    assert texts == {"31.pdf": "Two", "32.pdf": ""}
    named = await elsewhere.leech(f"https://t.me/c/{private.id}/{album[1].id}?single", name="Other")
    picture = elsewhere.stack.emulator.files.add(BytesContent(jpeg()), dc_id=HOME_DC, kind="photo")
    photo = await elsewhere.post(private, "", file=picture, text="Blue")
    [copy] = elsewhere.posted(await elsewhere.leech(f"https://t.me/c/{private.id}/{photo.id}"))
    assert (copy.file.kind, copy.text, copy.file.id != picture.id) == ("photo", "Blue", True)
    assert [one.file.name for one in elsewhere.posted(named)] == ["Other.pdf"]


async def test_one_message_that_may_not_be_copied_holds_no_other_up(elsewhere: Elsewhere) -> None:
    """M5."""
    public = elsewhere.chat("Mixed", username="mixed_films")
    free = await elsewhere.post(public, "", file=elsewhere.file("free.mkv", seed=60))
    kept = await elsewhere.post(public, "", file=elsewhere.file("kept.mkv", seed=61), noforwards=True)
    job = await elsewhere.leech(f"https://t.me/mixed_films/{free.id}-{kept.id}")
    assert (job["state"], job["reason"]) == ("done", "all 2 entries")
    found = await elsewhere.entries("mixed_films")
    [copied], [uploaded] = (elsewhere.posted(found[f"{one.id}?single"]) for one in (free, kept))
    assert copied.file.id == free.file.id
    assert (uploaded.file.id != kept.file.id, uploaded.file.name) == (True, "kept.mkv")
    assert await elsewhere.streamed(uploaded) == synthetic_bytes(61, 0, 3000)


async def test_an_upload_goes_on_at_its_byte(elsewhere: Elsewhere) -> None:
    public = elsewhere.chat("Long", username="long_films")
    public.noforwards = True
    film = elsewhere.file("Long.bin", size=SIZE, seed=50)
    post = await elsewhere.post(public, "", file=film)
    fault = elsewhere.stack.emulator.faults.slow_answer(None, method="upload.getFile", file=film.id, after=6)
    link = {"source": f"https://t.me/long_films/{post.id}"}
    _, job = await asked(elsewhere.server, "/api/jobs", elsewhere.token, body=link)
    await elsewhere.until(job, lambda found: found["bytes_done"] >= 4 * MIB)
    await asked(elsewhere.server, f"/api/jobs/{job['id']}/pause", elsewhere.token, body={})
    paused = await elsewhere.until(job, lambda found: found["state"] == "paused")
    elsewhere.stack.emulator.faults.lift(fault.id)
    await asked(elsewhere.server, f"/api/jobs/{job['id']}/resume", elsewhere.token, body={})
    done = await elsewhere.until(job, lambda found: found["state"] in ("done", "failed"))
    assert (done["state"], done["bytes_done"]) == ("done", SIZE)
    fetched = elsewhere.stack.emulator.counters.by("getfile_at", "offset", file=film.id)
    assert {fetched[offset] for offset in range(0, paused["bytes_done"] - MIB + 1, MIB)} == {1}
    [copy] = elsewhere.posted(done)
    assert await elsewhere.streamed(copy) == synthetic_bytes(50, 0, SIZE)


async def test_a_comment_is_a_message_of_the_linked_group(elsewhere: Elsewhere) -> None:
    world = elsewhere.stack.emulator.world
    channel = elsewhere.chat("Discussed", username="discussed_films")
    group = elsewhere.chat("Discussion", username="discussed_group", megagroup=True)
    channel.discussion = group.id
    post = await world.post(channel, text="What do you think?")
    world.add_member(group, bot_of(elsewhere), admin=True)
    comment = await elsewhere.post(group, "", file=elsewhere.file("answer.mkv", seed=40), sender=elsewhere.stack.owner)
    job = await elsewhere.leech(f"https://t.me/discussed_films/{post.id}?single&comment={comment.id}")
    assert [one.file.name for one in elsewhere.posted(job)] == ["answer.mkv"]


async def test_what_cannot_be_had_is_said(elsewhere: Elsewhere) -> None:
    world = elsewhere.stack.emulator.world
    hidden, public = elsewhere.chat("Hidden"), elsewhere.chat("Texts", username="public_texts")
    text = await world.post(public, text="no file")
    unseen = "The leech bot @fetching_bot cannot see this chat: add it there as an administrator."
    sentences = {
        f"https://t.me/c/{hidden.id}/2": unseen,
        "https://t.me/no_such_chat/5": "There is no channel or group @no_such_chat, or the leech bot cannot see it.",
        f"https://t.me/public_texts/{text.id}": "This message holds no file.",
        "https://t.me/public_texts/99": "There is no message 99 in this chat.",
    }
    for link, sentence in sentences.items():
        job = await elsewhere.leech(link)
        assert (job["state"], job["reason"]) == ("failed", sentence)
    for link in ("https://t.me/public_texts", "https://t.me/+AbCdEf"):
        status, problem = await asked(elsewhere.server, "/api/jobs", elsewhere.token, body={"source": link})
        assert (status, "names no message" in problem["detail"]) == (400, True)
    status, problem = await asked(
        elsewhere.server, "/api/jobs", elsewhere.token, body={"source": "https://t.me/public_texts/5", "ytdlp": True}
    )
    assert (status, "without yt-dlp" in problem["detail"]) == (400, True)


def bot_of(elsewhere: Elsewhere) -> Any:
    """The leech bot."""
    users = elsewhere.stack.emulator.world.users.values()
    return next(user for user in users if user.username == "fetching_bot")


def vault_files(elsewhere: Elsewhere) -> list[Any]:
    """The messages with files in the channel, in order."""
    return [one for one in elsewhere.stack.vault.messages.values() if one.file is not None and not one.deleted]
