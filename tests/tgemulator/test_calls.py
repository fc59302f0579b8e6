"""A real client plays into an emulated call: py-tgcalls over MTProto and UDP, judged by what is heard and seen."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.caller import Caller, caller
from tests.support.emulation import trusted
from tests.support.waiting import until
from tgemulator.emulator import Emulator
from tgemulator.sfu.pictures import largest_layer, pictures
from tgemulator.sfu.recording import Recording
from tgemulator.sfu.rtp import AUDIO_CLOCK, VIDEO_CLOCK
from tgemulator.sfu.sound import SILENCE, gaps, level_of, runs, strongest, tones
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
        await until(lambda: stage.heard()[:1] >= [(440, 2)], timeout=30, pause=0.2)
        await stage.playing.say("pause")
        await stage.playing.say("resume")
        await until(lambda: stage.heard()[-1][1] >= 1, timeout=30, pause=0.2)
        await stage.playing.say("play " + alternating(880, seconds=30))
        await until(lambda: stage.heard()[-1][0] == 880, timeout=30, pause=0.2)
        assert {tone for tone, _ in stage.heard()} <= {440, 880, 0}
        assert len({arrival.packet.source for arrival in stage.recording.audio()}) == 1


@pytest.mark.proof
async def test_pictures_arrive_with_their_sound(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        sound, picture = alternating(*6 * (440, 880)), brightening(*6 * (40, 200))
        await stage.playing.say(f"watch {sound} | {picture}")
        await until(lambda: len(stage.recording.audio()) >= 120, timeout=60)
        found = list(pictures(stage.recording))
        assert {(one.image.width, one.image.height) for one in found} == {(1280, 720)}
        assert (len(found) - 1) / (found[-1].at - found[0].at) >= 25
        shades = [bytes(one.image.planes[0])[0] > 128 for one in found]
        turned = [after.at for after, (old, new) in zip(found[1:], pairwise(shades), strict=True) if old != new]
        changed = [run.at for run in runs(tones(stage.recording.audio(), window=0.1), window=0.1)][1:]
        apart = [b - a for a, b in zip(turned, changed, strict=False)]
        assert len(apart) >= 4
        assert max(apart) - min(apart) <= 0.1  # how far depends on when the two programs started
        layer = largest_layer(stage.recording.video())
        shown = next(arrival for arrival in stage.recording.video() if arrival.packet.source == layer)
        clocks = [(stage.recording.audio()[0], AUDIO_CLOCK), (shown, VIDEO_CLOCK)]
        ahead = [(stage.recording.sent_at(one.packet, clock=clock) or 0.0) - one.at for one, clock in clocks]
        assert abs(ahead[0] - ahead[1]) <= 0.1  # the sender's reports place both as their arrival does


@pytest.mark.proof
async def test_a_lost_media_server_is_told_by_no_event_but_by_a_check(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.playing.say("play " + alternating(440, seconds=30))
        await until(lambda: len(stage.recording.audio()) > 10, timeout=30)
        with stage.emulator.faults.call_closed():
            assert len(stage.recording.closed) == 1
            await stage.playing.say("leave")
        await stage.playing.say("play " + alternating(880, seconds=30))
        await until(lambda: len(stage.recording.connected) == 2 and stage.heard()[-1][0] == 880, timeout=30, pause=0.2)


@pytest.mark.proof
async def test_a_client_records_those_who_speak_by_themselves(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        bob = stage.emulator.world.add_user("+15550101", first_name="Bob")
        await stage.playing.say("play " + alternating(880, seconds=30))
        await stage.playing.say(f"record {tmp_path / 'heard.pcm'}")
        stage.emulator.speak(stage.call, stage.emulator.world.calls.join(stage.call, bob), frequency=440)
        file = tmp_path / "heard.pcm"
        await until(lambda: file.exists() and file.stat().st_size >= 4 * 192_000, timeout=30, pause=0.2)
        await stage.playing.say("leave")
        last = array("h", file.read_bytes()[3 * 192_000 : 4 * 192_000])[::2]
        assert level_of(last) > SILENCE
        assert round(strongest(last, rate=48_000), -1) == 440
