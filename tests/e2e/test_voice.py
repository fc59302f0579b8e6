"""Songs of the library in an emulated call: product processes, and the sound that is heard in the end."""

import os
import signal
import time
from pathlib import Path

from tests.support.voice_stage import VoiceStage, second_of, voice_stage
from tests.support.waiting import until

OTHER = 2550
"""Hz of the first second of another song."""


async def test_a_song_is_heard_paused_sought_and_skipped(tmp_path: Path) -> None:
    async with voice_stage(tmp_path) as stage:
        first, second = await stage.post_song(40), await stage.post_song(20, "other.wav", first=OTHER)
        await stage.ask("play", {"items": [first, second]})
        await stage.hears_second(2)
        assert [second_of(one) for one in stage.heard()][:3] == [0, 1, 2], "from its beginning, in order"

        paused = await stage.ask("pause")
        assert paused["status"] == "paused"
        await is_silent(stage)
        began = time.time()
        await stage.ask("resume")
        run = await stage.hears_second(round(paused["position"]) + 1, since=began)
        assert run.at - began < 5

        began = time.time()
        sought = await stage.ask("seek", {"position": 20})
        assert sought["position"] == 20
        await stage.hears_second(22, since=began)
        assert [second_of(one) for one in stage.heard(began) if (second_of(one) or 0) >= 20][:2] == [20, 21]

        began = time.time()
        skipped = await stage.ask("skip")
        assert (skipped["item"]["name"], skipped["queue"]) == ("other.wav", [])
        await until(lambda: any(abs((one.frequency or 0) - OTHER) < 15 for one in stage.heard(began)), timeout=20)
        stopped = await stage.ask("stop")
        assert (stopped["status"], stopped["item"]) == ("idle", None)
        await until(lambda: stage.call.of_account(stage.voice.id) is None, timeout=20)


async def is_silent(stage: VoiceStage) -> None:
    """Wait until half a second brought no sound."""

    def quiet() -> bool:
        return not any(one.frequency for one in stage.heard(time.time() - 1.2))

    await until(quiet, timeout=10, pause=0.2)


async def test_music_comes_back_where_it_was_when_the_voice_process_is_killed(tmp_path: Path) -> None:
    async with voice_stage(tmp_path) as stage:
        await stage.ask("play", {"items": [await stage.post_song(60)]})
        await stage.hears_second(3)
        at = (await stage.ask())["position"]
        killed = time.time()
        for pid in children_of(stage.server.pid):
            os.kill(pid, signal.SIGKILL)
        back = await stage.hears_second(round(at) + 1, since=killed + 0.5, seconds=30)
        assert back.at - killed < 12


def children_of(pid: int) -> list[int]:
    """The processes that a process has started itself, and runs."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split() if b"voice" in Path(f"/proc/{one}/cmdline").read_bytes()]
