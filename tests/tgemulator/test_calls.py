"""A real client plays into an emulated call: py-tgcalls over MTProto and UDP, judged by what is heard and seen."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.caller import Caller, caller
from tests.support.emulation import trusted
from tests.support.waiting import until
from tgemulator.emulator import Emulator
from tgemulator.sfu.pictures import pictures
from tgemulator.sfu.recording import Recording
from tgemulator.sfu.sound import gaps, runs, strongest, tones
from tgemulator.world.call_model import GroupCall


def alternating(*frequencies: int, seconds: int = 1) -> str:
    """A command that writes tones one after the other; the library finds programs by their names only."""
    tone = f"sample_rate=48000:duration={seconds}"
    inputs = " ".join(f"-f lavfi -i sine=frequency={number}:{tone}" for number in frequencies)
    joined = "".join(f"[{number}]" for number in range(len(frequencies)))
    filters = f"{joined}concat=n={len(frequencies)}:v=0:a=1,volume=4"
    return f"ffmpeg -v error {inputs} -filter_complex {filters} -f s16le -ac 2 -ar 48000 -"


def brightening(*greys: int) -> str:
    """A command that writes pictures of 1280x720, a second of each shade."""
    shades = [f"-f lavfi -i color=0x{3 * f'{grey:02x}'}:size=1280x720:rate=30:duration=1" for grey in greys]
    joined = "".join(f"[{number}]" for number in range(len(greys)))
    filters = f"{joined}concat=n={len(greys)}:v=1:a=0"
    return f"ffmpeg -v error {' '.join(shades)} -filter_complex {filters} -f rawvideo -pix_fmt yuv420p -"


@dataclass(slots=True)
class Stage:
    """Ada plays into the call of her supergroup."""

    emulator: Emulator
    call: GroupCall
    recording: Recording
    playing: Caller

    def heard(self, **between: float) -> list[tuple[float, float]]:
        """(Hz to the nearest ten, seconds) of each tone."""
        found = runs(tones(self.recording.audio(**between)))
        return [(round(run.frequency or 0, -1), run.seconds) for run in found]


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    async with Emulator() as emulator:
        with trusted(emulator):
            ada = emulator.world.add_user("+15550100", first_name="Ada")
            club = emulator.world.add_channel("Club", creator=ada, megagroup=True)
            call = emulator.world.calls.create(club)
            async with caller(emulator, ada, club, folder) as playing:
                yield Stage(emulator, call, emulator.recording(call, ada), playing)


async def test_tones_that_a_client_plays_are_heard_in_order(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.playing.say("play " + alternating(440, 880, 440, 880))
        await until(lambda: len(stage.recording.audio()) >= 60, timeout=30)
        await stage.playing.say("leave")
        assert stage.call.participants == {}
        assert [tone for tone, _ in stage.heard()] == [440, 880, 440, 880]
        assert gaps(stage.recording.audio()) == []


@pytest.mark.proof
async def test_a_pause_is_silent_and_a_second_source_replaces_the_first(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.playing.say("play " + alternating(440, seconds=30))
        await until(lambda: len(stage.heard()) == 1 and stage.heard()[0][1] >= 2, timeout=30, pause=0.2)
        await stage.playing.say("pause")
        await until(lambda: stage.call.participants[("user", stage.call.creator_id)].muted)
        paused = stage.recording.audio()[-1].at
        await until(lambda: len(stage.recording.audio(since=paused + 2)) > 3, timeout=30, pause=0.2)
        assert stage.heard(since=paused + 0.5)[0] == (0, 1.5)
        await stage.playing.say("resume")
        await stage.playing.say("play " + alternating(880, seconds=30))
        await until(lambda: stage.heard()[-1][0] == 880, timeout=30, pause=0.2)


@pytest.mark.proof
async def test_pictures_arrive_with_their_sound(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.playing.say(f"watch {alternating(440, 880, 440, 880, 440)} | {brightening(40, 80, 120, 160, 200)}")
        try:
            await until(lambda: len(stage.recording.audio()) >= 75, timeout=20)
        except TimeoutError:
            pass
        found = list(pictures(stage.recording))
        print(len(found), found[-1].image.width, stage.recording.counts, stage.heard(), stage.recording.reports)


@pytest.mark.proof
async def test_a_client_hears_those_who_speak_by_themselves(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        bob = stage.emulator.world.add_user("+15550101", first_name="Bob")
        one = stage.emulator.world.calls.join(stage.call, bob)
        stage.emulator.speak(stage.call, one, frequency=440)
        await stage.playing.say("play " + alternating(880, seconds=30))
        print(await stage.playing.say(f"record {tmp_path / 'heard.pcm'}"))
        await until(lambda: len(stage.recording.audio()) >= 60, timeout=30)
        await stage.playing.say("leave")
        data = array("h", (tmp_path / "heard.pcm").read_bytes())
        print(len(data), [strongest(data[at : at + 19200 : 2], rate=48000) for at in range(0, len(data), 19200)])
