"""A real client plays into an emulated call: py-tgcalls over MTProto and UDP, judged by the sound that is heard."""

from pathlib import Path

from tests.support.caller import caller
from tests.support.emulation import trusted
from tests.support.waiting import until
from tgemulator.emulator import Emulator
from tgemulator.sfu.sound import gaps, runs, tones


def alternating(*frequencies: int) -> str:
    """A command that writes tones of a second each; the library finds programs by their names only."""
    inputs = " ".join(f"-f lavfi -i sine=frequency={number}:sample_rate=48000:duration=1" for number in frequencies)
    joined = "".join(f"[{number}]" for number in range(len(frequencies)))
    filters = f"{joined}concat=n={len(frequencies)}:v=0:a=1,volume=4"
    return f"ffmpeg -v error {inputs} -filter_complex {filters} -f s16le -ac 2 -ar 48000 -"


async def test_tones_that_a_client_plays_are_heard_in_order(tmp_path: Path) -> None:
    async with Emulator() as emulator:
        with trusted(emulator):
            ada = emulator.world.add_user("+15550100", first_name="Ada")
            club = emulator.world.add_channel("Club", creator=ada, megagroup=True)
            call = emulator.world.calls.create(club)
            async with caller(emulator, ada, club, tmp_path) as playing:
                assert "done" in await playing.say("play " + alternating(440, 880, 440, 880))
                recording = emulator.recording(call, ada)
                await until(lambda: len(recording.audio()) >= 60, timeout=30)
                await playing.say("leave")
                assert call.participants == {}
            heard = runs(tones(recording.audio()))
            assert [round(run.frequency or 0, -1) for run in heard] == [440, 880, 440, 880]
            assert gaps(recording.audio()) == []
