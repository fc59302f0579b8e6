"""Songs of the library in an emulated call: product processes, and the sound that is heard in the end."""

from pathlib import Path

from tests.support.voice_stage import second_of, voice_stage


async def test_a_song_is_heard_paused_sought_and_skipped(tmp_path: Path) -> None:
    async with voice_stage(tmp_path) as stage:
        first, second = await stage.post_song(30), await stage.post_song(20, "other.wav", first=2550)
        await stage.ask("play", {"items": [first, second]})
        await stage.reaches("playing")
        await stage.hears_second(2)
        print([(second_of(one), one.seconds) for one in stage.heard()])
