"""`python -m benchmarks.playback --quick` measures everything that it says; its figures are for RESULTS.md."""

import pytest

from benchmarks.playback.cost import cost
from benchmarks.playback.playing import crowd, traffic
from benchmarks.streaming.options import Options
from tests.support.programs import program

OPTIONS = Options(1, quick=True)


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_repackaging_is_measured() -> None:
    program("ffmpeg")
    lines = [*cost(OPTIONS), *traffic(OPTIONS), *crowd(OPTIONS)]
    assert not [line.failed for line in lines if line.failed]
    assert all(line.values for line in lines)
    assert not [line.case for line in lines if line.missed and ("memory" in line.case or "refusals" in line.case)]
