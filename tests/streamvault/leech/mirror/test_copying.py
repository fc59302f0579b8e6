"""The copying of one mirror, killed at every step, and refused what Telegram may refuse."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from streamvault.leech.mirror.copying import Copying
from streamvault.leech.mirror.held import HeldMirror
from streamvault.leech.mirror.model import Lease, Mirror
from streamvault.leech.mirror.posts import LEFT_OUT, Seen
from streamvault.media.model import MediaFile
from tests.support.leeching import Killed, Steps
from tests.support.mirror_memory import MemoryChannels, MemoryMirrors, film, post

SOURCE, TARGET, ID = -1, -2, "a" * 16


class Stage:
    """A store and channels that outlive the deaths of who copies."""

    def __init__(self, posts: Sequence[Seen], **faults: object) -> None:
        self.steps = Steps()
        self.store = MemoryMirrors(self.steps)
        self.channels = MemoryChannels(self.steps, {SOURCE: {one.id: one for one in posts}, TARGET: {}}, **faults)  # type: ignore[arg-type]
        self.files: list[MediaFile] = []
        self.store.stored[ID] = Mirror(ID, SOURCE, TARGET, 0.0, lease=Lease("w", 1e12), version=1)

    async def life(self) -> None:
        """One worker, to its end or until it is killed."""
        held = HeldMirror(self.store, self.store.stored[ID], worker="w", clock=lambda: 0.0, sleep=_no_sleep)
        copying = Copying(held, self.channels, on_copied=self._copied, sleep=_no_sleep)
        await copying.look()
        while await copying.step():
            pass

    async def lives(self) -> None:
        """As many as it takes."""
        while True:
            try:
                await self.life()
            except Killed:
                self.steps.restart()
            else:
                return

    async def _copied(self, files: Sequence[MediaFile]) -> None:
        self.steps.step()
        self.files += files

    @property
    def mirror(self) -> Mirror:
        return self.store.stored[ID]

    def target(self) -> list[str]:
        """The texts in the target."""
        return [one.text for one in self.channels.chats[TARGET].values()]


async def _no_sleep(_: float) -> None:
    pass


def all_kinds() -> list[Seen]:
    """Texts, equal ones too, an album, an answer, a hole, what is left out, a long protected caption."""
    album = [film(number, f"album {number}", album=7) for number in (5, 6, 8)]
    return [
        post(2, "one"), post(3, "same"), post(4, "same"), *album, post(7, "between"), post(9, kind="quiz"),
        post(200, "answer", reply_to=3), film(201, "a long caption of a film", protected=True),
        post(202, "text", protected=True), post(203, kind="dice"),
    ]  # fmt: skip


EXPECTED = [
    "one", "same", "same", "album 5", "album 6", "album 8", "between", "answer", "a long cap", "tion of a film", "text"
]  # fmt: skip


async def test_each_message_is_copied_once_whenever_the_worker_dies() -> None:
    """With what Telegram knows of keys, and without: then what took effect is found in the target."""
    for forgets in (False, True):
        whole = Stage(all_kinds())
        await whole.life()
        assert whole.target() == EXPECTED
        for number in range(whole.steps.count):
            stage = Stage(all_kinds(), unforgetting=forgets)
            stage.steps.restart(number)
            await stage.lives()
            assert stage.target() == EXPECTED, number
            copies = stage.channels.chats[TARGET]
            assert stage.mirror.left_out == {LEFT_OUT["quiz"]: 1, LEFT_OUT["dice"]: 1}
            assert (stage.mirror.place, stage.mirror.pending) == (203, None)
            held = {message: copy for (_, message), copy in stage.store.held.items()}
            assert {message: copies[copy.target].text for message, copy in held.items()} == {
                one.id: one.text[:10] if one.id == 201 else one.text
                for one in all_kinds() if one.kind not in LEFT_OUT
            }  # fmt: skip
            assert [copies[id].text for id in held[201].more] == ["tion of a film"]
            assert copies[held[200].target].reply_to == held[3].target
            assert {one.key.file_unique_id for one in stage.files} == {"f5", "f6", "f8", "f201"}


async def test_one_message_that_is_refused_costs_only_itself() -> None:
    """By bisection, in order; another way is tried, or it is counted. Also where Telegram leaves it out silently."""
    posts = [film(number, str(number)) for number in range(1, 121)]
    table: tuple[tuple[dict[str, object], Callable[[int], bool]], ...] = (
        ({"refused": {57}}, lambda number: True),
        ({"never": {57}}, lambda number: number != 57),
        ({"never": {1, 100, 120}}, lambda number: number not in (1, 100, 120)),
        ({"refused": {1, 2, 3}}, lambda number: True),
    )
    for faults, wanted in table:
        stage = Stage(posts, **faults)
        await stage.life()
        assert stage.target() == [str(number) for number in range(1, 121) if wanted(number)], faults
        left = 120 - len(stage.target())
        assert sum(stage.mirror.left_out.values()) == left
        assert (stage.mirror.copied, stage.mirror.place) == (120 - left, 120)
    stage = Stage(posts, skipped={57, 58})
    await stage.life()
    assert sorted(map(int, stage.target())) == list(range(1, 121))
    assert stage.mirror.left_out == {}


async def test_refusals_through_deaths() -> None:
    whole = Stage(all_kinds(), refused={4}, never={7})
    await whole.life()
    for number in range(whole.steps.count):
        stage = Stage(all_kinds(), refused={4}, never={7})
        stage.steps.restart(number)
        await stage.lives()
        assert stage.target() == [text for text in EXPECTED if text != "between"], number
        assert sum(stage.mirror.left_out.values()) == 3, number


async def test_a_message_that_is_deleted_while_it_waits_to_be_found_again() -> None:
    stage = Stage([post(1, "one"), post(2, "two"), post(3, "three")])
    stage.steps.restart(killed_when=lambda: stage.mirror.pending is not None)
    await stage_dies(stage)
    del stage.channels.chats[SOURCE][2]
    await stage.lives()
    assert stage.target() == ["one", "three"]


async def stage_dies(stage: Stage) -> None:
    try:
        await stage.life()
    except Killed:
        stage.steps.restart()


async def test_an_album_whose_members_come_one_by_one_is_whole() -> None:
    stage = Stage([film(1, "a", album=3), film(2, "b", album=3)])

    async def arrive(_: float) -> None:
        stage.channels.chats[SOURCE][3] = film(3, "c", album=3)

    held = HeldMirror(stage.store, stage.mirror, worker="w", clock=lambda: 0.0)
    copying = Copying(held, stage.channels, on_copied=stage._copied, sleep=arrive)
    await copying.look()
    while await copying.step():
        pass
    assert stage.channels.requests == ["forward [1, 2, 3]"]


async def test_a_mirror_that_somebody_else_changes_is_written_all_the_same() -> None:
    stage = Stage([post(1, "one")])
    held = HeldMirror(stage.store, stage.mirror, worker="w", clock=lambda: 0.0)
    stage.store.stored[ID] = replace(stage.mirror, deletions=True, version=5)
    await held.write(place=4)
    assert (stage.mirror.place, stage.mirror.deletions) == (4, True)
