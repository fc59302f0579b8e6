"""The image's PyAV has no code of x264 and x265, and plays films as PyAV's wheel does."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.support import chirp_films
from tests.support.container import ROOT, stages
from tests.support.film_played import played
from tests.support.programs import program

SCRIPT = ROOT / "docker" / "without_gpl.py"
PACKAGES = Path(av.__file__).parents[1]
CODE = (b"x264 - core", b"x265 [", b"x264_8_", b"x264_10_", b"x265_10bit", b"--crf", b"bframes", b"superfast")
"""Found in the libraries of one or of both."""


def run(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A program of this Python, from the repository's folder."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


def originals() -> list[Path]:
    """libx264 and libx265 of the wheel."""
    return sorted((PACKAGES / "av.libs").glob("libx26[45]-*"))


@pytest.fixture(scope="module")
def replaced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of av and av.libs, as the image has them."""
    for name in ("gcc", "nm", "readelf"):
        program(name)
    folder = tmp_path_factory.mktemp("packages")
    for name in ("av", "av.libs"):
        shutil.copytree(PACKAGES / name, folder / name)
    done = run(SCRIPT, folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def hevc_film() -> Path:
    """4 s of HEVC and AC-3."""
    coder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=24", "-tag:v", "hvc1")
    return chirp_films.made("hevc.mp4", *chirp_films.picture(4), *chirp_films.chirp(4), *coder, "-c:a", "ac3")


@pytest.mark.parametrize(("film", "codec"), [(chirp_films.short_film, "h264"), (hevc_film, "hevc")])
def test_films_are_played_as_with_the_wheel(replaced: Path, film: Callable[[], Path], codec: str) -> None:
    path = film()
    done = run("-m", "tests.support.film_played", path, PYTHONPATH=str(replaced))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told.pop("av")).is_relative_to(replaced)
    assert told["codecs"] == [codec, "aac"]
    assert len(told["pictures"]) > 90
    assert told == played(path)


def test_nothing_is_left_of_both_libraries(replaced: Path) -> None:
    assert [path.name[:7] for path in originals()] == ["libx264", "libx265"]
    for original in originals():
        there = (replaced / "av.libs" / original.name).read_bytes()
        assert any(word in original.read_bytes() for word in CODE)
        assert not any(word in there for word in CODE)
        assert len(there) < 20_000


def test_ffmpeg_itself_has_no_parts_under_the_gpl() -> None:
    for library in av._core.library_meta.values():
        assert library["license"].startswith("LGPL")
        assert not {"--enable-gpl", "--enable-nonfree"} & set(library["configuration"].split())


@pytest.mark.parametrize("encoder", ["libx264", "libx264rgb", "libx265"])
def test_an_encoder_that_is_not_there_is_an_error(replaced: Path, encoder: str) -> None:
    code = (
        "import sys, av; from fractions import Fraction\n"
        "context = av.CodecContext.create(sys.argv[1], 'w')\n"
        "context.width, context.height, context.time_base = 64, 64, Fraction(1, 25)\n"
        "context.pix_fmt = 'rgb24' if sys.argv[1].endswith('rgb') else 'yuv420p'\n"
        "try:\n    context.open()\n"
        "except av.error.ExternalError:\n    print('not there')\n"
    )
    done = run("-c", code, encoder, PYTHONPATH=str(replaced))
    assert (done.returncode, done.stdout) == (0, "not there\n"), done.stderr


def test_the_demo_says_what_it_misses(replaced: Path, tmp_path: Path) -> None:
    code = (
        "from streamvault.demo.content.films import RECIPES; "
        "print(next(name for name in RECIPES if name.endswith('.mp4')))"
    )
    name = run("-c", code).stdout.strip()
    done = run("-m", "streamvault.demo.make", tmp_path, name, PYTHONPATH=str(replaced))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("an encoder does not work; the Docker image has no x264")
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_that_is_not_as_expected_is_an_error(tmp_path: Path) -> None:
    """No libraries; none that takes anything from them; a file that is no library."""
    libraries = tmp_path / "av.libs"
    done = run(SCRIPT, tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"without_gpl: one libx264-*.so.* was expected in {libraries}, there are 0\n"
    libraries.mkdir()
    alone = libraries / originals()[0].name
    shutil.copy(originals()[0], alone)
    done = run(SCRIPT, tmp_path)
    assert (done.returncode, done.stderr) == (1, f"without_gpl: no library takes anything from {alone.name}\n")
    assert alone.read_bytes() == originals()[0].read_bytes()
    alone.write_bytes(b"no library")
    done = run(SCRIPT, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("without_gpl: nm failed: ")


def test_the_image_is_built_with_it() -> None:
    """Before the second stage copies the environment, and proven by an import."""
    _, build, final = stages()
    [line] = [line for line in build.every("RUN") if SCRIPT.name in line]
    place = final.every("COPY")[0].split()[1]
    assert line == f'{place}/bin/python docker/{SCRIPT.name} && {place}/bin/python -c "import av"'
    [tools] = [line for line in build.every("RUN") if "apt-get install" in line]
    assert {"gcc", "binutils"} <= set(tools.split())
    assert not any("apt-get" in line for line in final.every("RUN"))
