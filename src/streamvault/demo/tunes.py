"""The demo's sound: a plucked melody over soft chords, as a formula for FFmpeg's aevalsrc.

The melody is a random walk on a scale, determined by a seed, and does not repeat within a film, so that a listener can
hear where a seek ended.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import av.filter

PENTATONIC = (0, 2, 4, 7, 9, 12, 14, 16, 19, 21)
DORIAN = (0, 2, 3, 5, 7, 9, 10, 12, 14, 15)
CHORDS = ((0, 7, 16), (-3, 4, 12), (-7, 0, 9), (-5, 2, 11))


@dataclass(frozen=True, slots=True)
class Tune:
    """`root` in Hz, `pace` in notes per second; `scale` and chords in semitones above the root."""

    seed: int
    root: float = 220.0
    pace: float = 2.5
    scale: tuple[int, ...] = PENTATONIC
    chords: tuple[tuple[int, ...], ...] = CHORDS


def play(tune: Tune, *, seconds: float, rate: int = 48_000) -> Iterator[Any]:
    """Stereo `av.AudioFrame`s, `seconds` long in all."""
    graph = av.filter.Graph()
    source = graph.add(
        "aevalsrc", exprs=_formula(tune, seconds), duration=f"{seconds}", sample_rate="8000", nb_samples="1024"
    )
    filters = (
        ("aresample", f"{rate}"),  # the formula has nothing above 3.6 kHz and is slow to evaluate
        ("aecho", "0.9:0.5:190|310:0.28|0.18"),
        ("haas", "level_in=0.9"),
        ("afade", f"type=out:start_time={max(0.0, seconds - 2)}:duration=2"),
        ("atrim", f"duration={seconds}"),
        ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
    )
    graph.link_nodes(source, *(graph.add(name, args) for name, args in filters), graph.add("abuffersink")).configure()
    while True:
        try:
            yield graph.pull()
        except (EOFError, av.error.EOFError):
            return


def _formula(tune: Tune, seconds: float) -> str:
    rng = random.Random(tune.seed)
    count = max(1, round(seconds * tune.pace))
    position, notes = len(tune.scale) // 2, []
    for _ in range(count):
        position = min(len(tune.scale) - 1, max(0, position + rng.choice((-2, -1, -1, 0, 1, 1, 2))))
        notes.append(_pitch(tune, 12 + tune.scale[position]))
    bars = 4 * tune.pace
    chords = [tuple(_pitch(tune, step) for step in chord) for chord in tune.chords]
    voices = (
        f"st(0,floor(t*{tune.pace}));st(1,t*{tune.pace}-ld(0));st(2,{_choose(notes, 'ld(0)')});"
        f"st(3,mod(floor(ld(0)/{round(bars / tune.pace * 2)}),{len(chords)}));"
        "st(4,min(1,ld(1)*40)*exp(-3.2*ld(1))*min(1,(1-ld(1))*12));"
        "0.26*ld(4)*(sin(2*PI*t*ld(2))+0.32*sin(4*PI*t*ld(2)))"
    )
    for voice in range(len(chords[0])):
        pitches = [chord[voice] for chord in chords]
        voices += f"+0.055*sin(2*PI*t*{_choose(pitches, 'ld(3)')})*(0.75+0.25*sin(t*{0.9 + voice * 0.37}))"
    return voices


def _pitch(tune: Tune, step: int) -> float:
    return round(tune.root * 2 ** (step / 12), 3)


def _choose(values: list[float], index: str) -> str:
    """A formula for `values[index]`: a balanced tree of conditions."""

    def tree(low: int, high: int) -> str:
        if high - low == 1:
            return str(values[low])
        middle = (low + high) // 2
        return f"if(lt({index},{middle}),{tree(low, middle)},{tree(middle, high)})"

    return tree(0, len(values))
